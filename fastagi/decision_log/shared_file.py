"""A file that several processes append whole lines to, and rotate, without losing one.

Why not a library: concurrent-log-handler, the well-kept one, is a `logging.Handler`. It waits for
its lock in whoever logs, reports a full disk to stderr and forgets the line, and has its queue
without a bound. A decision must not wait, and must be counted when it is lost.

How it is done: the file is opened by its name for every write, locked (`flock`), and looked at
again: whoever waited for the lock while another process, or logrotate, renamed the file, finds
another file under the name and starts over. No lock file lies about, and a process that dies
takes its lock with it. With logrotate use `delaycompress`, since a writer may be at its last line.
"""

from __future__ import annotations

import errno
import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODE: Final = 0o640  # the service writes, the administrators' group reads, nobody else
FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC  # read, too: is the last line whole?


class SharedFile:
    """The file, and the rotated ones beside it: `name.1` is the newest, `name.KEEP` the oldest.

    Args:
        path: The file; it and its folder are made where they are missing.
        rotate_bytes: The size above which it is rotated; 0 leaves that to logrotate.
        keep: How many rotated files there are at most; at least 1.
    """

    def __init__(self, path: Path, *, rotate_bytes: int, keep: int) -> None:
        self._path = path
        self._rotate_bytes = rotate_bytes
        self._keep = max(1, keep)

    def append(self, lines: bytes) -> OSError | None:
        """Append whole lines, all or none; return why the file could not be rotated, if so.

        Raises:
            OSError: Nothing was written: the disk is full, the folder gone, the right missing.
        """
        rotated: OSError | None = None
        with self._locked() as file:
            if not self._is_full(file, len(lines)):
                _write(file, lines)
                return None
            try:
                self._rotate()
            except OSError as error:
                _write(file, lines)
                rotated = error
        if rotated is None:
            with self._locked() as file:
                _write(file, lines)
        return rotated

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Open the file that bears the name now, and keep all others out of it."""
        while True:
            file = self._open()
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
                if self._bears_the_name(file):
                    yield file
                    return
            finally:
                os.close(file)  # which unlocks it

    def _open(self) -> int:
        try:
            return os.open(self._path, FLAGS)
        except FileNotFoundError:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = os.open(self._path, FLAGS | os.O_CREAT, MODE)
            os.fchmod(file, MODE)  # the umask may have taken the group's right
            return file

    def _bears_the_name(self, file: int) -> bool:
        try:
            return os.path.samestat(os.fstat(file), self._path.stat())
        except FileNotFoundError:
            return False

    def _is_full(self, file: int, more: int) -> bool:
        size = os.fstat(file).st_size
        return 0 < self._rotate_bytes < size + more and size > 0

    def _rotate(self) -> None:
        """Shift every name by one; the oldest file is overwritten."""
        for number in range(self._keep - 1, 0, -1):
            older = self._rotated(number)
            if older.exists():
                older.replace(self._rotated(number + 1))
        self._path.replace(self._rotated(1))

    def _rotated(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")


def _write(file: int, lines: bytes) -> None:
    """Write all or nothing; a line torn by a power cut before is ended first."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        lines = b"\n" + lines
    written = os.write(file, lines)
    if written < len(lines):
        os.ftruncate(file, size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
