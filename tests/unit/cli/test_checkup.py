"""What `dialguard doctor` looks at."""

from __future__ import annotations

import os
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import checkup
from fastagi.cli.checkup import Finding, Mark
from fastagi.cli.service import settings_of
from fastagi.daemon.keys import make_keys
from fastagi.settings import Listen
from fastagi.settings.model import ConsoleSettings
from tests.unit.cli.test_handset import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.settings import Settings
    from tests.doubles.manager import Manager
    from tests.unit.cli.conftest import Dialguard


@pytest.fixture
def settings(dialguard: Dialguard) -> Settings:
    """Return the folder's settings."""
    return settings_of(dialguard.settings)


def marks(findings: Iterator[Finding]) -> list[str]:
    """Return the findings' marks; each that is not OK says what to do."""
    found = list(findings)
    assert all(each.cure for each in found if each.mark is not Mark.OK)
    return [str(each.mark) for each in found]


def test_settings_the_service_would_refuse_fail(settings: Settings) -> None:
    """As `serve` would."""
    assert marks(checkup.settings_fit(settings)) == ["OK"]
    agi = settings.agi.model_copy(update={"listen": Listen(IPv4Address("192.0.2.7"), 4573)})
    open_to_all = settings.model_copy(update={"agi": agi})
    assert "FAIL" in marks(checkup.settings_fit(open_to_all))


def test_a_policy_that_would_not_come_into_force_fails(
    dialguard: Dialguard, settings: Settings
) -> None:
    """With every problem."""
    assert marks(checkup.policy_holds(settings))[0] == "OK"
    dialguard.policy.write_text("[site]\n")
    assert set(marks(checkup.policy_holds(settings))) == {"FAIL"}


def test_what_is_odd_in_a_policy_is_a_warning(dialguard: Dialguard, settings: Settings) -> None:
    """It is in force all the same."""
    text = dialguard.policy.read_text()
    text += '\n[[rule]]\nname = "never"\nto = ["premium"]\nthen = "deny"\n'
    dialguard.policy.write_text(text)
    assert "WARN" in marks(checkup.policy_holds(settings))


@pytest.mark.parametrize(
    ("table", "mark", "told"),
    [
        ('[bypass]\ntrunks = ["b", "a"]', "OK", "calls past the gate to `a`, `b` are named"),
        ("", "WARN", "no trunk of `office` is guarded: a call past the gate is not named"),
    ],
)
def test_where_asterisk_is_watched_its_trunks_are_guarded(
    dialguard: Dialguard, manager: Manager, table: str, mark: str, told: str
) -> None:
    """A call past the gate is one to a trunk that the policy names."""
    with dialguard.policy.open("a") as text:
        text.write(f"\n{table}\n")
    found = list(checkup.policy_holds(settings_of(dialguard.settings)))
    assert [str(each.mark) for each in found if each.what == told] == [mark]


def test_trunks_that_nobody_watches_are_a_warning(dialguard: Dialguard) -> None:
    """They are as open as others."""
    with dialguard.policy.open("a") as text:
        text.write('\n[bypass]\ntrunks = ["a"]\n')
    found = checkup.policy_holds(settings_of(dialguard.settings))
    told = "`[bypass]` of `office` names trunks, and no Asterisk is watched"
    assert told in [each.what for each in found if each.mark is Mark.WARN]


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('[lockout]\ncalls = "end"', ["`[lockout]` of `office`"]),
        ('[lockout]\ncalls = "keep"', []),
        ('[brake]\ncalls = "end"', ["`[brake]` of `office`"]),
        ("[brake]", []),
        ('[sign-in]\ncalls = "end"', ["`[sign-in]` of `office`"]),
        ("", []),
    ],
)
def test_calls_that_nobody_could_end_are_a_warning(
    dialguard: Dialguard, manager: Manager, table: str, told: list[str]
) -> None:
    """It takes a way to Asterisk."""
    text = dialguard.policy.read_text().replace('"pin+totp"', '"sign-in"')
    dialguard.policy.write_text(f"{text}\n{table}\n")
    settings = settings_of(dialguard.settings)
    assert _about_ami(checkup.policy_holds(settings)) == []
    without = settings.model_copy(update={"ami": ()})
    assert _about_ami(checkup.policy_holds(without)) == told


