"""From a rate sheet as a carrier sends it (CSV) to a `RateSheet`, or to all that is wrong in it.

Whatever stands above the names of the columns is passed over, and so are rows that have neither
prefix nor price; all else is read, or refused with its line. A million rows are read row by row,
and sorted by the handful: no other thread waits long for any of it.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Final

from fastagi.errors import PolicyError, Problem
from fastagi.rating.cells import SYMBOLS, quoted
from fastagi.rating.columns import Column, Header, is_header, read_header
from fastagi.rating.entries import Entries
from fastagi.rating.rows import REMARK, Rows
from fastagi.rating.sheet import RateSheet, compiled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PROBLEMS_MAX: Final = 20
"""Problems of one sheet that are told; in a sheet of another format every row is wrong."""

HEADER_ROWS: Final = 60
"""Rows among which the names of the columns are looked for: carriers write letters above them."""

DELIMITERS: Final = ",;\t|"


@dataclass(frozen=True, slots=True)
class Reading:
    """A sheet, and what is worth knowing of how it was read.

    Attributes:
        rows: Rows with a prefix.
        passed_over: Rows with neither prefix nor price.
        repeated: How often the same price of a prefix stood there before.
        unread: Names of columns that nothing was read from.
        has_increments: Whether the sheet gives increments; else whole minutes are taken.
        has_currency: Whether the sheet says anywhere what currency it is in.
    """

    sheet: RateSheet
    rows: int
    passed_over: int
    repeated: int
    unread: tuple[str, ...]
    has_increments: bool
    has_currency: bool


def read_sheet(raw: bytes, file: Path, currency: str = "") -> Reading:
    """Read a rate sheet.

    Args:
        raw: What is in the file.
        file: Names it in messages.
        currency: What its prices have to be in (ISO 4217); empty for whatever they are in.

    Raises:
        PolicyError: It cannot be used; the first twenty problems, with their lines.
    """
    complaints = Complaints(file)
    text = Text(raw, _encoding(raw, file))
    header, header_line, delimiter = _header(text, file)
    entries = Entries()
    rows = Rows(header, entries)
    for named in header.currencies:
        rows.currencies.setdefault(named, header_line)
    _read_rows(text, rows, header_line, delimiter, complaints)
    for line, what in _currency_problems(rows, currency):
        complaints.add(line, what)
    buffer = compiled(entries.in_order(complaints.add), entries.tariffs)
    if not rows.count and not complaints.problems:
        complaints.add(header_line, "there is no prefix below the names of the columns")
    complaints.raise_if_any()
    steps = {Column.FIRST, Column.NEXT, Column.INCREMENTS}
    return Reading(
        RateSheet(buffer),
        rows.count,
        rows.passed_over,
        entries.repeated,
        header.unread,
        bool(steps & header.places.keys()),
        bool(rows.currencies or rows.symbols),
    )


@dataclass(slots=True)
class Complaints:
    """What is wrong in a sheet; of more than twenty, how many more."""

    file: Path
    problems: list[Problem] = field(default_factory=list)
    unsaid: int = 0

    def add(self, line: int, what: str) -> None:
        """Note one problem."""
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(self.file, line, what))
        else:
            self.unsaid += 1

    def raise_if_any(self) -> None:
        """End the reading, where anything is wrong.

        Raises:
            PolicyError: What is wrong.
        """
        if self.unsaid:
            last = max(each.line for each in self.problems)
            self.problems.append(Problem(self.file, last, f"and {self.unsaid} more problems"))
        if self.problems:
            raise PolicyError(self.problems)


# ----------------------------------------------------------------------------- text


@dataclass(frozen=True, slots=True)
class Text:
    """The text of a sheet, as often as it is wanted, line by line."""

    raw: bytes
    encoding: str

    def open(self) -> io.TextIOWrapper:
        """Begin at the first line.

        What is not ASCII is only in names, which are not read: no byte of them is worth an error.
        """
        whole = io.BytesIO(self.raw)
        return io.TextIOWrapper(whole, encoding=self.encoding, errors="replace", newline="")


def _encoding(raw: bytes, file: Path) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refusal(file, 0, "this is a spreadsheet's workbook; save the sheet as CSV")
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise _refusal(file, line, "there is a NUL, as in no text; save the sheet as CSV")
    return "utf-8-sig"


def _refusal(file: Path, line: int, what: str) -> PolicyError:
    return PolicyError([Problem(file, line, what)])


def _header(text: Text, file: Path) -> tuple[Header, int, str]:
    """Find the names of the columns; also the last line of them, and what separates cells."""
    for delimiter in DELIMITERS:
        reader = csv.reader(text.open(), delimiter=delimiter)
        try:
            for row in islice(reader, HEADER_ROWS):
                if is_header(row):
                    return read_header(row), reader.line_num, delimiter
        except csv.Error:  # a cell without end: with another delimiter it may have one
            continue
        except ValueError as error:
            raise _refusal(file, reader.line_num, str(error)) from None
    first = text.open().readline(200).strip()
    raise _refusal(
        file,
        1,
        f"no row names a column of prefixes and one of prices (the first is {quoted(first)}); "
        "write above them: prefix,price_per_minute,connect_fee,first_seconds,next_seconds",
    )


# ----------------------------------------------------------------------------- rows


def _read_rows(
    text: Text, rows: Rows, header_line: int, delimiter: str, complaints: Complaints
) -> None:
    opened = text.open()
    for _ in range(header_line):
        opened.readline()
    reader = csv.reader(opened, delimiter=delimiter, strict=True)
    width, before = rows.header.width, 0
    try:
        for row in reader:
            lines = reader.line_num
            try:
                if len(row) == width and lines == before + 1:
                    rows.read(row, header_line + lines)
                else:
                    rows.read(_mended(rows.header, row, lines - before), header_line + before + 1)
            except ValueError as error:
                complaints.add(header_line + before + 1, str(error))
            before = lines
    except csv.Error as error:
        what = f"quotation marks are not in pairs from here on ({error})"
        complaints.add(header_line + before + 1, f"{what}; within a cell, write two for one")


def _mended(header: Header, row: Sequence[str], lines: int) -> Sequence[str]:
    """Return a row with as many cells as the header has; what more or less could lose, raises."""
    is_remark = bool(row) and row[0].lstrip().startswith(REMARK)
    if any(cell.strip() for cell in row[header.width :]) and not is_remark:
        raise ValueError(
            f"there are {len(row)} cells below {header.width} columns; write prices with a "
            "decimal point, and put names that have a comma in quotation marks"
        )
    codes = header.places.get(Column.PREFIX, header.places.get(Column.AREA, 0))
    if row and lines - 1 > row[min(codes, len(row) - 1)].count("\n"):
        raise ValueError(
            f"a cell in quotation marks goes over {lines} lines, and rows may be lost in it; take "
            "the line breaks out of it"
        )
    return [*row, *[""] * header.width][: header.width]


# ----------------------------------------------------------------------------- currency


def _currency_problems(rows: Rows, wanted: str) -> Iterator[tuple[int, str]]:
    """Find prices in several currencies, or in another than the policy's."""
    in_order = sorted((line, code) for code, line in rows.currencies.items())
    if len(in_order) > 1:
        first_line, first = in_order[0]
        for line, code in in_order[1:]:
            what = f"this is in {quoted(code)}, but line {first_line} in {quoted(first)}"
            yield line, f"{what}; a sheet has one currency: make one of each, and use one"
        return
    stated = in_order[0][1] if in_order else ""
    if stated and wanted and stated != wanted:
        line = in_order[0][0]
        yield line, f"prices are in {quoted(stated)}, but `currency` of `[rates]` is `{wanted}`"
        return
    for symbol, line in rows.symbols.items():
        meant = SYMBOLS[symbol]
        if (code := wanted or stated) and code not in meant:
            yield line, f"`{symbol}` is no sign of {quoted(code)}, which prices are to be in"
    if len(rows.symbols) > 1:
        shown = " and ".join(f"`{each}` (line {line})" for each, line in rows.symbols.items())
        yield max(rows.symbols.values()), f"prices have signs of several currencies: {shown}"
