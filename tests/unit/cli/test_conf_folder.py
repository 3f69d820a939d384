"""Files of a folder that another user may write to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

from fastagi.cli import conf_folder
from fastagi.cli.conf_folder import ConfFolder
from fastagi.errors import InstallError

if TYPE_CHECKING:
    from pathlib import Path

SOMEBODY = (65534, 65534) if os.getuid() == 0 else (os.getuid(), os.getgid())
"""Only root can have files that are another's."""


@pytest.fixture
def conf(tmp_path: Path) -> ConfFolder:
    """A folder with one file of somebody else's, in mode 640."""
    file = tmp_path / "a.conf"
    file.write_bytes(b"before")
    file.chmod(0o640)
    os.chown(file, *SOMEBODY)
    return ConfFolder(tmp_path)


def _owned(file: Path) -> tuple[int, int, str]:
    found = file.stat()
    return found.st_uid, found.st_gid, oct(found.st_mode)[-3:]


def test_a_file_is_replaced_with_its_owner_and_mode(conf: ConfFolder, tmp_path: Path) -> None:
    """And nothing else is left in the folder."""
    conf.replace("a.conf", b"before", b"after", "a.conf")
    assert conf.read("a.conf") == b"after"
    assert _owned(tmp_path / "a.conf") == (*SOMEBODY, "640")
    assert [each.name for each in tmp_path.iterdir()] == ["a.conf"]


def test_a_new_file_is_like_another(conf: ConfFolder, tmp_path: Path) -> None:
    """Its folder belongs to the same user; that may be there already."""
    assert conf.read("sub/b.conf") is None
    for name in ("sub/b.conf", "sub/c.conf"):
        conf.replace(name, None, b"new", "a.conf")
        assert _owned(tmp_path / name) == (*SOMEBODY, "640")
    assert _owned(tmp_path / "sub") == (*SOMEBODY, "755")


def test_where_there_is_nothing_to_be_like_it_is_for_its_user_alone(tmp_path: Path) -> None:
    """Rather than for everybody."""
    ConfFolder(tmp_path).replace("sub/b.conf", None, b"new", "a.conf")
    assert _owned(tmp_path / "sub/b.conf") == (os.getuid(), os.getgid(), "600")


def test_what_somebody_changed_meanwhile_is_kept(conf: ConfFolder, tmp_path: Path) -> None:
    """Between the look and the write, whoever else writes has won."""
    (tmp_path / "a.conf").write_bytes(b"meanwhile")
    with pytest.raises(InstallError, match=r"a\.conf: somebody changed it just now"):
        conf.replace("a.conf", b"before", b"after", "a.conf")
    with pytest.raises(InstallError, match="somebody changed it"):
        conf.replace("b.conf", b"gone", b"after", "a.conf")
    assert conf.read("a.conf") == b"meanwhile"


def test_no_link_is_followed(conf: ConfFolder, tmp_path: Path) -> None:
    """Neither a file's nor a folder's: root would read and write what Asterisk's user may not."""
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "shadow").write_bytes(b"secret")
    (tmp_path / "b.conf").symlink_to(secret / "shadow")
    (tmp_path / "sub").symlink_to(secret)
    for name in ("b.conf", "sub/shadow"):
        with pytest.raises(InstallError, match=f"{name}: cannot be read .*no symbolic link"):
            conf.read(name)
        with pytest.raises(InstallError, match="no symbolic link"):
            conf.replace(name, b"secret", b"after", "a.conf")
    assert (secret / "shadow").read_bytes() == b"secret"


def test_what_is_no_file_is_told(conf: ConfFolder, tmp_path: Path) -> None:
    """A pipe does not hang it."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InstallError, match="it is no file"):
        conf.read("pipe")


def test_what_is_too_long_is_told(conf: ConfFolder) -> None:
    """Nobody writes so much by hand."""
    with patch.object(conf_folder, "LONGEST", 5), pytest.raises(InstallError, match="too long"):
        conf.read("a.conf")


def test_a_write_that_fails_leaves_all_as_it_was(conf: ConfFolder, tmp_path: Path) -> None:
    """A full disk, and no draft is left on it."""
    full = OSError(28, "No space left on device")
    with patch("os.fsync", side_effect=full), pytest.raises(InstallError, match="No space left"):
        conf.replace("a.conf", b"before", b"after", "a.conf")
    assert conf.read("a.conf") == b"before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.conf"]