def _about_ami(findings: Iterator[Finding]) -> list[str]:
    told = [each for each in findings if "takes `[ami]`" in each.what]
    assert {each.mark for each in told} <= {Mark.WARN}
    return [each.what.partition(" is ")[0] for each in told]


def test_what_no_rule_asks_for_ends_no_call(dialguard: Dialguard, settings: Settings) -> None:
    """The table is odd by itself, and that is told."""
    with dialguard.policy.open("a") as policy:
        policy.write('\n[sign-in]\ncalls = "end"\n')
    assert _about_ami(checkup.policy_holds(settings)) == []


@pytest.mark.parametrize(
    ("then", "network", "is_told"),
    [
        ('"sign-in"', "", True),
        ('"sign-in"', 'network = ["office"]\n', False),
        ('"sign-in"', 'network = ["not office"]\n', True),
        ('"pin+totp"', "", False),
    ],
)
def test_pages_that_sign_in_a_phone_anywhere_are_a_warning(
    dialguard: Dialguard, settings: Settings, then: str, network: str, *, is_told: bool
) -> None:
    """What is registered may be the thief's; where there are none, phones sign in themselves."""
    text = dialguard.policy.read_text().replace('then = "pin+totp"', f"{network}then = {then}")
    dialguard.policy.write_text(f'{text}\n[networks]\noffice = ["10.0.0.0/8"]\n')
    console = ConsoleSettings(url="http://localhost:8573")
    with_pages = settings.model_copy(update={"console": console})
    told = [each for each in checkup.policy_holds(with_pages) if "place is signed in" in each.what]
    assert [each.mark for each in told] == [Mark.WARN] * is_told
    assert not any("place is signed in" in each.what for each in checkup.policy_holds(settings))


def test_keys_are_made_later_or_private(dialguard: Dialguard, settings: Settings) -> None:
    """Or they fail."""
    assert marks(checkup.keys_are_private(settings)) == ["WARN"]
    make_keys(settings.keys.file)
    assert marks(checkup.keys_are_private(settings)) == ["OK"]
    settings.keys.file.write_text("no key\n")
    assert marks(checkup.keys_are_private(settings)) == ["FAIL"]
    settings.keys.file.chmod(0o644)
    (open_to_all,) = checkup.keys_are_private(settings)
    assert (open_to_all.mark, "chmod 600" in open_to_all.cure) == (Mark.FAIL, True)
    assert "backup" not in open_to_all.cure


