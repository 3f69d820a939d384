"""The file of keys."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon import keys
from fastagi.errors import SettingsError, VaultError

if TYPE_CHECKING:
    from pathlib import Path


def test_it_is_made_on_first_use_for_its_owner_only(tmp_path: Path) -> None:
    """Mode 0600, and nothing else is left beside it."""
    file = tmp_path / "var" / "keys"
    sealed = keys.open_vault(file).seal("secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert keys.open_vault(file).open(sealed) == "secret"


def test_of_two_processes_one_finds_the_others_key(tmp_path: Path) -> None:
    """A key that somebody used already is never replaced."""
    file = tmp_path / "keys"
    other = keys.open_vault(tmp_path / "other")
    (tmp_path / "other").rename(file)
    keys._make(file)
    assert keys.open_vault(file).open(other.seal("secret")) == "secret"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_open_to_others_is_refused(tmp_path: Path) -> None:
    """Whoever can read the keys can search all PINs."""
    file = tmp_path / "keys"
    keys.open_vault(file)
    file.chmod(0o640)
    with pytest.raises(VaultError, match="chmod 600"):
        keys.open_vault(file)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"not a key\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is no key is never used as one."""
    file = tmp_path / "keys"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(VaultError):
        keys.open_vault(file)


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "file").touch()
    with pytest.raises(VaultError, match="cannot be used") as error:
        keys.open_vault(tmp_path / "file" / "keys")
    assert isinstance(error.value.__cause__, OSError)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_shared_secret_is_one_line(tmp_path: Path) -> None:
    """The newline at its end is not part of it."""
    file = tmp_path / "secret"
    file.write_text("open-sesame_1\n")
    file.chmod(0o640)
    assert keys.read_secret(file) == "open-sesame_1"


@pytest.mark.parametrize("content", [b"", b"two\nlines", b"a,b", b"\xff"])
def test_what_is_no_such_line_is_refused(tmp_path: Path, content: bytes) -> None:
    """A comma would mean something to the dialplan; an empty secret would be none."""
    file = tmp_path / "secret"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="secret"):
        keys.read_secret(file)


def test_a_shared_secret_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    """The group may: Asterisk reads it, too."""
    file = tmp_path / "secret"
    file.write_text("open-sesame")
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod o="):
        keys.read_secret(file)


def test_a_shared_secret_that_is_not_there_is_said(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(SettingsError, match="nowhere"):
        keys.read_secret(tmp_path / "nowhere")
