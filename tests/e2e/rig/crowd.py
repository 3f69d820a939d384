"""Strangers at nginx: phones by the thousand that have no password, and a flood of handshakes.

They come from many addresses of the loopback, ask as a page of the house would, and stay as long
as they can: a WebSocket on which no SIP request ever came is closed by Asterisk after 32 s, so
each says one. They are a process of their own that yields to what they besiege, as other
machines would.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import resource
import secrets
import socket
import ssl
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from tests.e2e.rig.edge import NAME, PAGE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from multiprocessing.queues import Queue
    from multiprocessing.synchronize import Event
    from pathlib import Path
    from types import TracebackType

OF_ONE_ADDRESS: Final = 20
"""As many as nginx takes of one."""

FLOOD: Final = 100_000
"""The first address that the flood comes from, and none of the others."""

TIMES: Final = 200
"""How often the flood comes from one address."""

AT_ONCE: Final = 16
PATIENCE_S: Final = 30.0
NICER: Final = 15
UPGRADE: Final = (
    f"GET /ws HTTP/1.1\r\nHost: {NAME}\r\nOrigin: {PAGE}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
).encode()


@dataclass(frozen=True, slots=True)
class Siege:
    """What became of the strangers.

    Attributes:
        up: How many were connected to Asterisk, through nginx, in the end.
        answers: Of the flood: how many handshakes had which answer; 0: none at all.
        seconds: How long the flood lasted.
    """

    up: int
    answers: Counter[int]
    seconds: float


class Crowd:
    """So many strangers, from entering to leaving; `flood` has them come again and again besides.

    Attributes:
        siege: What became of them, once they have left.
    """

    def __init__(self, port: int, authority: Path, strangers: int, *, flood: bool) -> None:
        made = multiprocessing.get_context("spawn")
        self._there, self._over = made.Event(), made.Event()
        self._told: Queue[Siege] = made.Queue()
        words = (port, str(authority), strangers, flood, self._there, self._over, self._told)
        self._process = made.Process(target=_besiege, args=words, daemon=True)
        self.siege = Siege(0, Counter(), 0)

    def __enter__(self) -> Self:
        self._process.start()
        while not self._there.wait(1):
            assert self._process.is_alive(), "the strangers never came"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if error is None:
            self.siege = self._told.get(timeout=2 * PATIENCE_S)
        self._process.join(PATIENCE_S)
        self._process.kill()


def _besiege(
    port: int,
    authority: str,
    strangers: int,
    flood: bool,
    there: Event,
    over: Event,
    told: Queue[Siege],
) -> None:
    os.nice(NICER)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    tls = ssl.create_default_context(cafile=authority)
    tls.check_hostname = False  # the certificate is one for the loopback
    with ThreadPoolExecutor(AT_ONCE) as pool:
        inside = list(pool.map(lambda number: _stay(port, tls, number), range(strangers)))
        there.set()
        began = time.monotonic()
        numbers = itertools.count()
        answers = (
            Counter(itertools.chain.from_iterable(pool.map(
                lambda _: list(_come_again(port, tls, numbers, over)), range(AT_ONCE)
            )))
            if flood
            else Counter()
        )  # fmt: skip
        over.wait()
        seconds = time.monotonic() - began
    told.put(Siege(sum(map(_is_open, inside)), answers, seconds))


def _stay(port: int, tls: ssl.SSLContext, number: int) -> ssl.SSLSocket:
    """Come in, however often it takes, say one request, and return the connection."""
    while True:
        with contextlib.suppress(OSError):
            wire, answer = _shake_hands(port, tls, _address(number // OF_ONE_ADDRESS))
            if answer == 101:
                wire.sendall(_frame(_options(number)))
                return wire
            wire.close()
        time.sleep(0.5)


def _come_again(
    port: int, tls: ssl.SSLContext, numbers: Iterable[int], over: Event
) -> Iterable[int]:
    """Shake hands and go, until it is over; tell each answer."""
    for number in numbers:
        if over.is_set():
            return
        try:
            wire, answer = _shake_hands(port, tls, _address(FLOOD + number // TIMES))
        except OSError:
            yield 0
            continue
        wire.close()
        yield answer


def _address(number: int) -> str:
    return f"127.{64 + number // 62500 % 60}.{number // 250 % 250}.{number % 250 + 1}"


def _shake_hands(port: int, tls: ssl.SSLContext, address: str) -> tuple[ssl.SSLSocket, int]:
    """Ask for a WebSocket from an address; return the connection, and the answer's status."""
    plain = socket.create_connection(("127.0.0.1", port), PATIENCE_S, (address, 0))
    try:
        wire = tls.wrap_socket(plain, server_hostname=NAME)
    except OSError:
        plain.close()
        raise
    wire.sendall(UPGRADE)
    head = wire.recv(2048)
    return wire, int(head.split()[1]) if head else 0


def _options(number: int) -> str:
    lines = [
        f"OPTIONS sip:{NAME} SIP/2.0",
        f"Via: SIP/2.0/WSS {number}.invalid;branch=z9hG4bK{secrets.token_hex(8)}",
        f"From: <sip:{number}@{NAME}>;tag={secrets.token_hex(8)}",
        f"To: <sip:{NAME}>",
        f"Call-ID: {secrets.token_hex(8)}",
        "CSeq: 1 OPTIONS",
        "Max-Forwards: 70",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""])


def _frame(text: str) -> bytes:
    """Return a client's text frame (RFC 6455, 5.2), under a mask of zeros."""
    body = text.encode()
    return bytes([0x81, 0x80 | 126]) + len(body).to_bytes(2, "big") + bytes(4) + body


def _is_open(wire: ssl.SSLSocket) -> bool:
    """Whether a connection was not closed by the other side; what it said is read."""
    wire.setblocking(False)
    try:
        while wire.recv(65536):
            pass
    except ssl.SSLWantReadError:
        return True
    except OSError:
        return False
    return False
