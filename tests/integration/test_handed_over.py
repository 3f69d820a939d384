"""systemd holds the listening socket: callers wait in its queue while the service restarts."""

from __future__ import annotations

import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.integration.running import NATIONAL, Service, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def handed(tmp_path: Path) -> Iterator[Service]:
    """Return a service that was not started yet, and to which its socket is handed over."""
    port = prepare(tmp_path)
    with socket.create_server(("127.0.0.1", port)) as door:
        yield Service(tmp_path, port, door)


def test_a_caller_waits_while_the_service_restarts(handed: Service) -> None:
    """Nobody is refused: not at the end, nor while there is none, nor at the start."""
    first = handed.start().ready()
    try:
        assert first.verdict("101", NATIONAL) == ("ALLOW", "allowed")
        environment = Path(f"/proc/{first.workers[0]}/environ").read_bytes()
        assert b"LISTEN_" not in environment
        first.process.send_signal(signal.SIGTERM)
        assert first.ended() == 0
    finally:
        first.stop()
    with ThreadPoolExecutor(3) as phones:
        waiting = [phones.submit(handed.verdict, f"10{n}", NATIONAL) for n in (2, 3, 4)]
        second = Service(handed.folder, handed.port, handed.door).start()
        try:
            assert [each.result() for each in waiting] == [("ALLOW", "allowed")] * 3
        finally:
            second.stop()


def test_a_socket_at_another_address_is_status_3(handed: Service) -> None:
    """It would listen where Asterisk does not ask; both addresses are told, and what to do."""
    settings = handed.folder / "dialguard.toml"
    settings.write_text(settings.read_text().replace(f":{handed.port}", ":4999"))
    service = handed.start()
    assert service.ended() == 3
    said = " ".join(str(line["event"]) for line in service.log)
    assert f"handed over `127.0.0.1:{handed.port}`" in said
    assert "`127.0.0.1:4999`" in said
