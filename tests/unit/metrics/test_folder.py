"""Counters of many processes, and of those that died, in one folder."""

from __future__ import annotations

import errno
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from prometheus_client import Histogram

from fastagi.metrics.folder import KINDS, ROOM
from tests.doubles.meters_in import all_of, meters_in

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.metrics.meters import Meters
    from tests.unit.metrics.conftest import Read

DIES = """
import os, signal, sys
from pathlib import Path
from fastagi.metrics import folder
with folder.opened(Path(sys.argv[1])) as meters:
    meters.worker_starts.inc()
    meters.sessions.set(7)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def die(place: Path) -> None:
    """Let a worker count, and be killed."""
    subprocess.run([sys.executable, "-c", DIES, str(place)], check=False, timeout=30)


def test_what_the_dead_counted_stays_counted(place: Path, read: Read) -> None:
    """A counter never falls, and the dead leave one set of files, however many they were."""
    for _ in range(3):
        die(place)
    assert read("dialguard_worker_starts_total") == 3
    assert len(list(place.glob("*.lock"))) == 1


def test_what_the_dead_held_is_gone_with_their_successor(place: Path, read: Read) -> None:
    """Seven calls of a worker that was killed are nobody's."""
    die(place)
    assert read("dialguard_sessions") == 7
    with meters_in(place) as meters:
        assert read("dialguard_sessions") == 0
        meters.sessions.set(2)
        assert read("dialguard_sessions") == 2


def test_workers_side_by_side_are_summed_up(place: Path, meters: Meters, read: Read) -> None:
    """Two at a time never write to one file."""
    meters.sessions.set(1)
    meters.worker_starts.inc()
    die(place)
    assert read("dialguard_sessions") == 8
    assert read("dialguard_worker_starts_total") == 2
    assert {each.name for each in place.glob("*.lock")} == {"0.lock", "1.lock"}


def test_the_folder_is_private(place: Path, meters: Meters) -> None:
    """What a site does with its telephones is its own affair."""
    assert meters.registry is not None
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_folder_without_room_is_refused(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the start, where that can be said; later the process would be killed for it."""

    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", full)
    with pytest.raises(OSError, match="No space left"), meters_in(place):
        pytest.fail("it counts all the same")


def test_the_room_is_there_before_anything_is_counted(place: Path, meters: Meters) -> None:
    """No page of a file is missing, and counting makes none larger."""
    for each in all_of(meters):
        child = each.labels(*("x" for _ in each._labelnames)) if each._labelnames else each
        child.observe(1) if isinstance(child, Histogram) else child.inc()
    files = {each.name: each.stat() for each in place.glob("*.db")}
    assert set(files) == {f"{kind}_0.db" for kind in KINDS}
    for found in files.values():
        assert found.st_size == ROOM
        assert found.st_blocks * 512 >= ROOM
