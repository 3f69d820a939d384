"""A file is replaced in one step, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fastagi.errors import PolicyError
from fastagi.shadows.replacing import replace_text, text_of, write_like


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that somebody may read, and others not."""
    made = tmp_path / "office.toml"
    made.write_text("old")
    made.chmod(0o640)
    return made


def test_text_mode_and_nothing_else(file: Path) -> None:
    """No other file is left in the folder."""
    replace_text(file, "old", "new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o640)
    assert list(file.parent.iterdir()) == [file]


def test_who_changed_it_meanwhile_is_not_overwritten(file: Path) -> None:
    """It is to be done again."""
    with pytest.raises(PolicyError, match="somebody else has changed it meanwhile; do it again"):
        replace_text(file, "older", "new")
    assert text_of(file) == "old"


def test_a_link_goes_on_pointing_there(file: Path, tmp_path: Path) -> None:
    """The file that it names is replaced, in its own folder."""
    folder = tmp_path / "git"
    folder.mkdir()
    real = folder / "office.toml"
    file.rename(real)
    file.symlink_to(real)
    replace_text(file, "old", "new")
    assert file.is_symlink()
    assert real.read_text() == "new"


def test_a_disk_that_takes_nothing_leaves_all_as_it_was(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No half, and nothing left behind."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(PolicyError, match="No space left on device; nothing is changed"):
        replace_text(file, "old", "new")
    assert file.read_text() == "old"
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_that_cannot_be_synced_is_no_failure(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is in its place by then: to say that nothing was changed would be false."""
    sync, calls = os.fsync, []

    def once(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > 1:
            raise OSError(22, "Invalid argument")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", once)
    replace_text(file, "old", "new")
    assert (file.read_text(), len(calls)) == ("new", 2)


def test_the_owner_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root edits what is the service's; so of what is kept beside it."""
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(os, "fchown", lambda _, user, group: given.append((user, group)))
    status = file.stat()
    replace_text(file, "old", "new")
    write_like(file.with_name("kept"), "old", file)
    assert given == [(status.st_uid, status.st_gid)] * 2


def test_who_may_not_give_it_back_writes_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the service could not read its own policy any more."""

    def refuse(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(PolicyError, match="it cannot be written: Operation not permitted"):
        replace_text(file, "old", "new")
    assert file.read_text() == "old"


def test_what_is_no_text_is_said(file: Path) -> None:
    """With the file."""
    file.write_bytes(b"\xff")
    with pytest.raises(PolicyError, match=r"office\.toml: this is no UTF-8"):
        text_of(file)


def test_what_is_kept_is_read_by_no_more_than_before(file: Path) -> None:
    """Also where something of that name is there."""
    kept = file.with_name("kept")
    kept.write_text("older")
    kept.chmod(0o666)
    write_like(kept, "old", file)
    assert (kept.read_text(), kept.stat().st_mode & 0o777) == ("old", 0o640)


def test_access_lists_stay(file: Path, tmp_path: Path) -> None:
    """A service that may read by one goes on reading; what is kept beside has them, too."""
    os.setxattr(file, "user.kept", b"yes")
    replace_text(file, "old", "new")
    kept = tmp_path / "kept.toml"
    write_like(kept, "old", file)
    assert [os.getxattr(each, "user.kept") for each in (file, kept)] == [b"yes", b"yes"]
