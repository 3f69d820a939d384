"""Turns at the write lock, so that a busy process cannot keep the others from it.

SQLite's lock goes to whoever tries first when it is free. A process that commits and begins again
at once wins against those that sleep between their tries, over and over, and their callers are
refused. So there is a turnstile before it: only one process at a time waits for the lock, and none
gets there without. Whoever commits finds the next one waiting already, and has to queue.

The turnstile is an flock(2) on the store's folder: no file of its own, gone with a process that
is killed, and apart from the locks on the file, which are SQLite's.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from typing import TYPE_CHECKING, Final

import apsw

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RETRY_S: Final = 0.0005
"""How long to sleep before the next try: about as long as a small transaction takes."""


class Turnstile:
    """Where one of all processes waits for the write lock.

    Args:
        folder: Where the store's file is.

    Raises:
        OSError: The folder cannot be opened.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    @contextlib.contextmanager
    def passed(self, give_up_at: float) -> Iterator[None]:
        """Stand in the turnstile; leave it once the lock is had, or not to be had.

        Args:
            give_up_at: The moment (`time.monotonic`) after which it is tried no more.

        Raises:
            apsw.BusyError: Others stood in it for too long.
        """
        while not self._entered():
            if time.monotonic() >= give_up_at:
                raise apsw.BusyError("other processes wait for the lock")
            time.sleep(RETRY_S)
        try:
            yield
        finally:
            fcntl.flock(self._folder, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._folder)

    def _entered(self) -> bool:
        try:
            fcntl.flock(self._folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
