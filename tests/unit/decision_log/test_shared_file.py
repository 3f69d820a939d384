"""`decision_log.shared_file`: whole lines, several processes, rotation by us and by others."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fastagi.decision_log.shared_file import SharedFile

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _shared(path: Path, *, rotate_bytes: int = 0, keep: int = 3) -> SharedFile:
    return SharedFile(path, rotate_bytes=rotate_bytes, keep=keep)


def test_file_and_folder_are_made_for_service_and_group(tmp_path: Path) -> None:
    """Mode 0640 whatever the umask takes away."""
    path = tmp_path / "log" / "dialguard" / "decisions.jsonl"
    before = os.umask(0o077)
    try:
        _shared(path).append(b"one\n")
    finally:
        os.umask(before)

    assert path.read_bytes() == b"one\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_the_mode_an_administrator_chose_stays(tmp_path: Path) -> None:
    """Logrotate's `create 0600` is not undone."""
    path = tmp_path / "decisions.jsonl"
    path.touch(mode=0o600)
    _shared(path).append(b"one\n")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_lines_are_appended(tmp_path: Path) -> None:
    """One after the other."""
    path = tmp_path / "decisions.jsonl"
    shared = _shared(path)

    assert shared.append(b"one\n") is None
    assert shared.append(b"two\nthree\n") is None
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_a_full_file_is_rotated_and_the_oldest_goes(tmp_path: Path) -> None:
    """`.1` is the newest; no more are kept than were asked for."""
    path = tmp_path / "decisions.jsonl"
    shared = _shared(path, rotate_bytes=10, keep=2)
    for each in (b"first 1\n", b"second\n", b"third\n", b"4\n", b"fifth\n"):
        assert shared.append(each) is None

    assert path.read_bytes() == b"fifth\n"
    assert (tmp_path / "decisions.jsonl.1").read_bytes() == b"third\n4\n"
    assert (tmp_path / "decisions.jsonl.2").read_bytes() == b"second\n"
    assert len(list(tmp_path.iterdir())) == 3


def test_a_line_longer_than_a_file_is_written(tmp_path: Path) -> None:
    """An empty file is never rotated away."""
    path = tmp_path / "decisions.jsonl"
    shared = _shared(path, rotate_bytes=4)
    shared.append(b"long as it is\n")
    shared.append(b"another one\n")

    assert path.read_bytes() == b"another one\n"
    assert (tmp_path / "decisions.jsonl.1").read_bytes() == b"long as it is\n"
    assert len(list(tmp_path.iterdir())) == 2


def test_what_cannot_be_rotated_is_written_all_the_same(tmp_path: Path) -> None:
    """A folder in the way of the new name is told, and costs no line."""
    path = tmp_path / "decisions.jsonl"
    (tmp_path / "decisions.jsonl.1" / "in the way").mkdir(parents=True)
    shared = _shared(path, rotate_bytes=4, keep=1)
    shared.append(b"one\n")

    assert isinstance(shared.append(b"two\n"), OSError)
    assert path.read_bytes() == b"one\ntwo\n"


def test_after_logrotate_the_new_file_is_written(tmp_path: Path) -> None:
    """No signal is needed: the name is looked up for every write."""
    path = tmp_path / "decisions.jsonl"
    shared = _shared(path)
    shared.append(b"one\n")
    path.rename(tmp_path / "decisions.jsonl.1")
    shared.append(b"two\n")

    assert path.read_bytes() == b"two\n"


def _at_the_first_lock(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Let something happen while a writer waits for its first lock."""
    flock, pending = fcntl.flock, [happens]

    def scripted(file: int, operation: int) -> None:
        if pending:
            pending.pop()()
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", scripted)


def test_a_file_renamed_while_waiting_for_its_lock_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process rotated first: the line goes where the name is now."""
    path, rotated = tmp_path / "decisions.jsonl", tmp_path / "decisions.jsonl.1"
    shared = _shared(path)
    shared.append(b"one\n")

    def another_rotates() -> None:
        path.rename(rotated)
        path.touch()

    _at_the_first_lock(monkeypatch, another_rotates)
    shared.append(b"two\n")

    assert rotated.read_bytes() == b"one\n"
    assert path.read_bytes() == b"two\n"


def test_a_file_deleted_while_waiting_for_its_lock_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written into a file without a name."""
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b"one\n")
    _at_the_first_lock(monkeypatch, path.unlink)
    _shared(path).append(b"two\n")

    assert path.read_bytes() == b"two\n"


def test_a_line_torn_by_a_power_cut_is_ended(tmp_path: Path) -> None:
    """The next line does not run into it."""
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(b'{"time":"2026')
    _shared(path).append(b"two\n")

    assert path.read_bytes() == b'{"time":"2026\ntwo\n'


def test_a_line_that_does_not_fit_the_disk_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or nothing: half a line would be read by nobody, and spoil the next."""
    path = tmp_path / "decisions.jsonl"
    shared = _shared(path)
    shared.append(b"one\n")
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, lines: write(file, lines[:2]))

    with pytest.raises(OSError, match="No space left") as caught:
        shared.append(b"two\n")
    assert caught.value.errno == errno.ENOSPC
    assert path.read_bytes() == b"one\n"


def test_a_folder_that_cannot_be_made_is_an_oserror(tmp_path: Path) -> None:
    """And nothing else."""
    (tmp_path / "log").write_text("a file where a folder should be")

    with pytest.raises(OSError, match="log"):
        _shared(tmp_path / "log" / "decisions.jsonl").append(b"one\n")


WRITER = """
import sys
from pathlib import Path
from fastagi.decision_log.shared_file import SharedFile

path, name = Path(sys.argv[1]), sys.argv[2]
shared = SharedFile(path, rotate_bytes=2_000, keep=1_000)
for number in range(300):
    shared.append(f"{name} {number:03} {'x' * (number % 90)}\\n".encode())
"""


def test_processes_writing_and_rotating_at_once_lose_no_line(tmp_path: Path) -> None:
    """Every line of each is there once, and whole."""
    path = tmp_path / "decisions.jsonl"
    names = ("a", "b", "c")
    running = [subprocess.Popen([sys.executable, "-c", WRITER, path, name]) for name in names]
    assert [each.wait() for each in running] == [0, 0, 0]

    files = list(tmp_path.iterdir())
    lines = [line for file in files for line in file.read_text().splitlines()]
    assert sorted(lines) == sorted(
        f"{name} {number:03} {'x' * (number % 90)}" for name in names for number in range(300)
    )
    assert len(files) > 10
