"""docs/api.md: what it tells people to type is typed here, at a real service."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
import threading
import time
import tomllib
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.console.api.ports import ApiPorts
from fastagi.console.api.problems import Code
from fastagi.console.api.shapes import Asking, CredentialAnswer
from fastagi.events.event import (
    TOLD_OF_BRAKE,
    TOLD_OF_DENIAL,
    Kind,
    of_lockout,
    of_sign_in,
    of_sign_off,
)
from fastagi.settings.model import WebhookSettings
from fastagi.stores.store import FailureKind, Lockout, SubjectKind
from fastagi.webhooks import signature
from tests.docs.test_commands import ROOT, _blocks
from tests.doubles.manager import in_a_thread
from tests.integration.running import DEADLINE_S, ROME, SETTINGS, Service, free_port
from tests.unit.daemon.test_asterisks import REGISTERED
from tests.unit.webhooks.conftest import sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs" / "api.md"
TEXT = PAGE.read_text()

POLICY = """\
[site]
name           = "office"
country        = "GB"
timezone       = "Europe/London"
internal       = ["1XX"]
outside_prefix = "9"

[classes]
staff = ["1XX"]

[[rule]]
name = "abroad"
to   = ["international"]
then = "sign-in"

[networks]
office = ["10.0.0.0/8"]

[sign-in]
for = "8h"
network = ["office"]
"""

MORE = """
[console]
listen = "127.0.0.1:{web}"

[ami]
port = {ami}
secret_file = "ami"

[[webhook]]
url = "http://127.0.0.1:{hook}/dialguard"
secret_file = "crm-webhook"
"""


class Receiver(HTTPServer):
    """A program that is told."""

    def __init__(self) -> None:
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.more = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Taking)

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        """Wait until it was told of so much; return it, in the order of time."""
        with self.more:
            assert self.more.wait_for(lambda: len(self.taken) >= count, DEADLINE_S), self.taken
            return sorted((json.loads(each) for _, each in self.taken), key=lambda it: it["time"])


class _Taking(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        with server.more:
            server.taken.append((dict(self.headers), body))
            server.more.notify_all()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A program that is told."""
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def service(tmp_path: Path, receiver: Receiver) -> Iterator[tuple[Service, int]]:
    """A service with a web, an Asterisk at which 101 is registered, and a webhook; its port."""
    port, web = free_port(), free_port()
    with in_a_thread() as manager:
        manager.functions = dict(REGISTERED)
        (tmp_path / "policy.toml").write_text(POLICY)
        more = MORE.format(web=web, ami=manager.port, hook=receiver.server_port)
        settings = SETTINGS.format(port=port, workers=1) + more
        (tmp_path / "dialguard.toml").write_text(settings)
        for name, secret in (("ami", manager.secret), ("crm-webhook", "0" * 64)):
            (tmp_path / name).touch(0o600)
            (tmp_path / name).write_text(f"{secret}\n")
        running = Service(tmp_path, port).start().ready()
        try:
            running.wait_for("process-ready")
            running.wait_for("webhook-served")  # what is denied from now on is told
            yield running, web
        finally:
            running.stop()


