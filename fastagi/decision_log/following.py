"""The lines out of the record as they come, from where somebody left off, through rotations.

Whoever follows keeps a `Place`, and gets every line after it, once and whole, in the order of the
file; also those that were written while nobody followed, as long as their file is there and not
compressed. No lock is taken, and nothing is kept open.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.decision_log.lookup import newest_first

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

CHUNK: Final = 256 * 1024
"""Bytes read in one step; a line has some hundred."""

HEAD: Final = 256
"""Bytes of a file's first line by which it is known again: inodes are used anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody left off.

    Attributes:
        inode: Of the file.
        head: A digest of the beginning of its first line; empty where there was none yet.
        offset: Bytes of it that were read.
    """

    inode: int
    head: str
    offset: int


def end_of(path: Path) -> Place | None:
    """Return where the file in use ends now; None where there is no file.

    Raises:
        OSError: It cannot be read.
    """
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        head = _head(file)
        whole = file.seek(0, os.SEEK_END) if head else 0
        return Place(os.fstat(file.fileno()).st_ino, head, whole)
    return None


def lines_after(path: Path, place: Place | None) -> list[tuple[bytes, Place]]:
    """Return the next lines, each with the place after it; none where there are none yet.

    Args:
        path: The file in use.
        place: Where to go on; None for the oldest line there is. Where its file is there no more
            it is that, too: what was between is lost, or is told twice, but not passed over.

    Raises:
        OSError: The folder, or a file that is there, cannot be read.
    """
    files = [each for each in reversed(newest_first(path)) if each.suffix != ".gz"]
    at = next((n for n, each in enumerate(files) if place and _is_at(each, place)), None)
    offset = 0 if at is None or place is None else place.offset
    for file in files[at or 0 :]:
        with contextlib.suppress(FileNotFoundError):  # rotated away between the two
            if found := _lines(file, offset):
                return found
        offset = 0
    return []


def _is_at(file: Path, place: Place) -> bool:
    with contextlib.suppress(FileNotFoundError), file.open("rb") as opened:
        status = os.fstat(opened.fileno())
        known = place.head in ("", _head(opened))
        return status.st_ino == place.inode and status.st_size >= place.offset and known
    return False


def _lines(path: Path, offset: int) -> list[tuple[bytes, Place]]:
    with path.open("rb") as file:
        inode, head = os.fstat(file.fileno()).st_ino, _head(file)
        file.seek(offset)
        found = []
        for line in file.read(CHUNK).splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break  # it is not wholly written, or not wholly read
            offset += len(line)
            found.append((line, Place(inode, head, offset)))
        return found


def _head(file: BinaryIO) -> str:
    file.seek(0)
    first = file.readline(HEAD)
    is_whole = first.endswith(b"\n") or len(first) == HEAD
    return hashlib.sha256(first).hexdigest()[:16] if is_whole else ""
