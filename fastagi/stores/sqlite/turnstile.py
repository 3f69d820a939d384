"""Turns at the write lock, so that a busy process cannot keep the others from it.

SQLite's lock goes to whoever tries first when it is free. A process that commits and begins again
at once wins against those that sleep between their tries, over and over, and their callers are
refused. So there is a turnstile before it: only one process at a time waits for the lock, and none
gets there without. Whoever commits finds the next one waiting already, and has to queue.

The turnstile is an flock(2) on a file beside the store: gone with a process that is killed, and
apart from the locks on the store, which are SQLite's. The file holds nothing and is its owner's
alone, as whoever may open a file may lock it, and keep everybody else from the store. It stays
when all are gone: were it removed, one could wait at a file that the next does not find.
"""

from __future__ import annotations

import contextlib
import errno
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
        store: The store's file; the turnstile's is made beside it if missing.

    Raises:
        OSError: The file cannot be opened or made, or is open to others.
    """

    def __init__(self, store: Path) -> None:
        self._file = _opened(store)
        if os.fstat(self._file).st_mode & 0o077:
            os.close(self._file)
            raise PermissionError(errno.EPERM, "it is open to other users; run `chmod 600`")

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
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _entered(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def file_of(store: Path) -> Path:
    """Return the turnstile's file of a store."""
    return store.with_name(f"{store.name}-turn")


def _opened(store: Path) -> int:
    file, flags = file_of(store), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        made = os.open(file, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(file, flags)
    if os.geteuid() == 0:  # as with SQLite's own files: the service's user must be able to open it
        owner = store.stat()
        os.fchown(made, owner.st_uid, owner.st_gid)
    return made
