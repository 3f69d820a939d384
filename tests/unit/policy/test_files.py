"""`files`: what can be read is read whole, and what cannot is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.files import cases_path, read_file


def _refused(file: Path, bytes_max: int = 1 << 20) -> str:
    with pytest.raises(PolicyError) as refused:
        read_file(file, bytes_max)
    (problem,) = refused.value.problems
    assert (problem.file, problem.line) == (file, 0)
    return problem.what


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    """By a link, too, and up to the last byte that is allowed."""
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    (tmp_path / "link").symlink_to(file)
    assert read_file(tmp_path / "link", 3) == b"abc"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    """Nobody means a policy of a gigabyte."""
    file = tmp_path / "file"
    file.write_bytes(b"abc")
    assert _refused(file, 2) == "this is larger than 0 MiB, beyond all reason"


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes to, a device that never ends."""
    os.mkfifo(tmp_path / "pipe")
    for each in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        assert _refused(each) == "this is no file; name one that can be read"


@pytest.mark.parametrize(
    ("name", "why"),
    [("nowhere", "no such file or directory"), ("x" * 300, "file name too long")],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str, why: str) -> None:
    """In the words of the system."""
    assert _refused(tmp_path / name) == f"this file cannot be read: {why}"


def test_cases_lie_beside_their_policy() -> None:
    """Under the same name."""
    assert cases_path(Path("policies/office.toml")) == Path("policies/office.cases.toml")
    assert cases_path(Path("policies/office")) == Path("policies/office.cases.toml")