def typed(folder: Path, web: int, *blocks: str) -> str:
    """Type blocks of the page, as at a terminal that gives up at the first failure."""
    script = "set -euo pipefail\n" + "\n".join(blocks).replace(":8573/", f":{web}/")
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DIALGUARD_SETTINGS": str(folder / "dialguard.toml"),
            "no_proxy": "127.0.0.1",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_what_the_page_says_works(
    service: tuple[Service, int], receiver: Receiver, tmp_path: Path
) -> None:
    """A sign-in is opened, read, listed and ended; calls, and the webhook, show it."""
    gate, web = service
    token, opening, reading, ending, secret = _blocks(PAGE, "sh")
    assert gate.verdict("101", ROME) == ("DENY", "sign-in-required")
    receiver.wait_for(1)
    opened = json.loads(typed(tmp_path, web, token, opening))
    assert (opened["extension"], opened["way"], opened["live"]) == ("101", "api", True)
    assert typed(tmp_path, web, opening) == typed(tmp_path, web, "cat opened.json")
    told = receiver.wait_for(2)

    shown = typed(tmp_path, web, opening.splitlines()[0], reading)
    decoder, found = json.JSONDecoder(), []
    while shown:
        one, end = decoder.raw_decode(shown)
        found.append(one)
        shown = shown[end:]
    assert found == [
        opened,
        {"sign_ins": [opened]},
        {"sign_ins": [opened], "next": None},
    ]
    api, id = opening.splitlines()[0], reading.splitlines()[0]
    assert typed(tmp_path, web, api, id, ending, ending) == ""
    told = receiver.wait_for(3)
    assert [each["event"] for each in told] == ["denial", "sign-in", "sign-off"]
    assert told[0]["data"]["reason"] == "sign-in-required"
    assert told[2]["data"]["why"] == "api"
    assert {each["data"]["sign_in"] for each in told[1:]} == {opened["id"]}
    made = typed(tmp_path, web, secret.replace("crm-webhook", "another"), "cat another")
    assert re.fullmatch(r"[0-9a-f]{64}\n", made)

    is_ours = receivers_check()
    for headers, body in receiver.taken:
        assert is_ours(headers, body, "0" * 64)
        assert not is_ours(headers, body + b" ", "0" * 64)
        assert not is_ours(headers, body, "1" * 64)
    assert "dgt_" not in json.dumps(gate.log)


def receivers_check() -> Any:  # Any: what the page defines
    """Return the page's function."""
    (code,) = _blocks(PAGE, "python")
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - it is what people copy
    return names["is_ours"]


def test_the_pages_check_refuses_what_is_old() -> None:
    """A delivery that somebody caught is of no use later."""
    now = time.time()
    for age, fresh in ((0, True), (200, True), (400, False), (-400, False)):
        headers = signature.headers("secret", "id", b"body", now - age)
        assert receivers_check()(headers, b"body", "secret") is fresh


@pytest.mark.parametrize("code", Code, ids=lambda code: code.word)
def test_every_code_is_documented(code: Code) -> None:
    """Programs go by them."""
    assert f"| `{code.word}` | {code.status} | {code.detail} |" in TEXT


def test_no_code_is_made_up() -> None:
    """Each that the page has is one."""
    documented = re.findall(r"^\| `([a-z-]+)` \| \d{3} \|", TEXT, re.MULTILINE)
    assert documented == [each.word for each in sorted(Code, key=lambda each: each.status)]


def test_every_event_is_documented_with_its_data() -> None:
    """Programs read them."""
    lockout = Lockout("s", SubjectKind.EXTENSION, "101", 0.0, 1.0, 1, FailureKind.CODE)
    data = {
        Kind.SIGN_IN: of_sign_in(sign_in()).facts,
        Kind.SIGN_OFF: of_sign_off(sign_in()).facts,
        Kind.DENIAL: TOLD_OF_DENIAL,
        Kind.LOCKOUT: of_lockout(lockout).facts,
        Kind.BRAKE: TOLD_OF_BRAKE,
    }
    for kind in Kind:
        assert f"| `{kind}` | {' '.join(f'`{each}`' for each in data[kind])} |" in TEXT


def test_the_settings_shown_are_settings() -> None:
    """What is copied from the page works, and names every event; what is sent and told is that."""
    (toml,) = _blocks(PAGE, "toml")
    (hook,) = tomllib.loads(toml)["webhook"]
    assert set(WebhookSettings.model_validate(hook).events) == set(Kind)
    lent, example = _blocks(PAGE, "json")
    CredentialAnswer.model_validate_json(lent)
    (asking,) = _blocks(PAGE, "http")
    Asking.model_validate_json(asking.partition("\n")[2])
    assert set(json.loads(example)["data"]) == set(of_sign_off(sign_in()).facts)


def test_how_many_requests_there_are_is_what_the_page_says() -> None:
    """Programs pace themselves by it."""
    by_name = {each.name: each.default for each in dataclasses.fields(ApiPorts)}
    said = f"A token has {by_name['burst']} requests at once, and {by_name['per_s']:.0f} a second"
    strangers = (
        f"{by_name['strangers_burst']} at once, and {by_name['strangers_per_s']:.0f} a second"
    )
    assert said in TEXT
    assert f"Whoever shows none that is in force has {strangers}" in TEXT.replace("\n", " ")
