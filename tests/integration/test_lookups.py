"""A real service, and another that says what is reported: found, hanging, gone."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.integration.running import DEADLINE_S, NATIONAL, POLICY, Service, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REPORTED = '[[rule]]\nname = "thieves"\nto = ["reported"]\nthen = "deny"\n\n'
SECRET = "a-secret-of-the-client"
OTHER = "902079460001"


class Reporter(ThreadingHTTPServer):
    """Answers as SentryPeer's hub does; `hangs` until it is let go."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.asked: list[str] = []
        self.more = threading.Condition()
        self.go_on = threading.Event()
        self.go_on.set()

    def wait_for(self, path: str) -> None:
        """Wait until it was asked."""
        with self.more:
            assert self.more.wait_for(lambda: path in self.asked, DEADLINE_S), self.asked


class Answers(BaseHTTPRequestHandler):
    """Who calls +44 20 7946 0000 is a thief."""

    server: Reporter
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Give a token to who knows the secret."""
        said = self.rfile.read(int(self.headers["Content-Length"])).decode()
        known = f"client_secret={SECRET}" in said
        self._answer(200 if known else 403, {"access_token": "t0ken", "expires_in": 86400})

    def do_GET(self) -> None:
        """Say what is known to who has the token."""
        with self.server.more:
            self.server.asked.append(self.path)
            self.server.more.notify_all()
        self.server.go_on.wait(DEADLINE_S)
        if self.headers["Authorization"] != "Bearer t0ken":
            self._answer(401, {"error": "Invalid token"})
        elif self.path == "/api/phone-numbers/%2B442079460000":
            self._answer(200, {"message": "Phone Number found."})
        else:
            self._answer(404, {"message": "Phone Number not found."})

    def _answer(self, status: int, said: dict[str, object]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def reporter() -> Iterator[Reporter]:
    """Return one that answers."""
    with Reporter() as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.go_on.set()
        server.shutdown()
        serving.join()


@pytest.fixture
def service(tmp_path: Path, reporter: Reporter) -> Iterator[Service]:
    """Return a service that asks it."""
    policy = POLICY.replace("[[rule]]", REPORTED + "[[rule]]", 1)
    port = prepare(tmp_path, policy=policy)
    at = f"http://127.0.0.1:{reporter.server_port}"
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    with (tmp_path / "dialguard.toml").open("a") as settings:
        settings.write(
            f'[lookups]\nnumbers = "{at}/api/phone-numbers/"\ntoken_url = "{at}/oauth/token"\n'
            'client_id = "office"\nsecret_file = "secret"\nper_minute = 6000\n'
        )
    service = Service(tmp_path, port).start().ready()
    yield service
    service.stop()


def test_the_call_after_the_first_knows(service: Service, reporter: Reporter) -> None:
    """The first is judged by what is known then; no call waits. The log has no number."""
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    reporter.wait_for("/api/phone-numbers/%2B442079460000")
    phones = (f"1{each:02}" for each in range(2, 50))
    assert any(service.verdict(phone, NATIONAL) == ("DENY", "rule") for phone in phones)
    assert service.verdict("150", NATIONAL) == ("DENY", "rule")
    assert service.verdict("151", OTHER) == ("ALLOW", "allowed")
    assert reporter.asked.count("/api/phone-numbers/%2B442079460000") == 1
    service.stop()
    assert SECRET not in json.dumps(service.log)
    assert "442079460000" not in json.dumps(service.log)


def test_a_service_that_hangs_or_is_gone_holds_nobody_up(
    service: Service, reporter: Reporter
) -> None:
    """Calls pass as if nobody were asked, also many at a time."""
    reporter.go_on.clear()
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    reporter.wait_for("/api/phone-numbers/442079460000")
    for each in range(2, 40):
        assert service.verdict(f"1{each:02}", f"9020794601{each:02}")[0] == "ALLOW"
    assert len(reporter.asked) <= 4
    reporter.go_on.set()
    reporter.server_close()
    assert service.verdict("160", OTHER) == ("ALLOW", "allowed")
