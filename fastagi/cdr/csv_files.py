"""Rows of CSV files: which kind of file it is, and its rows one after another.

A row is a line, or several where a cell holds a line's end: Asterisk writes whatever somebody
dialled or calls himself, in quotation marks. Who is there to be called must not be able to write
rows of his own, and a line that was cut off must not swallow those that follow.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
import zlib
from collections import deque
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Final, NamedTuple, cast

from fastagi.cdr import columns
from fastagi.cdr.cdr_custom import mapping_of
from fastagi.cdr.tally import printable
from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastagi.cdr.columns import Layout
    from fastagi.cdr.plan import CsvFile

DELIMITERS: Final = ",;\t|"
LINE_BYTES: Final = 65_536
"""A line that is longer is no record's."""

RECORD: Final = 8_192
"""Characters in which a quotation mark must be closed; `cdr_csv` writes no longer record."""

SAMPLE: Final = 500
"""So many rows are looked at before anything is decided."""

MAGIC: Final[tuple[tuple[bytes, Callable[..., IO[bytes]]], ...]] = (
    (b"\x1f\x8b", cast("Callable[..., IO[bytes]]", gzip.open)),
    (b"BZh", cast("Callable[..., IO[bytes]]", bz2.open)),
    (b"\xfd7zXZ\x00", cast("Callable[..., IO[bytes]]", lzma.open)),
)
"""How files begin that are packed, whatever they are called."""

BROKEN_PACKING: Final = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile)


class Rows(NamedTuple):
    """An opened file.

    Attributes:
        layout: What its columns are.
        sample: Its first rows, with their lines from 1; None in place of one that is broken.
        rest: The others.
    """

    layout: Layout
    sample: list[tuple[int, list[str] | None]]
    rest: Iterator[tuple[int, list[str] | None]]


class OpenedFile:
    """A file that is read once, and tells how far.

    Raises:
        RecordsError: It cannot be opened.
    """

    def __init__(self, source: CsvFile) -> None:
        self.source = source
        try:
            self._raw = source.file.open("rb")
            begins = self._raw.read(6)
            self._raw.seek(0)
        except OSError as error:
            raise RecordsError(f"`{source.file}` cannot be read: {error.strerror}") from None
        unpack = next((opener for magic, opener in MAGIC if begins.startswith(magic)), None)
        self._file: IO[bytes] = self._raw if unpack is None else unpack(self._raw)

    def close(self) -> None:
        """Close it."""
        self._file.close()
        self._raw.close()

    @property
    def done(self) -> int:
        """How many bytes of it, packed or not, are read."""
        return self._raw.tell()

    def rows(self) -> Rows:
        """Decide what the file is, and return its rows.

        Raises:
            RecordsError: Nobody can tell what its columns are, or it cannot be read.
        """
        lines = self._lines()
        head = next((each for each in lines if each[1] is not None), None)
        if head is None:
            return Rows(columns.Layout({columns.Field.AT: 0}), [], iter(()))
        delimiter = self.source.delimiter or max(DELIMITERS, key=(head[1] or "").count)
        cells = self._cells(chain([head], lines), delimiter)
        sample = list(islice(cells, SAMPLE))
        first = next((row for _, row in sample if row is not None), None)
        if first is None:
            raise self._unknown(head[0], head[1] or "")
        layout, is_heading = self._layout(first, sample)
        if is_heading:
            sample = sample[sample.index(next(each for each in sample if each[1] is first)) + 1 :]
        return Rows(layout, sample, cells)

    def _layout(
        self, first: list[str], sample: list[tuple[int, list[str] | None]]
    ) -> tuple[Layout, bool]:
        """Return what the columns are, and whether the first row names them."""
        source, name = self.source, str(self.source.file)
        if columns.is_heading(first, source.chosen):
            return columns.of_names(first, source.chosen, of=name), True
        if source.columns is not None:
            names = mapping_of(source.columns, source.file.name)
            return columns.of_names(names, source.chosen, of=str(source.columns)), False
        if source.chosen:
            return columns.of_places(len(first), source.chosen, of=name), False
        for _, row in sample:  # the first might be a broken one
            if row is not None and (layout := columns.of_cdr_csv(row)) is not None:
                return layout, False
        line = next(number for number, row in sample if row is first)
        raise self._unknown(line, ",".join(first))

    def _unknown(self, line: int, text: str) -> RecordsError:
        return RecordsError(
            f"{self.source.file}:{line}: neither a heading nor what `cdr_csv` writes: "
            f"{printable(text)}; say what its columns are: `--columns cdr_custom.conf`, or "
            "`--column at=1 --column extension=2 --column dialled=3` and so on"
        )

    def _cells(
        self, lines: Iterator[tuple[int, str | None]], delimiter: str
    ) -> Iterator[tuple[int, list[str] | None]]:
        """Take lines apart; `csv` never sees one that is broken."""
        numbers: deque[int] = deque()
        broken: deque[int] = deque()

        def whole() -> Iterator[str]:
            for number, record in _records(lines):
                if record is None:
                    broken.append(number)
                else:
                    numbers.append(number)
                    yield record

        rows = csv.reader(whole(), delimiter=delimiter, skipinitialspace=True)
        while True:
            try:
                row = next(rows, None)
            except csv.Error:  # a line's end outside of quotation marks
                broken.append(numbers.popleft())
                row = []
            while broken:
                yield broken.popleft(), None
            if row is None:
                return
            if len(numbers) > 1:  # a quotation mark in an odd place swallowed the next row
                broken.extend(numbers)
                numbers.clear()
            elif numbers and row:
                yield numbers.popleft(), row
            else:  # an empty line
                numbers.clear()

    def _lines(self) -> Iterator[tuple[int, str | None]]:
        """Give out lines with their numbers; None is one that is too long."""
        number = 0
        try:
            while raw := self._file.readline(LINE_BYTES):
                number += 1
                if len(raw) == LINE_BYTES and not raw.endswith(b"\n"):
                    while (more := self._file.readline(LINE_BYTES)) and more[-1:] != b"\n":
                        pass
                    yield number, None
                    continue
                text = raw.decode("utf-8", "replace").rstrip("\r\n")
                yield number, text.removeprefix("\ufeff") if number == 1 else text
        except BROKEN_PACKING:
            yield number + 1, None  # a rotated file that was not wholly packed yet
        except OSError as error:
            raise RecordsError(
                f"`{self.source.file}` cannot be read beyond line {number}: {error.strerror}"
            ) from None


def _records(lines: Iterator[tuple[int, str | None]]) -> Iterator[tuple[int, str | None]]:
    """Put lines together whose quotation marks are only closed in a later one.

    None is a line that is too long, or whose quotation mark is never closed.
    """
    held: deque[tuple[int, str | None]] = deque()
    while True:
        each = held.popleft() if held else next(lines, None)
        if each is None:
            return
        number, line = each
        if line is None or "\0" in line:
            yield number, None
        elif not line.count('"') & 1:
            yield number, line
        else:
            taken = list[tuple[int, str | None]]()
            record: str | None = None
            while len(line) < RECORD:
                more = held.popleft() if held else next(lines, None)
                if more is None:
                    break
                taken.append(more)
                if more[1] is None:
                    break
                line = f"{line}\n{more[1]}"
                if more[1].count('"') & 1:
                    record = line
                    break
            if record is None:
                held.extendleft(reversed(taken))
            yield number, record


def size_of(file: Path) -> int:
    """Return how many bytes a file has; 0 where it is not there."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
