"""One message by apprise: what comes of it, and what does not come out."""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.alerts import sending
from fastagi.alerts.alert import Message
from fastagi.alerts.sending import NO_SERVICE, NOT_TAKEN, Overheard, send, told
from tests.doubles.mailbox import Mailbox, text_of
from tests.integration.running import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise's own

SAID = Message("dialguard: lockout: 101", "101 is locked out.\n\nTo do: look")


class Server(HTTPServer):
    """Answers what its path says: `/403/secret`; `/204` leads to itself by `/302`."""

    taken: list[dict[str, Any]]


class Answering(BaseHTTPRequestHandler):
    """Answers."""

    server: Server

    def do_POST(self) -> None:
        """Take a message in, and answer with the path's status."""
        self.server.taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        status = int(self.path.split("/")[1])
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/200/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    """Return an HTTP server."""
    with Server(("127.0.0.1", 0), Answering) as server:
        server.taken = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def url_of(server: Server, path: str) -> str:
    """Return a URL as apprise reads it."""
    return f"json://127.0.0.1:{server.server_port}/{path}"


async def test_a_message_arrives_as_it_is(server: Server) -> None:
    """By a process of its own."""
    assert await send(url_of(server, "200/hunter2"), SAID) == ""
    (taken,) = server.taken
    assert (taken["title"], taken["message"]) == (SAID.title, SAID.body)


def test_why_it_was_not_taken_in_is_told_without_the_url(server: Server) -> None:
    """The number of the answer is no secret; and no redirect is followed."""
    assert told(url_of(server, "200/hunter2"), SAID.title, SAID.body) == ""
    assert told(url_of(server, "403/hunter2"), SAID.title, SAID.body) == "it answered 403"
    assert told(url_of(server, "302/hunter2"), SAID.title, SAID.body) == "it answered 302"
    assert len(server.taken) == 3


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("json://127.0.0.1:1/hunter2", "nobody listens there"),
        ("mailto://127.0.0.1:1?from=hunter2@a.example&to=b@a.example", "nobody listens there"),
        ("nonsense://hunter2", NO_SERVICE),
        ("mailtos://hunter2:hunter2@h", NO_SERVICE),
    ],
)
def test_what_is_wrong_is_told_in_words_of_ours(url: str, why: str) -> None:
    """Whatever apprise says of it."""
    assert told(url, SAID.title, SAID.body) == why


def test_a_mail_is_plain_and_its_title_one_line() -> None:
    """As somebody reads it at night."""
    mailbox = Mailbox(free_port()).begin()
    try:
        assert told(mailbox.url, SAID.title, SAID.body) == ""
    finally:
        mailbox.end()
    (mail,) = mailbox.mails
    assert mail["Subject"] == SAID.title
    assert "To do: look" in text_of(mail)


async def test_a_server_that_says_nothing_is_left_in_time() -> None:
    """And the process that waits for it is ended."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"json://127.0.0.1:{silent.getsockname()[1]}/hunter2"
        assert await send(url, SAID, within_s=3.0) == "it did not answer within 3 s"


async def test_a_process_that_breaks_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its status; nothing of what it wrote."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert await send("json://h/hunter2", SAID) == "its process ended with status 1"


async def test_a_process_that_cannot_be_started_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no memory, say; it is tried again."""
    monkeypatch.setattr(sys, "executable", "/nowhere")
    why = await send("json://h/hunter2", SAID)
    assert why == "it could not be tried: no such file or directory"


def test_no_list_of_processes_shows_the_url(server: Server) -> None:
    """It comes by stdin; whatever the service's module prints is no answer."""
    asked = {"url": url_of(server, "403/hunter2"), "title": "t", "body": "b"}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "fastagi.alerts.sending"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == '"it answered 403"'
    assert "hunter2" not in done.stderr


def test_the_process_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In time, also where whoever started it was killed; and in memory."""
    bounds: list[object] = []
    reading, writing = os.pipe()
    asking = os.fdopen(reading)
    os.write(writing, json.dumps({"url": "x", "title": "t", "body": "b"}).encode())
    os.close(writing)
    monkeypatch.setattr(signal, "alarm", bounds.append)
    monkeypatch.setattr(resource, "setrlimit", lambda *given: bounds.append(given))
    monkeypatch.setattr(sys, "stdin", asking)
    monkeypatch.setattr(sending, "told", lambda *given: f"{given}")
    monkeypatch.setattr(os, "dup2", lambda *_: None)
    monkeypatch.setattr(os, "dup", lambda _: 1)
    written: list[bytes] = []
    monkeypatch.setattr(os, "write", lambda _, text: written.append(text))
    assert sending.main() == 0
    asking.close()
    assert bounds[0] == 2 * sending.WITHIN_S
    assert len(bounds) == 3
    assert json.loads(written[0]) == "('x', 't', 'b')"


def test_of_an_unknown_fault_only_its_name_is_kept() -> None:
    """Its text may have the URL in it."""
    overheard = Overheard()
    logger = logging.getLogger("test-overheard")
    logger.propagate = False
    logger.addHandler(overheard)
    logger.warning("failed at json://hunter2")
    assert overheard.why == ""
    try:
        raise ArithmeticError("json://hunter2")
    except ArithmeticError:
        logger.warning("failed at json://hunter2")
    assert overheard.why == "ArithmeticError"
    assert "hunter2" not in NOT_TAKEN
