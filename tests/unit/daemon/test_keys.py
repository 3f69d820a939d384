"""The file of keys."""

from __future__ import annotations

import asyncio
import stat
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon import keys
from fastagi.errors import SettingsError, VaultError
from fastagi.stores.sqlite import open_store
from fastagi.stores.store import Enrolment

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from fastagi.second_factor.vault import Vault
    from fastagi.stores.sqlite.embedded import SQLiteStore


def enrolled(*extensions: str) -> SQLiteStore:
    """Return a store in which these are enrolled."""
    store = open_store(None)
    for extension in extensions:
        asyncio.run(store.enrol("office", Enrolment(extension)))
    return store


def vault_of(file: Path, store: SQLiteStore) -> Vault:
    """Open the vault as a worker of two sites does."""
    return asyncio.run(keys.vault_of(file, store, ("hotel", "office")))


def test_it_is_made_on_first_use_for_its_owner_only(tmp_path: Path, told: list[EventDict]) -> None:
    """Mode 0600, and nothing else is left beside it; that is told, once."""
    file, store = tmp_path / "var" / "keys", enrolled()
    sealed = vault_of(file, store).seal("secret")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]
    assert vault_of(file, store).open(sealed) == "secret"
    assert [(each["event"], each["log_level"]) for each in told] == [("key-file-made", "warning")]


def test_a_lost_file_is_not_replaced_where_somebody_is_enrolled(tmp_path: Path) -> None:
    """Under a new key every right PIN would be wrong, and lock its owner out."""
    file, store = tmp_path / "keys", enrolled("101")
    with pytest.raises(VaultError, match=r"keys` is missing; restore it from its backup"):
        vault_of(file, store)
    assert list(tmp_path.iterdir()) == []
    keys.make_keys(file)
    assert vault_of(file, store).key_ids == keys.open_vault(file).key_ids


def test_none_is_made_for_a_store_that_other_gates_use(tmp_path: Path) -> None:
    """Each would have its own, and take a right PIN of the other's for a wrong one."""
    file, store = tmp_path / "keys", enrolled()
    with pytest.raises(VaultError, match="share its keys: copy it from another gate") as said:
        asyncio.run(keys.vault_of(file, store, ("office",), is_shared=True))
    assert list(tmp_path.iterdir()) == []
    command = str(said.value).split("`")[3]
    subprocess.run(["sh", "-c", command], check=True)
    vault = asyncio.run(keys.vault_of(file, store, ("office",), is_shared=True))
    assert vault.open(vault.seal("secret")) == "secret"


def test_a_missing_file_is_not_made_by_reading_it(tmp_path: Path) -> None:
    """Only `vault_of` knows whether one may be made."""
    with pytest.raises(VaultError, match="cannot be used"):
        keys.open_vault(tmp_path / "keys")
    assert list(tmp_path.iterdir()) == []


def test_of_two_processes_one_finds_the_others_key(tmp_path: Path) -> None:
    """A key that somebody used already is never replaced."""
    file = tmp_path / "keys"
    assert keys.make_keys(file)
    other = keys.open_vault(file)
    assert not keys.make_keys(file)
    assert keys.open_vault(file).open(other.seal("secret")) == "secret"
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_open_to_others_is_refused(tmp_path: Path) -> None:
    """Whoever can read the keys can search all PINs."""
    file = tmp_path / "keys"
    keys.make_keys(file)
    file.chmod(0o640)
    with pytest.raises(VaultError, match="chmod 600"):
        keys.open_vault(file)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"not a key\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is no key is never used as one."""
    file = tmp_path / "keys"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(VaultError, match="keys`"):
        keys.open_vault(file)


def test_an_empty_file_is_no_invitation_to_make_a_new_one(tmp_path: Path) -> None:
    """The message says what a new key costs."""
    (tmp_path / "keys").touch(0o600)
    with pytest.raises(VaultError, match="restore it from backup: a new one voids every PIN"):
        keys.open_vault(tmp_path / "keys")


def test_a_folder_that_may_not_be_looked_into_is_no_missing_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is hidden from us is not made anew."""

    def hidden(_path: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "exists", hidden)
    with pytest.raises(VaultError, match="cannot be used"):
        vault_of(tmp_path / "keys", enrolled())


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "file").touch()
    with pytest.raises(VaultError, match="file/keys` cannot be made") as error:
        vault_of(tmp_path / "file" / "keys", enrolled())
    assert isinstance(error.value.__cause__, OSError)
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_a_new_key_comes_first_and_the_others_stay(tmp_path: Path) -> None:
    """With what stands beside them; mode 0600, nothing left over, a symbolic link still one."""
    file, link = tmp_path / "real", tmp_path / "keys"
    keys.make_keys(file)
    file.write_text("# since 2025\n" + file.read_text())
    link.symlink_to(file)
    before = keys.open_vault(link)
    keys.rotate_keys(link)
    after = keys.open_vault(link)
    assert after.key_ids[1:] == before.key_ids
    assert "# since 2025\n" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(tmp_path.iterdir()) == [link, file]
    assert link.is_symlink()
    assert before.open(after.seal("secret")) == "secret"


def test_a_rotated_file_keeps_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root rotates, and the service can still read it."""
    given: list[tuple[int, int]] = []
    file = tmp_path / "keys"
    keys.make_keys(file)
    monkeypatch.setattr("os.geteuid", lambda: file.stat().st_uid + 1)
    monkeypatch.setattr("os.chown", lambda _path, uid, gid: given.append((uid, gid)))
    keys.rotate_keys(file)
    assert given == [(file.stat().st_uid, file.stat().st_gid)]


def test_a_rotation_that_fails_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, say; and what is no key file is not made one."""
    file = tmp_path / "keys"
    with pytest.raises(VaultError, match="cannot be used"):
        keys.rotate_keys(file)
    keys.make_keys(file)
    before = file.read_bytes()

    def full(_path: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(VaultError, match="cannot be written"):
        keys.rotate_keys(file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_a_shared_secret_is_one_line(tmp_path: Path) -> None:
    """The newline at its end is not part of it."""
    file = tmp_path / "secret"
    file.write_text("open-sesame_1234\n")
    file.chmod(0o640)
    assert keys.read_secret(file) == "open-sesame_1234"


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    """Whoever overhears a token can try short ones at home; the message does not repeat it."""
    file = tmp_path / "secret"
    file.write_text("open-sesame_123\n")
    file.chmod(0o600)
    with pytest.raises(SettingsError, match="16 characters or more") as error:
        keys.read_secret(file)
    assert "open-sesame" not in str(error.value)


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
    with pytest.raises(SettingsError, match=r"nowhere: .* cannot be read: no such file"):
        keys.read_secret(tmp_path / "nowhere")
