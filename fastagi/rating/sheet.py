"""A rate sheet in memory: the price in force of the longest prefix that begins a number.

All of it lies in one buffer, which `RateSheet` only looks into, so that processes share one that
is mapped from a file. Twenty bytes a price, and nothing more:

    head | keys, 8 bytes each | tariffs, 32 bytes each | parents, terms, moments, 4 bytes each
         | starts, 40 kB

A *key* is a prefix, filled up with zeros to fifteen digits, times sixteen, plus its length.
Sorted, each prefix stands directly before those that begin with it, and the last key that is not
above a number's is either the longest prefix of the number, or has that among its *parents*: the
next shorter prefix there is, or the same prefix's price before. A look-up is one binary search and
a walk up. A *moment* is when the entry comes into force, a *term* its place among the tariffs.
*Starts* tell where the keys of each four digits begin, which halves the search.
"""

from __future__ import annotations

import struct
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.rating.tariff import Tariff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

E164_MAX: Final = 15  # digits; ITU-T E.164 (11/2010), 6.2.1

ENDED: Final = 0
"""The term of an entry from which on its prefix is no longer in the sheet."""

BLOCKED: Final = 1
"""The term of an entry whose prefix the carrier does not serve: it has no price, and a shorter
prefix's is not its own."""

PRICED: Final = 2
"""The term of the first tariff."""

ALWAYS: Final = 0
"""The moment of an entry that has always been in force."""

MOMENT_MAX: Final = 2**32 - 1
"""Seconds since the epoch, in four bytes: until 2106."""

ENTRIES_MAX: Final = 16_000_000

MADE_MAX: Final = 4096
"""Tariffs that a process keeps as objects; sheets have a few thousand different prices."""

_HEAD: Final = struct.Struct("=8sQQ")
_MAGIC: Final = b"dgrates1"
_START_SPAN: Final = 10**11 * 16
"""How far apart the keys of two starts are: prefixes of four digits."""

_STARTS: Final = 10_001

_TARIFF: Final = struct.Struct("=4Q")
_SPANS: Final[tuple[int, ...]] = tuple(10 ** (E164_MAX - length) for length in range(E164_MAX + 1))


@dataclass(frozen=True, slots=True)
class Entry:
    """What a sheet says of one prefix, from one moment on.

    Attributes:
        prefix: Without a plus.
        tariff: None where the carrier does not serve the prefix.
        since: Seconds since the epoch; `ALWAYS` where the sheet gives no date.
    """

    prefix: str
    tariff: Tariff | None
    since: int


