"""A worker does not outlive its supervisor."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fastagi.daemon.kinship import PR_SET_PDEATHSIG, die_with

if TYPE_CHECKING:
    from collections.abc import Iterator

CHILD = """
import os, signal, sys
from fastagi.daemon.kinship import die_with
assert die_with(os.getppid())
os.write(1, b"bound\\n")
os.kill(os.getpid(), signal.SIGSTOP)
"""

PARENT = f"""
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE)
child.stdout.readline()
os.write(1, b"%d\\n" % child.pid)
os.kill(os.getpid(), 9)
"""


def test_a_child_dies_with_its_parent_also_while_it_hangs() -> None:
    """The kernel sees to it; the child's end of the pipe is closed, so nobody waits for it."""
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        said, *_ = parent.stdout.read().split()  # up to the end of both processes' output
        assert parent.wait() == -signal.SIGKILL
    assert int(said) > 0


@pytest.fixture
def _unbound_afterwards() -> Iterator[None]:
    """Let the tests' own process outlive its parent again."""
    yield
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0)


@pytest.mark.usefixtures("_unbound_afterwards")
def test_a_dead_parent_is_noticed() -> None:
    """Between the start of a worker and its binding its supervisor may have died."""
    assert die_with(os.getppid())
    assert not die_with(1 << 30)  # no process has this id


def test_elsewhere_than_on_linux_only_the_parent_is_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """There is no such signal; the end of the pipe remains."""
    monkeypatch.setattr(sys, "platform", "darwin")
    assert die_with(os.getppid())
