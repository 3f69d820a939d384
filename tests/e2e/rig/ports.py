"""Free ports on the loopback, so that rigs of several people run side by side."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from typing import Final

FIRST: Final = 10000
PORTS: Final = 1400
"""Of one process of a run, each of seven beside the others'; all below 20000, where RTP begins,
and 32768, where the kernel's own choice does: a port found free must still be so later."""

_given: set[int] = set()  # ports that are somebody's already, though nobody listens there yet


def free(kind: socket.SocketKind = socket.SOCK_STREAM, host: str = "127.0.0.1") -> int:
    """Return a port that nobody uses, and nobody was given before."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    if len(_given) > PORTS // 2:
        _given.clear()  # those of the beginning are free again, or found taken
    while True:
        port = FIRST + (process % 7) * PORTS + secrets.randbelow(PORTS)
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET, kind) as probe:
            probe.bind((host, port))
            if port not in _given:
                _given.add(port)
                return port


def free_for_sip(host: str = "127.0.0.1") -> int:
    """Return a port that nobody uses, neither by UDP nor by TCP."""
    while True:
        port = free(socket.SOCK_DGRAM, host)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind((host, port))
            return port


def range_for_rtp(size: int) -> tuple[int, int]:
    """Return the first and last of `size` ports for RTP, seldom the same twice.

    Asterisk itself passes over a port of its range that is taken.
    """
    first = 20000 + 400 * secrets.randbelow(28)
    return first, first + size - 1
