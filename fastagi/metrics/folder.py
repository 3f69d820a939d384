"""The folder in which the workers of one service keep what they count.

prometheus-client maps one file a process into memory. It would name them by process id, and a
worker that dies each minute would leave files without end; so a process takes the first number
that is free here, and goes on counting where that number's last owner stopped: counters never
fall, and there are no more files than there were workers at a time.
"""

from __future__ import annotations

import fcntl
import itertools
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, values
from prometheus_client.multiprocess import MultiProcessCollector

from fastagi.metrics.meters import Meters

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus-client looks for the folder, and nowhere else."""

KINDS: Final = ("counter", "histogram", "gauge_livesum", "gauge_livemax")
"""The files that prometheus-client makes for each process."""

ROOM: Final = 1 << 19
"""Bytes of each: thousands of series. With more it grows, where there is room."""


@contextmanager
def opened(folder: Path) -> Iterator[Meters]:
    """Make this process's meters; their number is free again when the process ends.

    Args:
        folder: Private to the service, and gone with it; made here if it is not there.

    Raises:
        OSError: The folder cannot be written.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    lock, number = _first_free(folder)
    try:
        for stale in folder.glob(f"gauge_live*_{number}.db"):
            stale.unlink()  # what the number's last owner had: it is not alive
        for kind in KINDS:
            _reserve(folder / f"{kind}_{number}.db")
        os.environ[VARIABLE] = str(folder)
        values.ValueClass = values.MultiProcessValue(  # type: ignore[no-untyped-call]  # it has no types
            process_identifier=lambda: number
        )
        yield Meters()
    finally:
        os.close(lock)


def _reserve(file: Path) -> None:
    """Have the file's room for good: a page of a mapped file that is not there kills the process.

    Raises:
        OSError: There is no room for it.
    """
    with file.open("ab") as opened:
        os.posix_fallocate(opened.fileno(), 0, ROOM)


def _first_free(folder: Path) -> tuple[int, int]:
    """Return the lock that holds a number, and the number."""
    for number in itertools.count():
        lock = os.open(folder / f"{number}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
        else:
            return lock, number
    raise AssertionError("numbers do not end")  # pragma: no cover


def registry_of(folder: Path) -> CollectorRegistry:
    """Return what a scrape reads: the sum of all that is in the folder."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # it has no types
    return registry