class RateSheet:
    """Prices by prefix. It never changes; what is in force at a moment is asked with the moment.

    Args:
        buffer: As `compiled` makes it.

    Raises:
        ValueError: It is none.
    """

    __slots__ = (
        "_keys",
        "_made",
        "_moments",
        "_parents",
        "_starts",
        "_tariffs",
        "_terms",
        "buffer",
    )

    def __init__(self, buffer: bytes | memoryview) -> None:
        whole = memoryview(buffer)
        if len(whole) < _HEAD.size:
            raise ValueError("this is no compiled rate sheet")
        magic, entries, tariffs = _HEAD.unpack_from(whole)
        size = _HEAD.size + 20 * entries + _TARIFF.size * tariffs + 4 * _STARTS
        if magic != _MAGIC or len(whole) != size:
            raise ValueError("this is no compiled rate sheet")
        self.buffer = whole
        self._made: dict[int, Tariff] = {}
        at = _HEAD.size
        self._keys = whole[at : (at := at + 8 * entries)].cast("Q")
        self._tariffs = whole[at : (at := at + _TARIFF.size * tariffs)]
        self._parents = whole[at : (at := at + 4 * entries)].cast("i")
        self._terms = whole[at : (at := at + 4 * entries)].cast("I")
        self._moments = whole[at : (at := at + 4 * entries)].cast("I")
        self._starts = whole[at:].cast("I")

    def __len__(self) -> int:
        """Return how many prices there are, those of the past and of the future among them."""
        return len(self._keys)

    def __repr__(self) -> str:
        return f"<RateSheet of {len(self)} prices>"

    def __reduce__(self) -> tuple[type[RateSheet], tuple[bytes]]:
        """Pickle it as its buffer."""
        return RateSheet, (bytes(self.buffer),)

    # ------------------------------------------------------------------- one number

    def tariff(self, number: str, at: float) -> Tariff | None:
        """Return what a call costs that begins at a moment; None where that is unknown.

        Args:
            number: E.164, with or without its plus.
            at: Seconds since the epoch.
        """
        place = self._in_force(number, at)
        if place < 0:
            return None
        term = self._terms[place]
        return None if term < PRICED else self._tariff(term)

    def find(self, number: str, at: float) -> Entry | None:
        """Return what the sheet says of a number at a moment; None where it is not listed."""
        place = self._in_force(number, at)
        return None if place < 0 else self._entry(place)

    def _in_force(self, number: str, at: float) -> int:
        """Return where the entry is that holds; -1 where there is none."""
        digits = number.removeprefix("+")[:E164_MAX]
        if not (digits.isascii() and digits.isdigit()):
            return -1
        size = len(digits)
        value = int(digits) * _SPANS[size]
        keys, parents, moments = self._keys, self._parents, self._moments
        wanted = value * 16 + 15
        start = wanted // _START_SPAN
        place = bisect_right(keys, wanted, self._starts[start], self._starts[start + 1]) - 1
        while place >= 0:
            key = keys[place]
            length = key & 15
            if length <= size and value - (key >> 4) < _SPANS[length] and moments[place] <= at:
                if self._terms[place] != ENDED:
                    return place
                while place >= 0 and keys[place] == key:  # what it cost before, it costs no more
                    place = parents[place]
            else:
                place = parents[place]
        return -1

    def _tariff(self, term: int) -> Tariff:
        made = self._made.get(term)
        if made is None:
            made = Tariff(*_TARIFF.unpack_from(self._tariffs, _TARIFF.size * (term - PRICED)))
            if len(self._made) < MADE_MAX:
                self._made[term] = made
        return made

    def _entry(self, place: int) -> Entry:
        key, term = self._keys[place], self._terms[place]
        length = key & 15
        prefix = str(key >> 4).zfill(E164_MAX)[:length]
        return Entry(prefix, None if term < PRICED else self._tariff(term), self._moments[place])

    # ------------------------------------------------------------------- the whole

    def in_force(self, at: float) -> Iterator[Entry]:
        """Return what the sheet says at a moment, by prefix."""
        keys, moments, last = self._keys, self._moments, len(self) - 1
        for place in range(len(self)):
            is_last = place == last or keys[place + 1] != keys[place] or moments[place + 1] > at
            if moments[place] <= at and is_last and self._terms[place] != ENDED:
                yield self._entry(place)

    def changes_after(self, at: float) -> Mapping[int, int]:
        """Return how many entries come into force at which later moment."""
        return Counter(moment for moment in self._moments if moment > at)

    def announced(self, at: float) -> Iterator[tuple[Entry, bool]]:
        """Return what comes into force later, by prefix.

        Returns:
            Each entry, and whether its prefix is no longer in the sheet from then on.
        """
        for place, moment in enumerate(self._moments):
            if moment > at:
                yield self._entry(place), self._terms[place] == ENDED

    def redundant(self) -> int:
        """Return how many prices are those of the next shorter prefix anyway."""
        keys, terms = self._keys, self._terms
        return sum(
            keys[parent] != keys[place] and terms[parent] == terms[place]
            for place, parent in enumerate(self._parents)
            if parent >= 0
        )

    def prices(self) -> Mapping[Tariff, int]:
        """Return every tariff, and of how many entries it is."""
        counts = Counter(self._terms)
        return {self._tariff(term): counts[term] for term in sorted(counts) if term >= PRICED}


def key_of(prefix: str) -> int:
    """Return the key of a prefix of 1 to 15 digits."""
    return int(prefix) * _SPANS[len(prefix)] * 16 + len(prefix)


def compiled(entries: Iterable[tuple[int, int, int]], tariffs: Sequence[Tariff]) -> bytes:
    """Return the buffer of a sheet.

    Args:
        entries: (key, moment, term) of each, in that order, none with the key and the moment of
            another.
        tariffs: What the terms from `PRICED` on stand for.
    """
    keys, moments, terms, parents = array("Q"), array("I"), array("I"), array("i")
    above: list[tuple[int, int]] = []  # (where, the last value that begins with it) of prefixes
    before = -1
    for place, (key, moment, term) in enumerate(entries):
        value, length = key >> 4, key & 15
        if key == before:
            parents.append(place - 1)
            above[-1] = (place, above[-1][1])
        else:
            while above and above[-1][1] < value:
                above.pop()
            parents.append(above[-1][0] if above else -1)
            above.append((place, value + _SPANS[length] - 1))
        keys.append(key)
        moments.append(moment)
        terms.append(term)
        before = key
    packed = b"".join(
        _TARIFF.pack(each.first_s, each.first_cost, each.next_s, each.next_cost)
        for each in tariffs
    )
    head = _HEAD.pack(_MAGIC, len(keys), len(tariffs))
    starts = array("I", (bisect_left(keys, each * _START_SPAN) for each in range(_STARTS)))
    small = (parents, terms, moments, starts)
    return b"".join([head, keys.tobytes(), packed, *(each.tobytes() for each in small)])
