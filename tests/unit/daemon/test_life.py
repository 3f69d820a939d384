"""One worker as its supervisor sees it: real processes of one line each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.life import NEVER, Life

if TYPE_CHECKING:
    from collections.abc import Iterator


def begin(script: str) -> Life:
    """Return a worker that runs a script, in which `say` writes to its pipe."""

    def start(number: int, pipe: int) -> subprocess.Popen[bytes]:
        said = f"import os, time; say = lambda word: os.write({pipe}, word); {script}"
        return subprocess.Popen([sys.executable, "-S", "-E", "-c", said], pass_fds=[pipe])

    return Life.begin(start, 0, 10.0)


def descriptors() -> int:
    """Return how many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def sleeper() -> Iterator[Life]:
    """Return a worker that says it is ready, then nothing."""
    worker = begin("say(b'R'); time.sleep(60)")
    os.set_blocking(worker.pipe, True)
    yield worker
    worker.bury()


def test_a_word_moves_the_deadline(sleeper: Life) -> None:
    """Until READY it has `start_s`, from then on `silent_s` after each word."""
    assert sleeper.silent_at(start_s=60.0, silent_s=3.0) == 70.0
    assert sleeper.hear(12.0) == b"R"
    assert sleeper.ready
    assert sleeper.silent_at(start_s=60.0, silent_s=3.0) == 15.0


def test_told_to_leave_twice_the_sooner_holds(sleeper: Life) -> None:
    """The end of the service does not give a worker more time than its own drain had left."""
    assert sleeper.leave_by == NEVER
    sleeper.leave(30.0)
    sleeper.leave(40.0)
    assert sleeper.leave_by == 30.0


def test_nothing_said_is_the_end() -> None:
    """The end of the pipe is the end of the worker, and it is buried with its status."""
    before = descriptors()
    worker = begin("os._exit(7)")
    os.set_blocking(worker.pipe, True)
    assert worker.hear(11.0) == b""
    assert worker.heard_at == 10.0
    worker.process.wait()
    assert worker.bury() == 7
    assert descriptors() == before


def test_a_start_that_fails_leaves_nothing_open() -> None:
    """No memory, no more processes: no descriptor is lost by trying."""

    def start(number: int, pipe: int) -> subprocess.Popen[bytes]:
        raise BlockingIOError("no more processes")

    before = descriptors()
    with pytest.raises(BlockingIOError):
        Life.begin(start, 0, 10.0)
    assert descriptors() == before
