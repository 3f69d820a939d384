"""A file that is replaced as a whole."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from fastagi import atomic_file

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_file_has_the_mode_of_the_umask(tmp_path: Path) -> None:
    """As any editor would make it."""
    before = os.umask(0o027)
    try:
        atomic_file.write(tmp_path / "new.toml", b"a = 1\n")
    finally:
        os.umask(before)
    assert (tmp_path / "new.toml").read_bytes() == b"a = 1\n"
    assert stat.S_IMODE((tmp_path / "new.toml").stat().st_mode) == 0o640


def test_what_is_replaced_keeps_its_mode_and_its_attributes(tmp_path: Path) -> None:
    """The service goes on being able to read it, and others go on not to."""
    file = tmp_path / "policy.toml"
    file.write_bytes(b"old")
    file.chmod(0o604)
    os.setxattr(file, "user.kept", b"yes")
    atomic_file.write(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o604
    assert os.getxattr(file, "user.kept") == b"yes"
    assert list(tmp_path.iterdir()) == [file]


def test_another_s_file_stays_the_other_s(tmp_path: Path) -> None:
    """Or is not written at all."""
    file = tmp_path / "policy.toml"
    file.write_bytes(b"old")
    found = file.stat()
    if os.geteuid() == 0:
        os.chown(file, 12345, 12345)
        atomic_file.write(file, b"new")
        assert (file.stat().st_uid, file.stat().st_gid) == (12345, 12345)
        return
    owned = os.stat_result((*found[:4], 12345, 12345, *found[6:]))
    with patch("pathlib.Path.stat", return_value=owned), pytest.raises(PermissionError):
        atomic_file.write(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced, in the folder where that is."""
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "policy.toml", tmp_path / "policy.toml"
    real.write_bytes(b"old")
    link.symlink_to(real)
    atomic_file.write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_what_is_no_file_is_not_replaced(tmp_path: Path) -> None:
    """A pipe, or a folder."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no regular file"):
        atomic_file.write(tmp_path / "pipe", b"new")


@pytest.mark.parametrize("fault", [OSError("disk full"), KeyboardInterrupt()])
def test_a_fault_leaves_the_old_file_and_no_draft(tmp_path: Path, fault: BaseException) -> None:
    """The disk is full, or somebody presses Ctrl-C."""
    file = tmp_path / "policy.toml"
    file.write_bytes(b"old")
    with patch("os.fsync", side_effect=fault), pytest.raises(type(fault)):
        atomic_file.write(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
