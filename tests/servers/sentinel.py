"""A master, two replicas, and three sentinels that watch them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import redis

from tests.servers.node import HOST, Node, free_ports, redis_server, wait_until

if TYPE_CHECKING:
    from pathlib import Path

NAME: Final = "mymaster"

PATIENT_MS: Final = 15_000
"""After which a silent master counts as dead: long, so that a busy machine moves nothing."""

HASTY_MS: Final = 500
"""The same, where a master is killed on purpose."""

REPLICATING: Final = ("--appendonly", "no", "--repl-diskless-sync-delay", "0")


class Sentinels:
    """Six servers.

    Attributes:
        nodes: The master and its replicas, by port.
        sentinels: Those that watch.
    """

    def __init__(self, folder: Path, down_after_ms: int = PATIENT_MS) -> None:
        self.folder = folder
        self.down_after_ms = down_after_ms
        ports = free_ports(6)
        first = ports[0]
        follow = ("--replicaof", f"{HOST} {first}")
        self.nodes = {first: Node(folder / str(first), first, REPLICATING)}
        self.nodes |= {
            port: Node(folder / str(port), port, (*REPLICATING, *follow)) for port in ports[1:3]
        }
        self.sentinels = [self._sentinel(port, first) for port in ports[3:]]

    def _sentinel(self, port: int, master: int) -> Node:
        folder = self.folder / str(port)
        folder.mkdir(parents=True)
        settings = [
            f"sentinel monitor {NAME} {HOST} {master} 2",
            f"sentinel down-after-milliseconds {NAME} {self.down_after_ms}",
            f"sentinel failover-timeout {NAME} 3000",
            f"sentinel parallel-syncs {NAME} 2",
        ]
        file = folder / "sentinel.conf"
        file.write_text("\n".join(settings) + "\n")
        return Node(folder, port, ("--sentinel",), [*redis_server(), str(file)])

    @property
    def url(self) -> str:
        """What dialguard is told: the sentinels, and by which name they know the master."""
        hosts = ",".join(f"{HOST}:{node.port}" for node in self.sentinels)
        return f"redis+sentinel://{hosts}/{NAME}"

    def start(self) -> None:
        """Start all of them; wait until the sentinels know each other and every replica."""
        for node in (*self.nodes.values(), *self.sentinels):
            node.start()
        wait_until(lambda: self._is_whole(followers=2), "the sentinels see everybody")

    def _is_whole(self, followers: int) -> bool:
        for node in self.sentinels:
            said = node.ask("SENTINEL MASTER", NAME)
            known = dict(zip(said[::2], said[1::2], strict=True))
            if known["flags"] != "master" or int(known["num-other-sentinels"]) != 2:
                return False
            if int(known["num-slaves"]) < 2:
                return False
        role = self.master().ask("ROLE")
        return bool(role[0] == "master" and len(role[2]) == followers)

    def stop(self) -> None:
        """End all of them."""
        for node in (*self.sentinels, *self.nodes.values()):
            node.stop()

    def master(self) -> Node:
        """Return the master, as the sentinels tell."""
        _, port = self.sentinels[0].ask("SENTINEL GET-MASTER-ADDR-BY-NAME", NAME)
        return self.nodes[int(port)]

    def empty(self) -> None:
        """Forget everything, as new servers."""
        self.master().ask("FLUSHALL")

    def fail_over(self) -> Node:
        """Kill the master, and wait until all sentinels name another one; return the dead."""
        dead = self.master()
        dead.kill()
        wait_until(lambda: self._has_moved(dead), "a replica takes over")
        return dead

    def _has_moved(self, dead: Node) -> bool:
        try:
            named = {
                int(node.ask("SENTINEL GET-MASTER-ADDR-BY-NAME", NAME)[1])
                for node in self.sentinels
            }
        except redis.RedisError:  # asked amid the election
            return False
        if named & {dead.port} or len(named) != 1:
            return False
        return bool(self.master().ask("ROLE")[0] == "master")

    def revive(self, node: Node) -> None:
        """Start a dead node again, and wait until it follows the master of today."""
        # The sentinels would tell it too, but only after ten seconds.
        node.more = (*REPLICATING, "--replicaof", f"{HOST} {self.master().port}")
        node.start()
        wait_until(lambda: self._is_whole(followers=2), "the dead one follows")
