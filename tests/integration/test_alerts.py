"""A gate that wakes its administrator: a real service, real servers of mail and of HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.doubles.mailbox import Mailbox, text_of
from tests.integration.running import (
    DEADLINE_S,
    NATIONAL,
    POLICY,
    ROME,
    Service,
    dialguard,
    free_port,
    prepare,
)
from tests.integration.test_brake import BRAKING, TRAP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NONSENSE = "9001"
"""Digits that mean nothing; two of them lock an extension out."""

STRICT = POLICY.replace("wrong = 5", "wrong = 5\ninvalid = 2")

ALERT = """
[[alert]]
name = "on-call"
urls_file = "on-call.urls"
"""


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """Return a mail server."""
    mailbox = Mailbox(free_port()).begin()
    yield mailbox
    mailbox.end()


@pytest.fixture
def start_with(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Return what starts a service that tells some URLs."""
    services: list[Service] = []

    def start(
        *urls: str, settings: str = ALERT, workers: int = 1, policy: str = STRICT
    ) -> Service:
        port = prepare(tmp_path, policy=policy, workers=workers)
        (tmp_path / "on-call.urls").touch(0o600)
        (tmp_path / "on-call.urls").write_text("".join(f"{each}\n" for each in urls))
        with (tmp_path / "dialguard.toml").open("a") as file:
            file.write(settings)
        services.append(Service(tmp_path, port).start())
        services[-1].ready(workers).wait_for("alerts-served")
        return services[-1]

    yield start
    for each in services:
        each.stop()


def lock_out(service: Service, extension: str) -> None:
    """Have a phone locked out."""
    for _ in range(2):
        service.verdict(extension, NONSENSE)
    assert service.verdict(extension, NATIONAL) == ("DENY", "locked-out")


def pid_of(service: Service, process: str) -> int:
    """Return the process id of what runs beside the workers."""
    started = [line for line in service.log if line["event"] == "process-started"]
    return int(str(next(line["pid"] for line in started if line["process"] == process)))


def test_a_lockout_is_mailed_once_in_plain_words(
    start_with: Callable[..., Service], mailbox: Mailbox
) -> None:
    """By one of its workers' processes, and whatever looks at it how often."""
    service = start_with(mailbox.url, workers=2)
    lock_out(service, "101")
    (mail,) = mailbox.wait_for(1)
    assert mail["Subject"] == "dialguard: lockout: Extension 101 is locked out at office"
    said = text_of(mail)
    assert "dialguard lockouts clear extension 101 --site office" in said
    assert "numbers that are none" in said
    lock_out(service, "102")  # so that a second mail of the first would have come before
    mailbox.wait_for(2)
    assert ["102" in title for title in mailbox.titles()] == [False, True]
    told = service.wait_for("alert-told", times=2)
    assert (told["target"], told["kind"]) == ("on-call/1 mailto", "lockout")


def test_a_brake_and_a_budget_are_told(
    start_with: Callable[..., Service], mailbox: Mailbox
) -> None:
    """As they fall: a trap that was dialled, and the last of five calls."""
    service = start_with(mailbox.url, policy=BRAKING)
    service.verdict("101", TRAP)
    (braked,) = mailbox.wait_for(1)
    assert braked["Subject"] == "dialguard: brake: The brake is on for extension 101 of office"
    assert "dialguard brake lift extension 101 --site office" in text_of(braked)
    for extension in ("102", "103", "104", "105", "106"):
        assert service.verdict(extension, ROME) == ("ALLOW", "allowed")
    *_, used = mailbox.wait_for(2)
    assert used["Subject"] == "dialguard: budget: 80 % of budget few is used at office"
    assert "5 attempts of 5 attempts" in text_of(used)


