"""More rows in order than memory holds: sorted runs in files, merged as they are read."""

from __future__ import annotations

import heapq
import marshal
import struct
import tempfile
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, Final

from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

LENGTH: Final = struct.Struct("!I")

RUN: Final = 100_000
"""Rows that are sorted in memory: of call records some 50 MB."""

BLOCK: Final = 1_000
"""Rows that are read back at once of each run."""


def in_order(
    rows: Iterable[tuple[Any, ...]], folder: Path | None = None, run: int = RUN
) -> Iterator[tuple[Any, ...]]:
    """Give out rows in order, after the last was taken.

    What does not fit into memory lies in files without a name, which are gone with the process
    however it ends.

    Args:
        rows: Plain tuples of plain values, which `marshal` writes.
        folder: Where there is room for them; the system's own for such files, if None.
        run: How many are sorted at once.

    Raises:
        RecordsError: There is no room; the message says where.
    """
    source, runs = iter(rows), list[IO[bytes]]()
    try:
        while True:
            block = sorted(islice(source, run))
            if len(block) < run:
                break
            runs.append(_written(block, folder))
            del block
        yield from heapq.merge(*(_read(each) for each in runs), block) if runs else block
    finally:
        for each in runs:
            each.close()


def _written(rows: list[tuple[Any, ...]], folder: Path | None) -> IO[bytes]:
    try:
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed when all is merged
        for begin in range(0, len(rows), BLOCK):
            block = marshal.dumps(rows[begin : begin + BLOCK])
            file.write(LENGTH.pack(len(block)) + block)
        file.seek(0)
    except OSError as error:
        where = folder or tempfile.gettempdir()
        raise RecordsError(
            f"`{where}` takes no more files for sorting ({error.strerror}); "
            "make room there, or name another folder in $TMPDIR"
        ) from None
    return file


def _read(file: IO[bytes]) -> Iterator[tuple[Any, ...]]:
    # `marshal.load` would ask the file for a few bytes at a time.
    while length := file.read(LENGTH.size):
        (count,) = LENGTH.unpack(length)
        yield from marshal.loads(file.read(count))  # noqa: S302 - our own, that nobody else opens
