"""One server process: started, stopped, killed, frozen and thawed.

Nothing here is a daemon of the machine's, and nothing outlives the tests: the kernel kills a
server when the process that started it dies, however it dies.
"""

from __future__ import annotations

import random
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

DEADLINE_S: Final = 30.0
"""For what should take a second: two cores may be busy with other things."""

PORTS: Final = range(20_000, 32_000)
"""Below those that the kernel gives to outgoing connections: what is restarted finds its own."""

HOST: Final = "127.0.0.1"


class ServerError(Exception):
    """A server cannot be had on this machine, or does not do its part; the message says why."""


def redis_server() -> list[str]:
    """Return the command that starts Redis.

    Raises:
        ServerError: It is not here.
    """
    return [_program("redis-server")]


def redis_cli() -> str:
    """Return the command-line client, which makes clusters.

    Raises:
        ServerError: It is not here.
    """
    return _program("redis-cli")


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        message = f"`{name}` is not here, and the stores are tried on a real one: `make unit` "
        raise ServerError(message + "installs it as root, else `apt-get install redis-server`")
    return found


def free_ports(count: int) -> list[int]:
    """Return different ports that nobody listens at."""
    found: list[int] = []
    while len(found) < count:
        port = random.choice(PORTS)  # noqa: S311 - workers that start together should differ
        with socket.socket() as door:
            door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if port not in found and door.connect_ex((HOST, port)) != 0:
                found.append(port)
    return found


def wait_until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait until a server says what it should; asking it costs enough to need no sleep.

    Raises:
        ServerError: It did not.
    """
    end = time.monotonic() + deadline_s
    pause = 0.001
    while not condition():
        if time.monotonic() > end:
            raise ServerError(f"waited {deadline_s:.0f} s in vain: {what}")
        time.sleep(pause)
        pause = min(pause * 2, 0.05)


@dataclass
class Node:
    """A server, or what is left of it.

    Attributes:
        folder: Its own, for whatever it writes.
        more: Settings besides those that every server here has, as on the command line.
        command: What starts it; `redis-server`, if not said.
        seen: Its folder as it sees it itself, where it runs in a root of its own.
        login: How the tests themselves connect, for redis-py.
    """

    folder: Path
    port: int
    more: Sequence[str] = ()
    command: Sequence[str] = field(default_factory=redis_server)
    seen: str = ""
    login: dict[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> Node:
        """Start it, and wait until it answers."""
        assert self.process is None
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._words(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        wait_until(self._answers, f"{' '.join(self.command)} at port {self.port} answers")
        return self

    def _words(self) -> list[str]:
        # Nothing of it is to outlive a test run that is killed.
        guard = ["setpriv", "--pdeathsig", "KILL"]
        listen = [] if "--port" in self.more else ["--port", str(self.port)]
        common = ["--bind", HOST, "--dir", self.seen or str(self.folder), "--save", ""]
        return [*guard, *self.command, *self.more, *listen, *common, "--daemonize", "no"]

    def _answers(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            said = (self.folder / "log").read_text(errors="replace")[-1500:]
            raise ServerError(f"the server at port {self.port} ended at once:\n{said}")
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def client(self) -> redis.Redis:
        """Connect to it, with every right, to hear just what it says; the caller closes."""
        plain: dict[str, Any] = {"decode_responses": True, "protocol": 2, "socket_timeout": 5.0}
        client = redis.Redis(host=HOST, port=self.port, **plain, **self.login)
        client.response_callbacks.clear()
        return client

    def ask(self, *words: str) -> Any:
        """Ask one thing of it, as an operator would."""
        with self.client() as client:
            return client.execute_command(*words)

    def commands(self) -> int:
        """Return how many commands it has done since it was started."""
        said: str = self.ask("INFO", "stats")
        (count,) = (line for line in said.split("\r\n") if line.startswith("total_commands_proc"))
        return int(count.partition(":")[2])

    def kill(self) -> None:
        """Kill it, as a power cut would: it says good-bye to nobody."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def stop(self) -> None:
        """End it, however it is."""
        if self.process is not None:
            self.kill()  # also a frozen one ends by that; and nothing here is to be saved

    def freeze(self) -> None:
        """Let it hang: its port takes connections, and nothing answers."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it run on as if nothing had been."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)
