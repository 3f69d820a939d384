"""A Redis Cluster: three masters, and a replica of each."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.servers.node import (
    DEADLINE_S,
    HOST,
    Node,
    ServerError,
    free_ports,
    redis_cli,
    wait_until,
)

if TYPE_CHECKING:
    from pathlib import Path

PATIENT_MS = 15_000
"""After which a silent master counts as dead: long, so that a busy machine moves nothing."""

HASTY_MS = 1_000
"""The same, where a master is killed on purpose."""


class Cluster:
    """Six servers.

    Attributes:
        nodes: All of them, by port.
    """

    def __init__(self, folder: Path, timeout_ms: int = PATIENT_MS) -> None:
        ports = free_ports(12)
        self.nodes = {
            port: Node(folder / str(port), port, _settings(bus, timeout_ms))
            for port, bus in zip(ports[:6], ports[6:], strict=True)
        }

    @property
    def url(self) -> str:
        """What dialguard is told: some of the nodes, it finds the others."""
        some = ",".join(f"{HOST}:{port}" for port in list(self.nodes)[:3])
        return f"redis+cluster://{some}"

    def start(self) -> None:
        """Start all of them and make them one cluster; wait until each of them says so."""
        for node in self.nodes.values():
            node.start()
        create = [redis_cli(), "--cluster", "create", *(f"{HOST}:{port}" for port in self.nodes)]
        done = subprocess.run(
            [*create, "--cluster-replicas", "1", "--cluster-yes"],
            check=False,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
        )
        if done.returncode != 0:
            raise ServerError(f"no cluster: {done.stdout[-800:]}{done.stderr[-300:]}")
        wait_until(self._is_whole, "the cluster is whole")

    def _is_whole(self) -> bool:
        """Whether every node sees every slot served, and every replica follows."""
        for node in self.nodes.values():
            if "cluster_state:ok" not in node.ask("CLUSTER INFO"):
                return False
        roles = [node.ask("ROLE") for node in self.nodes.values()]
        following = [role for role in roles if role[0] == "slave" and role[3] == "connected"]
        return len(following) == len(self.nodes) - len(self.masters()) == 3

    def stop(self) -> None:
        """End all of them."""
        for node in self.nodes.values():
            node.stop()

    def masters(self) -> list[Node]:
        """Return those that are masters now."""
        running = [node for node in self.nodes.values() if node.process is not None]
        return [node for node in running if node.ask("ROLE")[0] == "master"]

    def empty(self) -> None:
        """Forget everything, as a new cluster; the replicas too."""
        for master in self.masters():
            master.ask("FLUSHALL")

    def keeper(self, site: str) -> Node:
        """Return the master that keeps what there is of a site: the same for all its keys."""
        counts = {node.port: len(node.ask("KEYS", f"*{site}*")) for node in self.masters()}
        most = max(counts, key=lambda port: counts[port])
        if not counts[most]:
            raise ServerError(f"nobody keeps anything of `{site}`")
        return self.nodes[most]

    def fail_over(self, site: str) -> Node:
        """Kill the master that keeps a site, and wait until its replica does; return the dead."""
        dead = self.keeper(site)
        dead.kill()
        wait_until(lambda: self._has_healed(dead), "a replica takes over")
        return dead

    def _has_healed(self, dead: Node) -> bool:
        """Whether all that run agree that three masters serve every slot, and not the dead one."""
        running = [node for node in self.nodes.values() if node.process is not None]
        for node in running:
            serving = {int(master[1]) for _, _, master, *_ in node.ask("CLUSTER SLOTS")}
            if "cluster_state:ok" not in node.ask("CLUSTER INFO") or dead.port in serving:
                return False
        return len(self.masters()) == 3

    def revive(self, node: Node) -> None:
        """Start a dead node again, and wait until the cluster is whole again."""
        node.start()
        wait_until(self._is_whole, "the dead one follows")


def _settings(bus: int, timeout_ms: int) -> list[str]:
    cluster = {
        "enabled": "yes",
        "config-file": "nodes.conf",
        "node-timeout": str(timeout_ms),
        "port": str(bus),
        # A replica may always take over: which is the question, not for how long it was cut off.
        "replica-validity-factor": "0",
    }
    words = [word for name, value in cluster.items() for word in (f"--cluster-{name}", value)]
    return [*words, "--appendonly", "no", "--repl-diskless-sync-delay", "0"]
