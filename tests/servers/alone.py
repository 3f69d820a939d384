"""Servers that stand alone: Redis, Redis with TLS and a user of few rights, Valkey."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.e2e.rig.roots import valkey_root
from tests.servers.certificates import make_certificates
from tests.servers.node import HOST, Node, free_ports

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD: Final = "correct-horse"
"""Of the user that may touch nothing but dialguard's own keys."""

OPERATOR: Final = "battery-staple"
"""Of the tests themselves, which empty the server between them."""


class Alone:
    """One server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.node = self._node()

    def _node(self) -> Node:
        return Node(self.folder, free_ports(1)[0])

    @property
    def url(self) -> str:
        """What dialguard is told."""
        return f"redis://{HOST}:{self.node.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self.node.start()

    def stop(self) -> None:
        """End it."""
        self.node.stop()

    def empty(self) -> None:
        """Forget everything, as a new server."""
        self.node.ask("FLUSHALL")


class Guarded(Alone):
    """A server that speaks TLS only, to a user who may touch `dialguard:*` and nothing else."""

    def _node(self) -> Node:
        make_certificates(self.folder)
        rules = [
            "user default off",
            f"user operator on >{OPERATOR} ~* &* +@all",
            f"user dialguard on >{PASSWORD} ~dialguard:* resetchannels +@all -@admin -@dangerous",
        ]
        (self.folder / "users.acl").write_text("\n".join(rules) + "\n")
        (port,) = free_ports(1)
        files = {name: str(self.folder / name) for name in ("ca.pem", "server.pem", "server.key")}
        more = ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
        more += ["--tls-cert-file", files["server.pem"], "--tls-key-file", files["server.key"]]
        more += ["--tls-ca-cert-file", files["ca.pem"]]
        more += ["--aclfile", str(self.folder / "users.acl")]
        login = {"ssl": True, "ssl_ca_certs": files["ca.pem"]}
        user = {"username": "operator", "password": OPERATOR}
        return Node(self.folder, port, more, login={**login, **user})

    @property
    def url(self) -> str:
        """What dialguard is told; a password is in it."""
        ca = self.folder / "ca.pem"
        return f"rediss://dialguard:{PASSWORD}@{HOST}:{self.node.port}/0?ca={ca}"


class Valkey(Alone):
    """Valkey, of the root that has Asterisk 22: Debian 12 has none of its own."""

    def _node(self) -> Node:
        root = valkey_root()
        self.scratch = root.scratch(f"valkey-{self.folder.name}-{id(self)}")
        command = root.command(root.valkey)
        (port,) = free_ports(1)
        return Node(self.scratch, port, command=command, seen=root.inside(self.scratch))


class Durable(Alone):
    """A Redis that forgets nothing that it has acknowledged, however it ends."""

    def _node(self) -> Node:
        node = super()._node()
        node.more = ("--appendonly", "yes", "--appendfsync", "always")
        return node
