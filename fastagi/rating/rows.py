"""The rows of a rate sheet, one after the other: what each says of its prefixes.

A sheet has far fewer prices than prefixes, so what stands beside a prefix is read once.
"""

from __future__ import annotations

from decimal import Decimal
from operator import itemgetter
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.rating import cells
from fastagi.rating.cells import letters, quoted
from fastagi.rating.columns import Column
from fastagi.rating.entries import RUN_OUT, change
from fastagi.rating.sheet import ALWAYS, BLOCKED, E164_MAX, ENDED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastagi.rating.columns import Header
    from fastagi.rating.entries import Entries

REMEMBERED_MAX: Final = 50_000
"""Different prices that are remembered while reading."""

DAY_S: Final = 86400

REMARK: Final = "#"
"""Begins a row that is for people."""

Changes: TypeAlias = tuple[int, ...]
"""Each change of price that a row makes."""


class Rows:
    """Reads rows into entries.

    Attributes:
        count: Rows with a prefix.
        passed_over: Rows with neither prefix nor price.
        currencies: Each currency that is named, and the first line that does.
        symbols: Each sign of a currency that stands by a price, and the first line where it does.
    """

    def __init__(self, header: Header, entries: Entries) -> None:
        self.header = header
        self.count = 0
        self.passed_over = 0
        self.currencies: dict[str, int] = {}
        self.symbols: dict[str, int] = {}
        self._entries = entries
        of_prefixes = {Column.PREFIX, Column.COUNTRY, Column.AREA}
        self._columns = [each for each in header.places if each not in of_prefixes]
        places = [header.places[each] for each in self._columns]
        self._beside = itemgetter(*places, places[0])  # never of one alone: it gives a tuple
        self._remembered: dict[tuple[str, ...], Changes] = {}
        self._prefix = header.places.get(Column.PREFIX, -1)
        self._country = header.places.get(Column.COUNTRY, -1) if self._prefix >= 0 else -1

    def read(self, row: Sequence[str], line: int) -> None:
        """Read one row, which has as many cells as the header.

        Raises:
            ValueError: It is wrong; the message says what to do.
        """
        beside = self._beside(row)
        code = row[self._prefix] if self._prefix >= 0 else ""
        # Prefixes are mostly plain; all others are read with more care.
        is_plain = code.isdigit() and code.isascii() and code[0] != "0" and len(code) <= E164_MAX
        if not is_plain and self._says_nothing(row):
            self.passed_over += 1
            return
        changes = self._remembered.get(beside)
        if changes is None:
            changes = self._changes(dict(zip(self._columns, beside, strict=False)), line)
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[beside] = changes
        if is_plain and self._country < 0:
            self._entries.add(code, changes, line)
        else:
            for prefix in self._prefixes(row):
                self._entries.add(prefix, changes, line)
        self.count += 1

    def _says_nothing(self, row: Sequence[str]) -> bool:
        """Whether it is a remark, or has neither prefix nor price."""
        if row[0].lstrip().startswith(REMARK):
            return True
        parts = (Column.COUNTRY, Column.AREA) if self._prefix < 0 else (Column.PREFIX,)
        places = [self.header.places[each] for each in (*parts, Column.PRICE)]
        return not any(row[place].strip() for place in places)

    def _prefixes(self, row: Sequence[str]) -> Sequence[str]:
        if self._prefix >= 0:
            prefixes = cells.read_prefixes(row[self._prefix])
            self._are_whole(prefixes, row)
        else:
            places = self.header.places
            prefixes = cells.read_area(row[places[Column.COUNTRY]], row[places[Column.AREA]])
        if not prefixes:
            raise ValueError("there is a price, but no prefix; write the prefix, or take it out")
        return prefixes

    def _are_whole(self, prefixes: Sequence[str], row: Sequence[str]) -> None:
        """Refuse prefixes without the country code that stands beside them: other countries'."""
        if self._country < 0:
            return
        code = row[self._country].strip().removeprefix("+")
        if code.isdigit() and not all(each.startswith(code) for each in prefixes):
            raise ValueError(
                f"{quoted(row[self._prefix])} does not begin with the country code "
                f"{quoted(code)} beside it; if it goes behind that, name its column `area code`"
            )

    # ------------------------------------------------------------------- beside the prefix

    def _changes(self, beside: dict[Column, str], line: int) -> Changes:
        def read(column: Column, of: Callable[[str], int], otherwise: int) -> int:
            text = beside.get(column, "")
            return of(text) if text.strip() else otherwise

        begins = read(Column.EFFECTIVE, cells.read_moment, ALWAYS)
        status = letters(beside.get(Column.STATUS, ""))
        if status in cells.ENDED_WORDS:
            return (change(begins, ENDED),)
        price = beside[Column.PRICE]
        if status in cells.BLOCKED_WORDS or letters(price) in cells.BLOCKED_WORDS:
            term = BLOCKED
        else:
            term = self._term(beside, line)
        ends = read(Column.END, cells.read_moment, 0)
        if not ends:
            return (change(begins, term),)
        if ends % DAY_S == 0:  # a day, which is over at its end
            ends += DAY_S
        if ends <= begins:
            what = f"it ends ({quoted(beside[Column.END])}) before it begins"
            raise ValueError(f"{what} ({quoted(beside[Column.EFFECTIVE])}); put the dates right")
        return change(begins, term), change(ends, RUN_OUT)

    def _term(self, beside: dict[Column, str], line: int) -> int:
        code = beside.get(Column.CURRENCY, "").strip().upper()
        if code:
            self.currencies.setdefault(code, line)
        if not beside[Column.PRICE].strip():
            raise ValueError("there is no price; write it, or `blocked` for what is not served")
        price = self._money(beside[Column.PRICE], line)
        fee_text = beside.get(Column.FEE, "").strip()
        fee = self._money(fee_text, line) if fee_text else Decimal(0)
        first_s, next_s = self._increments(beside)
        return self._entries.term_of(cells.tariff_of(price, fee, first_s, next_s))

    def _money(self, text: str, line: int) -> Decimal:
        amount, symbol = cells.read_money(text)
        if symbol:
            self.symbols.setdefault(symbol, line)
        return amount

    def _increments(self, beside: dict[Column, str]) -> tuple[int, int]:
        """Return the increments: of two columns, of one, or whole minutes where none says."""
        first_s, next_s = cells.DEFAULT_INCREMENTS
        if together := beside.get(Column.INCREMENTS, "").strip():
            first_s, next_s = cells.read_increments(together)
        first, after = (beside.get(each, "").strip() for each in (Column.FIRST, Column.NEXT))
        if "/" in after and not first:  # one column for both, by the name of the second
            return cells.read_increments(after)
        return (
            cells.read_increment(first) if first else first_s,
            cells.read_increment(after) if after else next_s,
        )
