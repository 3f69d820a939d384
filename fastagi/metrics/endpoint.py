"""Where Prometheus reads: a page over HTTP, in a thread of its own beside the calls.

Any worker may answer, and answers for all of them: whoever accepts reads the shared folder.
prometheus-client makes the page; its own server would open a port of its own, which workers cannot
share, and take a thread for each connection. Here it is one scrape at a time, and no connection is
waited for longer than `PATIENCE_S`: whoever holds it up keeps others from metrics, and nobody from
a call.
"""

from __future__ import annotations

import ipaddress
import threading
from contextlib import contextmanager, suppress
from socket import SHUT_RDWR
from typing import TYPE_CHECKING, Any, Final
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import structlog
from prometheus_client import make_wsgi_app

from fastagi.metrics.folder import registry_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator, Sequence
    from ipaddress import IPv4Network, IPv6Network
    from pathlib import Path
    from wsgiref.types import WSGIApplication, WSGIEnvironment

PATIENCE_S: Final = 5.0

POLL_S: Final = 0.5
"""How soon the thread sees that it is to end."""

log = structlog.get_logger(__name__)


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: a scrape every few seconds is no news."""


class _Server(WSGIServer):
    """Serves on a socket that is listening already."""

    def __init__(self, door: socket.socket, allow: Sequence[IPv4Network | IPv6Network]) -> None:
        super().__init__(door.getsockname()[:2], _Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = door
        self.server_name, self.server_port = "dialguard", door.getsockname()[1]
        self.setup_environ()
        self._allow = allow

    def verify_request(
        self,
        request: Any,  # noqa: ARG002 - socketserver's signature
        client_address: Any,
    ) -> bool:
        """Let in whoever may read; others are closed upon."""
        address = ipaddress.ip_address(client_address[0])
        return any(address in network for network in self._allow)

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Answer one scrape; cut it off where that takes too long, byte by byte too."""
        late = threading.Timer(PATIENCE_S, _cut, (request,))
        late.start()
        try:
            super().finish_request(request, client_address)
        finally:
            late.cancel()

    def handle_error(
        self,
        request: Any,  # noqa: ARG002 - socketserver's signature
        client_address: Any,
    ) -> None:
        """Say so in the log: what went wrong with one scrape is no reason to end."""
        log.warning("scrape-failed", peer=client_address[0], exc_info=True)


def _named(page: WSGIApplication) -> WSGIApplication:
    """Have answers name the service, and neither Python nor its version."""

    def named(environ: WSGIEnvironment, start: Any) -> Iterable[bytes]:
        def started(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*headers, ("Server", "dialguard")], *more)

        return page(environ, started)

    return named


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):  # it ended just now
        connection.shutdown(SHUT_RDWR)


@contextmanager
def answering(
    door: socket.socket, folder: Path, allow: Sequence[IPv4Network | IPv6Network]
) -> Iterator[None]:
    """Answer scrapes meanwhile.

    Args:
        door: The listening socket, shared with the other workers; does not block.
        folder: What all workers count.
        allow: Who may read.
    """
    server = _Server(door, allow)
    server.set_app(_named(make_wsgi_app(registry_of(folder))))
    thread = threading.Thread(
        target=server.serve_forever, args=(POLL_S,), name="metrics", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        # Not waited for: a scraper that dawdles would hold up the end of the worker.
        threading.Thread(target=server.shutdown, daemon=True).start()
