"""`dialguard alert …`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fastagi.alerts import sending

if TYPE_CHECKING:
    from fastagi.alerts.alert import Message
    from tests.unit.cli.conftest import Dialguard

ALERTS = """
[[alert]]
name = "on-call"
urls_file = "urls"
kinds = ["lockout", "bypass"]

[[alert]]
name = "team"
urls_file = "team"
"""


@pytest.fixture
def sent(dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Return what is sent; a URL of `down` takes nothing in."""
    for name, text in (
        ("urls", "json://up/hunter2\njson://down/hunter2\n"),
        ("team", "tgram://t/1"),
    ):
        file = dialguard.folder / name
        file.touch(0o600)
        file.write_text(text)
    with (dialguard.folder / "dialguard.toml").open("a") as settings:
        settings.write(ALERTS)
    sent: list[tuple[str, str]] = []

    async def send(url: str, message: Message) -> str:
        sent.append((url, message.title))
        return "nobody listens there" if "down" in url else ""

    monkeypatch.setattr(sending, "send", send)
    return sent


def test_each_is_tried_and_what_came_of_it_said(
    dialguard: Dialguard, sent: list[tuple[str, str]]
) -> None:
    """By its label; status 1 where one was not reached."""
    tried = dialguard.on_settings("alert", "test")
    assert tried.exit_code == 1
    assert tried.stdout.splitlines() == [
        "on-call/1 json: it was taken in",
        "on-call/2 json: nobody listens there",
        "team/1 tgram: it was taken in",
    ]
    assert "whether alerts arrive" in sent[0][1]
    assert "hunter2" not in tried.output


def test_one_may_be_tried_alone(dialguard: Dialguard, sent: list[tuple[str, str]]) -> None:
    """For programs, too."""
    tried = dialguard.on_settings("alert", "test", "team", "--json")
    assert tried.exit_code == 0
    assert json.loads(tried.stdout) == [{"target": "team/1 tgram", "told": True, "why": ""}]
    assert len(sent) == 1


def test_they_are_listed_without_their_urls(
    dialguard: Dialguard, sent: list[tuple[str, str]]
) -> None:
    """As a table, or for programs."""
    listed = dialguard.on_settings("alert", "list")
    assert listed.stdout.splitlines()[0].split() == [
        *("on-call/1", "json", "bypass,", "lockout", "900", "20"),
    ]
    first = json.loads(dialguard.on_settings("alert", "list", "--json").stdout)[0]
    assert first == {
        "target": "on-call/1 json",
        "kinds": ["bypass", "lockout"],
        "again_s": 900,
        "per_hour": 20,
    }
    assert "hunter2" not in listed.output


def test_where_there_is_nobody_that_is_said(
    dialguard: Dialguard, sent: list[tuple[str, str]]
) -> None:
    """Or nobody of that name; or the file cannot be used."""
    none = dialguard.on_settings("alert", "test", "boss")
    assert none.exit_code == 1
    assert "there is no `[[alert]]` of name `boss`" in none.stderr
    (dialguard.folder / "team").chmod(0o644)
    refused = dialguard.on_settings("alert", "list")
    assert refused.exit_code == 3
    assert "everybody can read" in refused.stderr


def test_without_any_there_is_nobody(dialguard: Dialguard) -> None:
    """Which is no failure to list."""
    assert dialguard.on_settings("alert", "list").exit_code == 0
    assert "there is no `[[alert]]`" in dialguard.on_settings("alert", "test").stderr
