"""What `dialguard doctor` looks at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from fastagi.call.channel import Variable
from fastagi.cli import checkup
from fastagi.cli.checkup import Finding, Mark
from fastagi.cli.service import settings_of
from fastagi.daemon.keys import open_vault
from fastagi.prompts.catalogue import PROMPTS, REFUSALS
from tests.unit.cli.test_handset import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.settings import Settings
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
    console = settings.model_copy(update={"console": object()})
    assert marks(checkup.settings_fit(console)) == ["FAIL"]


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


def test_keys_are_made_later_or_private(dialguard: Dialguard, settings: Settings) -> None:
    """Or they fail."""
    assert marks(checkup.keys_are_private(settings)) == ["WARN"]
    open_vault(settings.keys.file)
    assert marks(checkup.keys_are_private(settings)) == ["OK"]
    settings.keys.file.chmod(0o644)
    assert marks(checkup.keys_are_private(settings)) == ["FAIL"]


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
    """Root can read them, and makes files that the service cannot."""
    open_vault(settings.keys.file)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert marks(checkup.keys_are_private(settings)) == ["OK", "WARN"]


def test_a_store_is_written_to(dialguard: Dialguard, settings: Settings) -> None:
    """Reading is not enough."""
    assert marks(checkup.store_is_writable(settings)) == ["OK"]
    broken = settings.store.model_copy(update={"url": f"sqlite://{dialguard.folder}"})
    assert marks(checkup.store_is_writable(settings.model_copy(update={"store": broken}))) == [
        "FAIL"
    ]


def test_a_store_that_the_service_is_to_make_is_left_to_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What root makes, the service's user cannot write."""
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert marks(checkup.store_is_writable(settings)) == ["WARN"]


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


# ------------------------------------------------------------------- Asterisk


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """Return a folder with an Asterisk's configuration."""
    folder = tmp_path / "asterisk"
    folder.mkdir()
    (folder / "extensions.conf").write_text('[globals]\n#include "dialguard.conf"\n')
    words = " ".join(Variable)
    (folder / "dialguard.conf").write_text(f"{words} agi://${{HOST}}/outbound ${{HOST}}/release")
    (folder / "asterisk.conf").write_text(f"[directories]\nastdatadir => {tmp_path}\n")
    for files in (*PROMPTS.values(), *REFUSALS.values()):
        for sound in files:
            file = tmp_path / "sounds" / "en" / f"{sound}.gsm"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
    return folder


def test_the_dialplan_must_include_ours(etc: Path) -> None:
    """Of this version's contract."""
    assert marks(checkup.dialplan_is_included(etc)) == ["OK", "OK"]
    (etc / "dialguard.conf").write_text("GUARD_VERDICT")
    assert marks(checkup.dialplan_is_included(etc)) == ["OK", "FAIL"]
    (etc / "dialguard.conf").unlink()
    assert marks(checkup.dialplan_is_included(etc)) == ["OK", "FAIL"]
    (etc / "extensions.conf").write_text(";#include dialguard.conf\n")
    assert marks(checkup.dialplan_is_included(etc)) == ["FAIL"]


def test_the_dialplan_may_include_ours_from_a_folder(etc: Path) -> None:
    """As the example does."""
    (etc / "dialguard").mkdir()
    (etc / "dialguard.conf").rename(etc / "dialguard" / "dialguard.conf")
    (etc / "extensions.conf").write_text("#include dialguard/dialguard.conf\n")
    assert marks(checkup.dialplan_is_included(etc)) == ["OK", "OK"]


def test_the_dialplan_we_ship_fits_the_contract(etc: Path, request: pytest.FixtureRequest) -> None:
    """The real one has every word."""
    ours = request.config.rootpath / "dialplan" / "dialguard.conf"
    (etc / "dialguard.conf").write_text(ours.read_text())
    assert marks(checkup.dialplan_is_included(etc)) == ["OK", "OK"]


def test_no_asterisk_here_is_a_warning(tmp_path: Path) -> None:
    """It may be another machine."""
    assert marks(checkup.dialplan_is_included(tmp_path / "nowhere")) == ["WARN"]


def test_sounds_are_looked_for_in_every_language(
    etc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Callers of a language without them would hear another."""
    assert marks(checkup.sounds_are_there(etc, ("en", "es"))) == ["OK", "WARN"]
    (etc / "asterisk.conf").unlink()
    monkeypatch.setattr(checkup, "DATA_FOLDERS", (tmp_path / "nowhere", tmp_path))
    assert marks(checkup.sounds_are_there(etc, ("en",))) == ["OK"]
    monkeypatch.setattr(checkup, "DATA_FOLDERS", ())
    assert marks(checkup.sounds_are_there(etc, ("en",))) == ["WARN"]


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
