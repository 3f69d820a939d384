"""`dialguard serve`: hints and exit statuses; the service itself is run in tests/integration."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import Problem, SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.settings import Settings
    from tests.unit.cli.conftest import Dialguard


@pytest.fixture
def _ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_settings: Settings, when_ready: Callable[[], None]) -> int:
        when_ready()
        return 0

    monkeypatch.setattr("fastagi.cli.serve.run", run)


@pytest.mark.usefixtures("_ends_at_once")
@pytest.mark.parametrize("found", [None, "/usr/bin/dialguard"])
def test_a_newcomer_is_told_what_to_try(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch, found: str | None
) -> None:
    """Lines to copy, with the settings and the program that were used."""
    monkeypatch.setattr("fastagi.cli.serve.shutil.which", lambda _: found)
    monkeypatch.setattr(sys, "argv", [".venv/bin/dialguard"])
    done = dialguard.on_settings("serve", "--hints")
    program = ".venv/bin/dialguard" if found is None else "dialguard"
    assert f"  {program} call --settings {dialguard.settings} 101 " in done.stderr
    assert f"  {program} phone add --settings {dialguard.settings} 101" in done.stderr


@pytest.mark.usefixtures("_ends_at_once")
def test_a_journal_is_told_nothing(dialguard: Dialguard) -> None:
    """Hints are for terminals, and for who asks."""
    assert dialguard.on_settings("serve").stderr == ""


def test_settings_that_must_not_be_are_status_3(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With their file."""

    def refuse(_settings: Settings, _when_ready: Callable[[], None]) -> int:
        raise SettingsError([Problem(dialguard.settings, 0, "an open door")])

    monkeypatch.setattr("fastagi.cli.serve.run", refuse)
    done = dialguard.on_settings("serve")
    assert done.exit_code == 3
    assert "an open door" in done.stderr
