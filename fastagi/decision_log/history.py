"""The record of decisions from one moment to another, over all its files, a line at a time.

However long it is, one line is in memory. No lock is taken; what is rotated away or not wholly
compressed meanwhile is passed over, as are lines that are not whole and lines of another kind.
"""

from __future__ import annotations

import contextlib
import gzip
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.decision_log.lookup import newest_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedIOBase
    from pathlib import Path

LINE_BYTES: Final = 65_536
"""A line that is longer is none of ours."""

BEGINS: Final = b'{"time":"'
MOMENT: Final = slice(len(BEGINS), len(BEGINS) + 24)
"""Where a line's moment stands: of all of them it is written in the same way."""

HEAD: Final = re.compile(
    rb'\{"time":"([-0-9]{10})[^"\\]*","site":"([^"\\]*)","node":"[^"\\]*","call":"([^"\\]*)",'
    rb'"channel":"[^"\\]*","extension":"([^"\\]*)","address":"([^"\\]*)"'
)
"""The keys and their order are part of the format."""


def files_of(logs: Iterable[Path], since: float) -> list[Path]:
    """List the files of some records, rotated ones too, that may have lines since a moment.

    Each is there once, also where records are named twice; the oldest first.

    Raises:
        OSError: A folder cannot be read.
    """
    found: dict[Path, None] = {}
    for log in logs:
        for file in reversed(newest_first(log)):
            with contextlib.suppress(FileNotFoundError):  # rotated away between the two
                if file.stat().st_mtime >= since:
                    found[file.resolve()] = None
    return list(found)


def lines_between(files: Iterable[Path], since: float, until: float) -> Iterator[bytes]:
    """Read the lines of decisions that fell from one moment on and before another.

    Raises:
        OSError: A file that is there cannot be read.
    """
    first, last = _written(since), _written(until)
    for file in files:
        gone = contextlib.suppress(FileNotFoundError, EOFError, zlib.error)
        with gone, _opened(file) as opened:
            for line in _lines(opened):
                if line.startswith(BEGINS) and first <= line[MOMENT] < last:
                    yield line


def oldest_moment(log: Path) -> str | None:
    """Return when the oldest line of a record was written, as it stands there; None without any.

    Raises:
        OSError: A folder, or a file that is there, cannot be read.
    """
    for file in files_of([log], 0):
        with contextlib.suppress(FileNotFoundError, EOFError, zlib.error), _opened(file) as opened:
            for line in _lines(opened):
                if line.startswith(BEGINS):
                    return line[MOMENT].decode("ascii", "replace")
    return None


class Head(NamedTuple):
    """What a line begins with, as it stands there: enough to tell whether it has to be read.

    Attributes:
        day: As `2026-11-30`.
    """

    day: bytes
    site: bytes
    call: bytes
    extension: bytes
    address: bytes


def head_of(line: bytes) -> Head | None:
    """Return how a line begins; None where only reading all of it tells.

    A quotation mark within a text is written with a backslash, and no text that has one is taken:
    none can look like a field.
    """
    found = HEAD.match(line)
    return None if found is None else Head(*found.groups())


def _opened(file: Path) -> BufferedIOBase:
    return gzip.open(file) if file.suffix == ".gz" else file.open("rb")


def _lines(file: BufferedIOBase) -> Iterator[bytes]:
    """Read lines, however long one is, in bounded memory."""
    whole = True
    while line := file.readline(LINE_BYTES):
        ends = line.endswith(b"\n")
        if whole and ends:
            yield line
        whole = ends


def _written(at: float) -> bytes:
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z").encode()