def test_what_is_hidden_from_us_fails(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is neither the service's user nor root sees nothing of it."""

    def hidden(file: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr("pathlib.Path.exists", hidden)
    assert marks(checkup.keys_are_private(settings)) == ["FAIL"]
    assert marks(checkup.store_is_writable(settings)) == ["FAIL"]
    assert marks(checkup.decisions_are_writable(settings)) == ["FAIL"]


def test_files_of_another_user_are_a_warning(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it is root who looks."""
    make_keys(settings.keys.file)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert marks(checkup.keys_are_private(settings)) == ["OK", "WARN"]
    monkeypatch.setattr(checkup, "ROOT", 4242)
    assert marks(checkup.keys_are_private(settings)) == ["OK"]


def test_a_store_is_written_to(dialguard: Dialguard, settings: Settings) -> None:
    """Reading is not enough."""
    make_keys(dialguard.folder / "dialguard.db")  # some file that is no database
    assert marks(checkup.store_is_writable(settings)) == ["FAIL"]
    (dialguard.folder / "dialguard.db").unlink()
    dialguard.on_settings("calls")
    assert marks(checkup.store_is_writable(settings)) == ["OK"]
    memory = settings.store.model_copy(update={"url": "sqlite://:memory:"})
    assert marks(checkup.store_is_writable(settings.model_copy(update={"store": memory}))) == [
        "OK"
    ]


def test_a_store_that_is_not_there_is_left_to_the_service(settings: Settings) -> None:
    """The doctor only looks: what root makes, the service's user cannot write."""
    url = f"sqlite://{settings.keys.file.parent}/later/dialguard.db"
    later = settings.store.model_copy(update={"url": url})
    elsewhere = settings.model_copy(update={"store": later})
    assert marks(checkup.store_is_writable(elsewhere)) == ["WARN"]
    assert not (settings.keys.file.parent / "later").exists()


def test_paths_are_shown_as_they_are(dialguard: Dialguard) -> None:
    """Not as the way that leads there."""
    (dialguard.folder / "etc").mkdir()
    text = dialguard.settings.read_text()
    for name in ("office.toml", "keys", "decisions.jsonl"):
        text = text.replace(f'"{name}"', f'"../{name}"')
    moved = dialguard.folder / "etc" / "dialguard.toml"
    moved.write_text(text.replace("sqlite://", "sqlite://../"))
    found = settings_of(moved)
    told = [
        *checkup.settings_fit(found),
        *checkup.policy_holds(found),
        *checkup.keys_are_private(found),
        *checkup.store_is_writable(found),
        *checkup.decisions_are_writable(found),
    ]
    assert not any(".." in each.what for each in told)


def test_the_record_of_decisions_is_looked_for(
    dialguard: Dialguard, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file, or the folder it will be in."""
    assert marks(checkup.decisions_are_writable(settings)) == ["OK"]
    later = settings.log.model_copy(update={"decisions": dialguard.folder / "log" / "d.jsonl"})
    assert marks(checkup.decisions_are_writable(settings.model_copy(update={"log": later}))) == [
        "WARN"
    ]
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert marks(checkup.decisions_are_writable(settings)) == ["FAIL"]


@pytest.mark.parametrize(
    ("said", "mark"),
    [
        ([b"NOOP\n"], "OK"),
        ([], "FAIL"),  # whom it does not trust, it says nothing
    ],
)
def test_a_release_of_nothing_is_heard(dialguard: Dialguard, said: list[bytes], mark: str) -> None:
    """By a real exchange, which leaves nothing on record."""
    service = Service(*said)
    host, port = service.address
    text = dialguard.settings.read_text().replace("127.0.0.1:1", f"{host}:{port}")
    dialguard.settings.write_text(text)
    assert marks(checkup.service_answers(settings_of(dialguard.settings))) == [mark]
    service.end()
    assert b"agi_network_script: release" in service.environment


def test_a_service_that_does_not_answer_fails(dialguard: Dialguard, settings: Settings) -> None:
    """Whatever its policy is."""
    assert marks(checkup.service_answers(settings)) == ["FAIL"]
    dialguard.policy.write_text("[site]\n")
    assert marks(checkup.service_answers(settings)) == ["FAIL"]


def test_of_several_sites_any_is_asked(dialguard: Dialguard, settings: Settings) -> None:
    """The dialplan of one of them would do the same."""
    (dialguard.folder / "sites").mkdir()
    text = dialguard.policy.read_text()
    for name in ("hotel", "office"):
        site = text.replace('name           = "office"', f'name = "{name}"')
        (dialguard.folder / "sites" / f"{name}.toml").write_text(site)
    policy = settings.policy.model_copy(
        update={"file": None, "folder": dialguard.folder / "sites"}
    )
    many = settings.model_copy(update={"policy": policy})
    assert marks(checkup.policy_holds(many)).count("OK") == 2
    assert marks(checkup.service_answers(many)) == ["FAIL"]


@pytest.mark.parametrize(
    ("program", "mark"), [(None, "WARN"), ("echo yes", "OK"), ("echo no", "WARN")]
)
def test_the_clock_should_be_synchronised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None, mark: str
) -> None:
    """One-time codes live by it."""
    asked = tmp_path / "timedatectl"
    asked.write_text(f"#!/bin/sh\n{program}\n")
    asked.chmod(0o755)
    found = None if program is None else str(asked)
    monkeypatch.setattr("fastagi.cli.checkup.shutil.which", lambda _: found)
    assert marks(checkup.clock_is_right()) == [mark]
