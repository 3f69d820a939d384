"""Networks of a test's own, in which nothing reaches anybody else: two machines, and a cable.

`python -m tests.servers.own_network hears PORT` answers whatever comes over UDP and TCP;
`python -m tests.servers.own_network asks PORT` reads lines `udp FROM TO` or `tcp FROM TO`, asks,
and prints `answered` or `silence`. Each keeps its socket for whoever asks again: a call that runs.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import selectors
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]

SILENCE_S: Final = 0.5
"""After which nobody answers any more, between two machines that are one."""

HEARS: Final = "hearing"

AS_ROOT: Final = () if os.geteuid() == 0 else ("--user", "--map-root-user")
INTO: Final = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
"""Whoever is not root is root there, which is enough for one network; a cable takes root."""


@dataclass
class OwnNetwork:
    """A network namespace, for as long as its process lives."""

    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        # The shell says when the network is there, and `cat` ends with us, whatever becomes of us.
        self.process = subprocess.Popen(
            ["unshare", *AS_ROOT, "--net", "sh", "-c", "echo; exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"\n"
        self.run("ip", "link", "set", "lo", "up")

    @property
    def inside(self) -> tuple[str, ...]:
        """The words that have a command run in it."""
        return ("nsenter", "--target", str(self.process.pid), *INTO, "--net")

    def run(self, *words: str, said: str = "") -> str:
        """Run a command in it, which must do what it is to, and return what it prints."""
        done = subprocess.run(
            [*self.inside, *words],
            input=said,
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert done.returncode == 0, f"{words}: {done.stderr}"
        return done.stdout

    def close(self) -> None:
        """Have it be gone, with all that is in it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def nft_inside(network: OwnNetwork, folder: Path) -> str:
    """Make a folder whose `nft` is the real one, in a network; return it as a search path."""
    folder.mkdir()
    program = folder / "nft"
    program.write_text(f'#!/bin/sh\nexec {" ".join(network.inside)} /usr/sbin/nft "$@"\n')
    program.chmod(0o755)
    return str(folder)


def connect(near: OwnNetwork, far: OwnNetwork) -> None:
    """Lay a cable: `cable` on both sides, up, without addresses."""
    inside = ["ip", "link", "add", "cable", "type", "veth", "peer", "name", "cable"]
    near.run(*inside, "netns", str(far.process.pid))
    for each in (near, far):
        each.run("ip", "link", "set", "cable", "up")


def give_address(network: OwnNetwork, address: str, *, of: str = "") -> None:
    """Give an interface an address, which it may use at once; `of` is its network's prefix."""
    version = ipaddress.ip_address(address).version
    prefix = of or ("32" if version == 4 else "128")
    more = ["nodad"] if version == 6 else []
    network.run("ip", "address", "add", f"{address}/{prefix}", "dev", "cable", *more)


class Asker:
    """Whoever asks from the far side, from whatever address it has."""

    def __init__(self, network: OwnNetwork, port: int) -> None:
        self._process = subprocess.Popen(
            [*network.inside, sys.executable, "-m", __name__, "asks", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=ROOT,
        )

    def hears(self, layer: str, source: str, to: str) -> bool:
        """Ask once; whether there is an answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{layer} {source} {to}\n")
        said = self._process.stdout.readline().strip()
        assert said in {"answered", "silence"}, said
        return said == "answered"

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=30)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _ask(port: int) -> None:
    kept: dict[tuple[str, str, str], socket.socket] = {}
    for line in sys.stdin:
        layer, source, to = line.split()
        try:
            way = kept.get((layer, source, to))
            if way is None:
                kind = socket.SOCK_DGRAM if layer == "udp" else socket.SOCK_STREAM
                way = socket.socket(_family(to), kind)
                way.settimeout(SILENCE_S)
                way.bind((source, 0))
                way.connect((to, port))
                kept[layer, source, to] = way
            way.setblocking(False)
            with contextlib.suppress(BlockingIOError):  # what came late, of a question before
                while way.recv(100):
                    pass
            way.settimeout(SILENCE_S)
            way.send(b"?")
            said = "answered" if way.recv(100) else "silence"
        except OSError:
            said = "silence"
            if layer == "tcp":  # as phones do, it connects anew
                kept.pop((layer, source, to), None)
        print(said, flush=True)


def _hear(port: int) -> None:
    selector = selectors.DefaultSelector()
    for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
        door = socket.socket(socket.AF_INET6, kind)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            door.listen()
        selector.register(door, selectors.EVENT_READ, kind)
    print(HEARS, flush=True)
    while True:
        for key, _ in selector.select():
            way = key.fileobj
            assert isinstance(way, socket.socket)
            if key.data == socket.SOCK_DGRAM:
                way.sendto(*way.recvfrom(100))
            elif key.data == socket.SOCK_STREAM:
                selector.register(way.accept()[0], selectors.EVENT_READ)
            else:
                try:
                    said = way.recv(100)
                    way.sendall(said)
                except OSError:
                    said = b""
                if not said:
                    selector.unregister(way)
                    way.close()


if __name__ == "__main__":
    {"asks": _ask, "hears": _hear}[sys.argv[1]](int(sys.argv[2]))
