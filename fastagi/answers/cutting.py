"""Where numbers of E.164 begin or end to be of a policy's prefixes, lists, or prices."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from fastagi.answers.entries import destinations_of
from fastagi.numbering.prefixes import PrefixTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.policy.scope import Destinations
    from fastagi.rating.tariff import Tariff


class Range(NamedTuple):
    """Numbers in a row: of so many digits, from the first to the one before the end."""

    length: int
    first: int
    end: int


class Cutter:
    """Where numbers of so many digits begin or end to be of something.

    Args:
        policies: Whose prefixes, lists and prices count.
        at: The moment of the prices; seconds since the epoch.
        besides: Another list that counts.
    """

    def __init__(
        self, policies: Sequence[Policy], at: float, besides: PrefixTable | None = None
    ) -> None:
        self._policies = policies
        self._at = at
        self._tables = [
            tables
            for policy in policies
            for to in destinations_of(policy)
            if (tables := _tables(policy, to))
        ]
        if besides is not None:
            self._tables.append([besides])
        self._priced = [
            PrefixTable(each.prefix for each in policy.rates.sheet.in_force(at))
            for policy in policies
            if policy.rates is not None
        ]
        self._ranges: dict[int, list[tuple[list[int], list[int]]]] = {}
        self._cuts: dict[int, list[int]] = {}

    def pieces(self, whole: Range) -> Iterator[tuple[Range, tuple[bool, ...]]]:
        """Cut a range; each piece comes with what of the policies' prefixes and lists takes it."""
        length = whole.length
        if length not in self._cuts:
            self._prepare(length)
        cuts = self._cuts[length]
        inside = cuts[bisect_right(cuts, whole.first) : bisect_left(cuts, whole.end)]
        first = whole.first
        for end in (*inside, whole.end):
            taken = tuple(_is_in(first, each) for each in self._ranges[length])
            yield Range(length, first, end), taken
            first = end

    def tariffs(self, numbers: Sequence[Number], digits: str) -> tuple[Tariff | None, ...]:
        """Return what a call costs by each policy.

        Args:
            numbers: One of a kind, as each policy's site reads it.
            digits: Those of the number in question, of the same kind.
        """
        found: list[Tariff | None] = []
        for policy, number in zip(self._policies, numbers, strict=True):
            if policy.rates is None:
                found.append(None)
            elif number.is_e164:
                sheet = policy.rates.sheet
                found.append(sheet.tariff(digits, self._at) or policy.rates.unknown)
            else:
                found.append(policy.rates.tariff(number, self._at))
        return tuple(found)

    def _prepare(self, length: int) -> None:
        self._ranges[length] = [
            _joined(each.ranges(length) for each in tables) for tables in self._tables
        ]
        cuts = {cut for both in self._ranges[length] for some in both for cut in some}
        for table in self._priced:
            for prefix in table:
                if len(prefix) <= length:
                    span = 10 ** (length - len(prefix))
                    cuts |= {int(prefix) * span, int(prefix) * span + span}
        self._cuts[length] = sorted(cuts)


def _tables(policy: Policy, to: Destinations) -> list[PrefixTable]:
    own = [PrefixTable(to.prefixes)] if to.prefixes else []
    return own + [policy.lists[name] for name in to.lists]


def _joined(ranges: Iterable[tuple[list[int], list[int]]]) -> tuple[list[int], list[int]]:
    """Join ranges that overlap or touch."""
    some = list(ranges)
    if len(some) == 1:
        return some[0]
    firsts: list[int] = []
    ends: list[int] = []
    pairs = sorted(pair for each in some for pair in zip(*each, strict=True))
    for first, end in pairs:
        if ends and first <= ends[-1]:
            ends[-1] = max(ends[-1], end)
        else:
            firsts.append(first)
            ends.append(end)
    return firsts, ends


def _is_in(number: int, ranges: tuple[list[int], list[int]]) -> bool:
    place = bisect_right(ranges[0], number) - 1
    return place >= 0 and number < ranges[1][place]
