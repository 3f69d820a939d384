"""What commands need of the service's surroundings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import typer

from fastagi.cli import service

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Dialguard


def test_settings_that_are_broken_are_status_3(dialguard: Dialguard) -> None:
    """With file and line."""
    dialguard.settings.write_text("[policy]\nfiel = 1\n")
    done = dialguard.on_settings("calls")
    assert done.exit_code == 3
    assert "dialguard.toml:2: " in done.stderr.replace("\n", "")


def test_a_policy_that_is_broken_is_status_3(dialguard: Dialguard) -> None:
    """Whose site is it."""
    dialguard.policy.write_text("[site]\n")
    assert dialguard.on_settings("phone", "list").exit_code == 3


def test_of_several_sites_one_must_be_named(dialguard: Dialguard) -> None:
    """Of one, none need be; of one that is not there, those that are, are named."""
    folder = dialguard.folder / "sites"
    folder.mkdir()
    text = dialguard.policy.read_text()
    (folder / "office.toml").write_text(text)
    (folder / "hotel.toml").write_text(text.replace('"office"\ncountry', '"hotel"\ncountry'))
    settings = dialguard.settings.read_text().replace('file = "office.toml"', 'folder = "sites"')
    dialguard.settings.write_text(settings)
    unnamed = dialguard.on_settings("phone", "list")
    assert (unnamed.exit_code, "`hotel`, `office`" in unnamed.stderr) == (1, True)
    assert dialguard.on_settings("phone", "list", "--site", "hotel").exit_code == 0
    wrong = dialguard.on_settings("phone", "list", "--site", "motel")
    assert "there is no site `motel`" in wrong.stderr


def test_what_the_service_is_to_make_is_left_to_it(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What root makes, the service's user cannot write."""
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    done = dialguard.on_settings("calls")
    assert (done.exit_code, "sudo -u" in done.stderr) == (1, True)
    assert not (dialguard.folder / "dialguard.db").exists()


def test_what_is_hidden_from_us_is_left_to_its_owner(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a traceback."""

    def hidden(file: Path) -> bool:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr("pathlib.Path.exists", hidden)
    monkeypatch.setattr(os, "getuid", lambda: 4242)
    assert service.owner_to_be(dialguard.folder / "dialguard.db") == dialguard.folder.stat().st_uid


def test_a_store_that_is_down_is_status_1(dialguard: Dialguard) -> None:
    """And why."""
    (dialguard.folder / "dialguard.db").mkdir()
    done = dialguard.on_settings("calls")
    assert done.exit_code == 1
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize(
    ("listen", "door"),
    [
        ("127.0.0.1:4573", ("127.0.0.1", 4573)),
        ("0.0.0.0:4573", ("127.0.0.1", 4573)),
        ("[::]:4573", ("::1", 4573)),
    ],
)
def test_the_door_is_where_this_machine_reaches_it(
    dialguard: Dialguard, listen: str, door: tuple[str, int]
) -> None:
    """A service that listens everywhere listens at loopback, too."""
    text = dialguard.settings.read_text().replace("127.0.0.1:1", listen)
    dialguard.settings.write_text(text.replace("[agi]", '[agi]\nsecret_file = "secret"'))
    (dialguard.folder / "secret").write_text("open-sesame-123456\n")
    (dialguard.folder / "secret").chmod(0o600)
    settings = service.settings_of(dialguard.settings)
    assert service.door_of(settings) == door
    assert service.secret_of(settings) == "open-sesame-123456"


def test_a_secret_that_cannot_be_read_ends_the_command(dialguard: Dialguard) -> None:
    """With status 3: the settings name it."""
    text = dialguard.settings.read_text().replace("[agi]", '[agi]\nsecret_file = "secret"')
    dialguard.settings.write_text(text)
    with pytest.raises(typer.Exit) as ended:
        service.secret_of(service.settings_of(dialguard.settings))
    assert ended.value.exit_code == 3


def test_without_a_secret_file_nothing_is_shared(dialguard: Dialguard) -> None:
    """On one machine."""
    assert service.secret_of(service.settings_of(dialguard.settings)) == ""
