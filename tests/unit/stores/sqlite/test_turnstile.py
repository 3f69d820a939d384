"""Turns at the write lock."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from pathlib import Path

import apsw
import pytest

from fastagi.stores.sqlite.turnstile import Turnstile


def test_one_stands_in_it_at_a_time(tmp_path: Path) -> None:
    """The others try until their time is up; when it is free, one of them enters."""
    one, other = Turnstile(tmp_path), Turnstile(tmp_path)
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


def test_it_is_left_whatever_happens_in_it(tmp_path: Path) -> None:
    """Also when the lock was not to be had."""
    one, other = Turnstile(tmp_path), Turnstile(tmp_path)
    with pytest.raises(apsw.BusyError), one.passed(0.0):
        raise apsw.BusyError
    with other.passed(0.0):
        pass
    one.close()
    other.close()


def _die_in_it(folder: str) -> None:
    with Turnstile(Path(folder)).passed(0.0):
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_dies_in_it_leaves_it(tmp_path: Path) -> None:
    """Killed as hard as can be."""
    dying = multiprocessing.get_context("spawn").Process(target=_die_in_it, args=(str(tmp_path),))
    dying.start()
    dying.join()
    assert dying.exitcode == -signal.SIGKILL
    turnstile = Turnstile(tmp_path)
    with turnstile.passed(0.0):
        pass
    turnstile.close()


def test_there_must_be_a_folder(tmp_path: Path) -> None:
    """A file is none."""
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        Turnstile(tmp_path / "file")
