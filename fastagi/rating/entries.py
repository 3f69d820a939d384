"""The prices of a sheet while it is read: gathered in any order, given in that of a `RateSheet`.

One prefix may have several rows: prices announced ahead, prices with an end. What is in force at
each moment is settled here, once, so that a look-up need not know of it.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from fastagi.rating.sheet import E164_MAX, ENDED, ENTRIES_MAX, PRICED, key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from fastagi.rating.tariff import Tariff

RUN_OUT: Final = 2**32 - 1
"""Stands for the term of a row whose own end has come: whatever held beside it holds again."""

BUCKET_DIGITS: Final = 4
"""Prefixes that share so many digits are sorted together. Sorting all at once would stop other
threads for a second."""

_BITS: Final = 32
_MASK: Final = 2**_BITS - 1


def change(moment: int, term: int) -> int:
    """Return the change of a price: what it is from a moment on."""
    return (moment << _BITS | term) << _BITS


class Entries:
    """Prices by prefix, as they come.

    Attributes:
        tariffs: What the terms from `PRICED` on stand for.
        repeated: How often the same price stood there before; known when all are given.
    """

    def __init__(self) -> None:
        self.repeated = 0
        self._terms: dict[Tariff, int] = {}
        self._buckets: dict[str, list[int]] = {}
        self._count = 0

    @property
    def tariffs(self) -> Sequence[Tariff]:
        """Every tariff there is, each once."""
        return tuple(self._terms)

    def term_of(self, tariff: Tariff) -> int:
        """Return the term that stands for a tariff."""
        return self._terms.setdefault(tariff, len(self._terms) + PRICED)

    def add(self, prefix: str, changes: Sequence[int], line: int) -> None:
        """Take what a row says of a prefix.

        Args:
            prefix: 1 to 15 digits.
            changes: Each as `change` makes it.
            line: Of the row.

        Raises:
            ValueError: There are too many.
        """
        bucket = self._buckets.get(prefix[:BUCKET_DIGITS])
        if bucket is None:
            bucket = self._buckets[prefix[:BUCKET_DIGITS]] = []
        key = key_of(prefix) << 3 * _BITS | line
        for packed in changes:
            # One integer, as a million of them take less than a million tuples.
            bucket.append(key | packed)
        self._count += len(changes)
        if self._count > ENTRIES_MAX:
            raise ValueError(f"there are more than {ENTRIES_MAX:,} prices, beyond all reason")

    def in_order(self, wrong: Callable[[int, str], None]) -> Iterator[tuple[int, int, int]]:
        """Give (key, moment, term) of every change of price, as `compiled` takes them.

        Args:
            wrong: Told of prices that contradict each other: the line, and what.
        """
        for start in sorted(self._buckets, key=_place):
            bucket = sorted(self._buckets.pop(start))
            bucket.append(-1)
            several: list[int] = []
            for packed, after in pairwise(bucket):
                key = packed >> 3 * _BITS
                if several or after >> 3 * _BITS == key:
                    several.append(packed)
                    if after >> 3 * _BITS != key:
                        for moment, term in self._settled(key, several, wrong):
                            yield key, moment, term
                        several = []
                else:
                    yield key, packed >> 2 * _BITS & _MASK, packed >> _BITS & _MASK

    def _settled(
        self, key: int, changes: Sequence[int], wrong: Callable[[int, str], None]
    ) -> Iterator[tuple[int, int]]:
        """Settle what of one prefix is in force from each moment on."""
        open_rows: dict[int, int] = {}  # line: term; the last is in force
        held = ENDED
        for moment, at_once in groupby(changes, lambda packed: packed >> 2 * _BITS & _MASK):
            begun: dict[int, int] = {}
            for packed in at_once:
                line, term = packed & _MASK, packed >> _BITS & _MASK
                if term == RUN_OUT:
                    open_rows.pop(line, None)
                elif term == ENDED:
                    open_rows.clear()
                else:
                    self._contradicts(key, begun, term, line, wrong)
                    begun.setdefault(term, line)
                    open_rows[line] = term
            now = next(reversed(open_rows.values()), ENDED)
            if now != held:
                yield moment, now
                held = now

    def _contradicts(
        self,
        key: int,
        begun: dict[int, int],
        term: int,
        line: int,
        wrong: Callable[[int, str], None],
    ) -> None:
        if term in begun:
            self.repeated += 1
        elif begun:
            prefix = str(key >> 4).zfill(E164_MAX)[: key & 15]
            other = next(iter(begun.values()))
            what = f"`{prefix}` has another price on line {other}, from the same moment on"
            wrong(line, f"{what}; take out the one that does not count")


def _place(start: str) -> tuple[str, int]:
    """Return where prefixes that begin so belong, as their keys do."""
    return start.ljust(BUCKET_DIGITS, "0"), len(start)
