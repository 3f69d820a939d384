"""The page that Prometheus reads, over a real socket."""

from __future__ import annotations

import ipaddress
import socket
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.metrics import endpoint
from fastagi.metrics.endpoint import answering

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.metrics.meters import Meters

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"), ipaddress.ip_network("::1/128"))


@pytest.fixture(params=["127.0.0.1", "::1"])
def door(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """Return a listening socket, as the supervisor opens it."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.create_server((request.param, 0), family=family) as opened:
        opened.setblocking(False)
        yield opened


def scrape(door: socket.socket, path: str = "/metrics") -> tuple[str, str]:
    """Return the page, and who says that it served it."""
    host, port = door.getsockname()[:2]
    host = f"[{host}]" if ":" in host else host
    with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=20) as answer:
        return answer.read().decode(), answer.headers["Server"]


def test_a_scrape(door: socket.socket, place: Path, meters: Meters) -> None:
    """Everything that any worker counted, as text; nothing of Python's version."""
    meters.worker_starts.inc()
    with answering(door, place, LOOPBACK):
        page, server = scrape(door)
        assert "dialguard_worker_starts_total 1.0" in page
        assert server == "dialguard"
        meters.worker_starts.inc()
        assert "dialguard_worker_starts_total 2.0" in scrape(door)[0]


def test_strangers_are_closed_upon(door: socket.socket, place: Path, meters: Meters) -> None:
    """Without a byte of an answer."""
    meters.worker_starts.inc()
    elsewhere = [ipaddress.ip_network("192.0.2.0/24")]
    with answering(door, place, elsewhere), pytest.raises((urllib.error.URLError, OSError)):
        scrape(door)


def test_who_dawdles_is_cut_off(
    door: socket.socket, place: Path, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a request, and then nothing: the next scrape is answered all the same."""
    monkeypatch.setattr(endpoint, "PATIENCE_S", 0.2)
    meters.worker_starts.inc()
    with (
        answering(door, place, LOOPBACK),
        socket.create_connection(door.getsockname()[:2], timeout=20) as slow,
    ):
        slow.sendall(b"GET /metrics HTTP/1.1\r\nHost: ")
        assert "dialguard_worker_starts_total" in scrape(door)[0]
        assert slow.recv(1) == b""


def test_a_scrape_that_breaks_is_told(
    door: socket.socket, place: Path, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is not the end of the endpoint."""
    meters.worker_starts.inc()
    with structlog.testing.capture_logs() as told, answering(door, place, LOOPBACK):
        with monkeypatch.context() as broken:
            broken.setattr(endpoint._Handler, "handle", lambda _: 1 / 0)
            with pytest.raises((urllib.error.URLError, OSError)):
                scrape(door)
        assert "dialguard_worker_starts_total" in scrape(door)[0]
    assert [line["event"] for line in told] == ["scrape-failed"]
