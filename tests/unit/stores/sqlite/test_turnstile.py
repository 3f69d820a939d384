"""Turns at the write lock."""

from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import time
from pathlib import Path

import apsw
import pytest

from fastagi.stores.sqlite.turnstile import Turnstile, file_of


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store's file."""
    file = tmp_path / "store.db"
    file.touch(0o600)
    return file


def test_one_stands_in_it_at_a_time(store: Path) -> None:
    """The others try until their time is up; when it is free, one of them enters."""
    one, other = Turnstile(store), Turnstile(store)
    with (
        one.passed(0.0),
        pytest.raises(apsw.BusyError, match="other processes wait"),
        other.passed(time.monotonic() + 0.002),
    ):
        raise AssertionError
    with other.passed(0.0):
        pass
    one.close()
    other.close()


def test_it_is_left_whatever_happens_in_it(store: Path) -> None:
    """Also when the lock was not to be had."""
    one, other = Turnstile(store), Turnstile(store)
    with pytest.raises(apsw.BusyError), one.passed(0.0):
        raise apsw.BusyError
    with other.passed(0.0):
        pass
    one.close()
    other.close()


def _die_in_it(store: str) -> None:
    with Turnstile(Path(store)).passed(0.0):
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_dies_in_it_leaves_it(store: Path) -> None:
    """Killed as hard as can be."""
    dying = multiprocessing.get_context("spawn").Process(target=_die_in_it, args=(str(store),))
    dying.start()
    dying.join()
    assert dying.exitcode == -signal.SIGKILL
    turnstile = Turnstile(store)
    with turnstile.passed(0.0):
        pass
    turnstile.close()


def test_its_file_is_private_and_stays(store: Path) -> None:
    """Who can open it can lock it; who comes next finds the one at which others may wait."""
    Turnstile(store).close()
    status = file_of(store).stat()
    assert stat.S_IMODE(status.st_mode) == 0o600
    Turnstile(store).close()
    assert file_of(store).stat().st_ino == status.st_ino


def test_a_file_that_others_can_open_is_refused(store: Path) -> None:
    """Any of them could keep everybody from the store."""
    file_of(store).touch()
    file_of(store).chmod(0o644)
    with pytest.raises(PermissionError, match="chmod 600"):
        Turnstile(store)


def test_no_link_is_followed(store: Path) -> None:
    """Whoever can put one there chooses no file of somebody else's."""
    file_of(store).symlink_to(store)
    with pytest.raises(OSError, match="symbolic"):
        Turnstile(store)


@pytest.mark.parametrize("user", [0, 1000])
def test_what_root_makes_is_the_owners(
    store: Path, monkeypatch: pytest.MonkeyPatch, user: int
) -> None:
    """A command that root ran must not keep the service from its store."""
    owners: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(os, "fchown", lambda _, uid, gid: owners.append((uid, gid)))
    Turnstile(store).close()
    Turnstile(store).close()
    status = store.stat()
    assert owners == ([(status.st_uid, status.st_gid)] if user == 0 else [])


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    """Where nothing can be made, nobody can stand."""
    with pytest.raises(FileNotFoundError):
        Turnstile(tmp_path / "nowhere" / "store.db")
