"""The record of decisions from one moment to another, over all its files, a line at a time.

However long it is, one line is in memory. No lock is taken; what is rotated away or not wholly
compressed meanwhile is passed over, as are lines that are not whole and lines of another kind.
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

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


def text_in(line: bytes, name: str) -> str:
    r"""Return a field's text without reading the whole line; empty where it has none.

    A quotation mark within a text is written as `\"`: no text can look like a field.
    """
    found = _field(name).search(line)
    return "" if found is None else found[1].decode("ascii", "replace")


@functools.cache
def _field(name: str) -> re.Pattern[bytes]:
    return re.compile(rb'"%s":"([^"\\]*)"' % re.escape(name.encode()))


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
