"""Rows of CSV files: which kind of file it is, and its rows one after another.

A row is a line, as Asterisk writes it. A line that was cut off, with a quotation mark that is
never closed, is one broken line: it does not swallow those that follow.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
import zlib
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
            raise RecordsError(f"`{source.file}` cannot be read: {error.strerror}") from error
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
        numbers: list[int] = []
        broken: list[int] = []

        def whole() -> Iterator[str]:
            for number, line in lines:
                if line is None or line.count('"') & 1 or "\0" in line:
                    broken.append(number)
                else:
                    numbers.append(number)
                    yield line

        for row in csv.reader(whole(), delimiter=delimiter, skipinitialspace=True):
            while broken:
                yield broken.pop(0), None
            number = numbers.pop()
            if row:
                yield number, row
        while broken:
            yield broken.pop(0), None

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
                text = raw.decode("utf-8", "replace")
                yield number, text.removeprefix("\ufeff") if number == 1 else text
        except BROKEN_PACKING:
            yield number + 1, None  # a rotated file that was not wholly packed yet
        except OSError as error:
            raise RecordsError(
                f"`{self.source.file}` cannot be read beyond line {number}: {error.strerror}"
            ) from error


def size_of(file: Path) -> int:
    """Return how many bytes a file has; 0 where it is not there."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