def test_what_a_dead_mail_server_did_not_take_it_gets_when_it_is_back(
    start_with: Callable[..., Service], mailbox: Mailbox
) -> None:
    """Calls go on meanwhile; and the process that tells may be killed meanwhile, too."""
    service = start_with(mailbox.url)
    mailbox.end()
    lock_out(service, "101")
    refused = service.wait_for("alert-not-told")
    assert refused["why"] == "nobody listens there"
    assert service.verdict("102", NATIONAL) == ("ALLOW", "allowed")
    os.kill(pid_of(service, "alerts"), signal.SIGKILL)
    service.wait_for("alerts-served", times=2)
    assert service.verdict("103", NATIONAL) == ("ALLOW", "allowed")
    mailbox.begin()
    titles = [str(each["Subject"]) for each in mailbox.wait_for(2)]
    assert sorted(titles) == [
        "dialguard: lockout: Extension 101 is locked out at office",
        "dialguard: process: The process alerts died; calls go on",
    ]


def test_what_breaks_in_the_service_is_told_from_every_process(
    start_with: Callable[..., Service], mailbox: Mailbox
) -> None:
    """The supervisor that sees a worker die, and the worker that cannot load a policy."""
    service = start_with(mailbox.url)
    policy = service.folder / "policy.toml"
    policy.write_text("nonsense")
    (mail,) = mailbox.wait_for(1)
    assert "A policy cannot come into force" in str(mail["Subject"])
    assert f"dialguard check {policy}" in text_of(mail)
    policy.write_text(STRICT)
    (_, mail) = mailbox.wait_for(2)
    assert "valid again" in str(mail["Subject"])
    service.signal_worker(signal.SIGKILL)
    (*_, mail) = mailbox.wait_for(3)
    assert mail["Subject"] == "dialguard: process: Worker 0 died; another takes its place"


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]], threading.Event]]:
    """Return an HTTP server's URL, what it took in, and when there was something."""
    taken: list[dict[str, Any]] = []
    came = threading.Event()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()
            came.set()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}/hook-of-the-team", taken, came
        server.shutdown()
        thread.join()


def test_one_that_hangs_keeps_nobody_else_from_hearing(
    start_with: Callable[..., Service],
    receiver: tuple[str, list[dict[str, Any]], threading.Event],
) -> None:
    """Each is told in its own time; no secret of a URL is in the log."""
    url, taken, came = receiver
    dead = f"json://127.0.0.1:{free_port()}/hunter2"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs = f"json://127.0.0.1:{silent.getsockname()[1]}/hunter2"
        service = start_with(hangs, dead, url)
        lock_out(service, "101")
        assert came.wait(DEADLINE_S)
        assert taken[0]["title"] == "dialguard: lockout: Extension 101 is locked out at office"
        assert service.wait_for("alert-not-told")["target"] == "on-call/2 json"
        assert service.verdict("102", NATIONAL) == ("ALLOW", "allowed")
    said = json.dumps(service.log)
    assert "hunter2" not in said
    assert "hook-of-the-team" not in said


def test_the_command_says_who_can_be_reached(tmp_path: Path, mailbox: Mailbox) -> None:
    """With the service or without it; and shows no URL."""
    prepare(tmp_path)
    with (tmp_path / "dialguard.toml").open("a") as file:
        file.write(ALERT)
    urls = tmp_path / "on-call.urls"
    urls.touch(0o600)
    urls.write_text(f"# mail\n{mailbox.url}\n\njson://127.0.0.1:1/hunter2\n")
    tried = dialguard(tmp_path, "alert", "test")
    assert tried.returncode == 1
    assert tried.stdout.splitlines() == [
        "on-call/1 mailto: it was taken in",
        "on-call/2 json: nobody listens there",
    ]
    assert "hunter2" not in tried.stderr
    (mail,) = mailbox.wait_for(1)
    assert "whether alerts arrive" in str(mail["Subject"])


def test_urls_that_everybody_can_read_are_refused(tmp_path: Path) -> None:
    """Before anything starts, with what to do."""
    port = prepare(tmp_path)
    with (tmp_path / "dialguard.toml").open("a") as file:
        file.write(ALERT)
    (tmp_path / "on-call.urls").write_text("json://127.0.0.1/hunter2\n")
    (tmp_path / "on-call.urls").chmod(0o644)
    service = Service(tmp_path, port).start()
    assert service.ended() == 3
    said = json.dumps(service.log)
    assert "everybody can read the URLs" in said
    assert "hunter2" not in said
