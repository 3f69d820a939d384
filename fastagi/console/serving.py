"""HTTP on a socket: uvicorn, with bounds on who may hold it up, and for how long."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from fastagi.console.certificate import Certificate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.types import ASGIApp

HEAD_MAX: Final = 16_384
"""Bytes of a request's line and headers."""

HEAD_S: Final = 10.0
"""How long a request's line and headers may take to arrive, whole."""

KEEP_S: Final = 5
"""How long a connection is kept for the next request."""

UNREAD_S: Final = 30
"""How long a browser may leave unread what it asked for; tcp(7), TCP_USER_TIMEOUT."""

CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2; those of 1.3 are all as good, and older versions are not spoken (RFC 9325, 4.2)."""

LEAVE_S: Final = 2
"""How long requests are given to end, once it is told to."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Who may connect, and how often at a time.

    Attributes:
        connections: The most there may be.
        peer_connections: The most of these from one address that is no proxy.
        proxies: Who may say for whom they ask.
        proxies_only: Whether nobody else may connect, but for this machine.
    """

    connections: int = 2_000
    peer_connections: int = 200
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    proxies_only: bool = False


@dataclass(slots=True)
class Doorkeeper:
    """Counts connections in and out."""

    bounds: Bounds
    count: int = 0
    of_peers: Counter[str] = field(default_factory=Counter)

    def enter(self, peer: str) -> bool:
        """Count one in; False, and it is not counted, where it may not enter."""
        bounds = self.bounds
        address = ipaddress.ip_address(peer.partition("%")[0])
        is_proxy = any(address in network for network in bounds.proxies)
        if bounds.proxies_only and not is_proxy and not address.is_loopback:
            return False
        if self.count >= bounds.connections:
            return False
        if not is_proxy and self.of_peers[peer] >= bounds.peer_connections:
            return False
        self.count += 1
        self.of_peers[peer] += 1
        return True

    def leave(self, peer: str) -> None:
        """Count one out."""
        self.count -= 1
        self.of_peers[peer] -= 1
        if not self.of_peers[peer]:
            del self.of_peers[peer]


def protocol_of(doorkeeper: Doorkeeper) -> type[H11Protocol]:
    """Return the protocol of connections that this doorkeeper counts.

    uvicorn has no bound on how long a request's head may take, which is all that it needs to hold
    every connection there may be.
    """

    class Bounded(H11Protocol):
        """One connection."""

        _peer: str | None = None
        _late: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
            super().connection_made(transport)
            peer = self.client[0] if self.client else ""
            if not peer or not doorkeeper.enter(peer):
                transport.abort()
                return
            self._peer = peer
            wire = transport.get_extra_info("socket")
            if wire is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
                wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_S * 1000)
            self._wait_for_a_head()

        def data_received(self, data: bytes) -> None:
            if self._late is None and self._is_between_requests():
                self._wait_for_a_head()
            super().data_received(data)
            if self._late is not None and not self._is_between_requests():
                self._late.cancel()
                self._late = None

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            if self._late is not None:
                self._late.cancel()
                self._late = None
            if self._peer is not None:
                doorkeeper.leave(self._peer)
                self._peer = None

        def _is_between_requests(self) -> bool:
            # uvicorn says that it is never None, and begins with None.
            cycle: Any = self.cycle
            return cycle is None or bool(cycle.response_complete)

        def _wait_for_a_head(self) -> None:
            self._late = self.loop.call_later(HEAD_S, self.transport.abort)

    return Bounded


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, when_ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._when_ready = when_ready

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever runs the process."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._when_ready()


async def serve(
    app: ASGIApp,
    door: socket.socket,
    bounds: Bounds,
    stopped: asyncio.Event,
    when_ready: Callable[[], object],
    *,
    certificate: Path | None = None,
    private_key: Path | None = None,
) -> None:
    """Answer requests until it is told to stop.

    Args:
        app: What answers.
        door: The listening socket; it is closed at the end.
        bounds: Who may connect.
        stopped: Set when it is to end.
        when_ready: Called once it answers.
        certificate: The chain; None to speak in the clear. It is read again when it changes.
        private_key: Its key.

    Raises:
        OSError: Certificate or key cannot be used.
    """
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # what strangers send is no news
    config = uvicorn.Config(
        app,
        http=protocol_of(Doorkeeper(bounds)),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(bounds.proxies),
        forwarded_allow_ips=[str(network) for network in bounds.proxies],
        timeout_keep_alive=KEEP_S,
        timeout_graceful_shutdown=LEAVE_S,
        h11_max_incomplete_event_size=HEAD_MAX,
        ssl_certfile=certificate,
        ssl_keyfile=private_key,
        ssl_ciphers=CIPHERS,
    )
    config.load()
    beside = []
    if config.ssl is not None and certificate is not None and private_key is not None:
        shown = Certificate(certificate, private_key)
        shown.show_in(config.ssl)
        beside.append(asyncio.create_task(shown.keep_up()))
    server = _Server(config, when_ready)
    serving = asyncio.create_task(server.serve([door]))
    stopping = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in (stopping, *beside):
            each.cancel()
        server.should_exit = True
        await serving
