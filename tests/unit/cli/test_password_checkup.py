"""What `dialguard doctor` says of the passwords that are handed out."""

from __future__ import annotations

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.cli.password_checkup import asterisk_is_told
from fastagi.cli.service import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cli.checkup import Finding
    from tests.unit.cli.conftest import Dialguard

SECRET = "asterisk-asks-for-passwords"


def lends(dialguard: Dialguard, port: int) -> None:
    """Have the settings hand passwords out."""
    folder = dialguard.settings.parent
    secret = folder / "asks"
    secret.touch(0o600)
    secret.write_text(f"{SECRET}\n")
    with dialguard.settings.open("a") as settings:
        settings.write(
            f'[console]\n[ami]\nsecret_file = "ami"\n'
            f'[credentials]\nlisten = "127.0.0.1:{port}"\nsecret_file = "{secret}"\n'
        )


def found(dialguard: Dialguard) -> list[Finding]:
    """Return what the doctor finds."""
    return list(asterisk_is_told(settings_of(dialguard.settings)))


@contextlib.contextmanager
def answering(said: bytes = b"", *, to_all: bool = False) -> Iterator[int]:
    """Answer as the service does, or otherwise; at which port."""
    (right,) = {
        value.decode()
        for name, value in next(
            httpx.BasicAuth("asterisk", SECRET).auth_flow(httpx.Request("GET", "http://x"))
        ).headers.raw
        if name == b"Authorization"
    }

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            is_right = to_all or self.headers["Authorization"] == right
            self.send_response(200 if is_right else 403)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_without_the_table_nothing_is_said(dialguard: Dialguard) -> None:
    """Nor where the secret cannot be read, which is said with the settings."""
    assert found(dialguard) == []
    lends(dialguard, 8574)
    (dialguard.settings.parent / "asks").unlink()
    assert found(dialguard) == []


def test_a_service_that_answers_is_ok(dialguard: Dialguard) -> None:
    """Who shows the secret, and nobody else."""
    with answering() as port:
        lends(dialguard, port)
        (finding,) = found(dialguard)
    assert finding.mark == "OK"
    assert f"told to Asterisk at 127.0.0.1:{port}" in finding.what


@pytest.mark.parametrize(("said", "to_all"), [(b"hello", False), (b"", True)])
def test_whoever_else_answers_is_told(dialguard: Dialguard, said: bytes, *, to_all: bool) -> None:
    """It is no service of ours, or lets everybody in."""
    with answering(said, to_all=to_all) as port:
        lends(dialguard, port)
        (finding,) = found(dialguard)
    assert (finding.mark, "something else answers" in finding.what) == ("FAIL", True)


def test_where_nobody_answers_that_is_told(dialguard: Dialguard) -> None:
    """No such phone registers."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    lends(dialguard, port)
    (finding,) = found(dialguard)
    assert (finding.mark, "nobody tells Asterisk" in finding.what) == ("FAIL", True)
    assert SECRET not in f"{finding}"
