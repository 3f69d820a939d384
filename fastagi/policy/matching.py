"""Which of many scopes a call fits, and which class an extension is in: precomputed, then fast.

A decision costs about the same with ten rules as with a thousand. What the answer is worth is
held against a plain reading of each scope (`explain`) in the tests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from fastagi.numbering.number import Category
from fastagi.policy.scope import APART

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fastagi.numbering.pattern import Pattern
    from fastagi.numbering.prefixes import PrefixTable
    from fastagi.policy.scope import (
        Circumstances,
        Condition,
        Destinations,
        Novelty,
        Scope,
        Transport,
    )

Key = TypeVar("Key")


class ScopeIndex:
    """Answers which scopes a call fits, for all of them at once.

    Each scope is one bit of an integer, by its place in the order. For every class, category,
    country … the index holds the bits of the scopes that take it, and what is left after `and`
    fits (T. V. Lakshman and D. Stiliadis, "High-speed policy-based packet forwarding", 1998).
    """

    __slots__ = (
        "_also_unallocated",
        "_any_class",
        "_any_transport",
        "_anywhere",
        "_by_category",
        "_by_class",
        "_by_country",
        "_by_list",
        "_by_networks",
        "_by_novelty",
        "_by_prefix",
        "_by_transport",
        "_by_when",
        "_prefix_lengths",
        "_reported",
    )

    def __init__(self, scopes: Sequence[Scope], lists: Mapping[str, PrefixTable]) -> None:
        self._any_class = self._anywhere = self._any_transport = 0
        self._also_unallocated = self._reported = 0
        self._by_class: dict[str | None, int] = {}
        self._by_category: dict[Category, int] = {}
        self._by_country: dict[str, int] = {}
        self._by_prefix: dict[str, int] = {}
        self._by_novelty: dict[Novelty, int] = {}
        self._by_when: dict[tuple[Condition, ...], int] = {}
        self._by_networks: dict[tuple[Condition, ...], int] = {}
        self._by_transport: dict[Transport, int] = {}
        by_list: dict[str, int] = {}
        for place, scope in enumerate(scopes):
            bit = 1 << place
            self._also_unallocated |= bit if scope.also_unallocated else 0
            self._any_class |= 0 if scope.classes else bit
            self._any_transport |= 0 if scope.transports else bit
            _mark(self._by_class, scope.classes, bit)
            _mark(self._by_transport, scope.transports, bit)
            _mark(self._by_when, (scope.when,) if scope.when else (), bit)
            _mark(self._by_networks, (scope.networks,) if scope.networks else (), bit)
            if scope.to is None:
                self._anywhere |= bit
            else:
                self._mark_destinations(scope.to, by_list, bit)
        self._prefix_lengths = sorted({len(prefix) for prefix in self._by_prefix})
        self._by_list = tuple((lists[name], bits) for name, bits in by_list.items())

    def _mark_destinations(self, to: Destinations, by_list: dict[str, int], bit: int) -> None:
        _mark(self._by_category, to.categories, bit)
        _mark(self._by_country, to.countries, bit)
        _mark(self._by_prefix, to.prefixes, bit)
        _mark(by_list, to.lists, bit)
        _mark(self._by_novelty, to.novel, bit)
        self._reported |= bit if to.reported else 0

    def fitting(
        self, call: Circumstances, assumed: Mapping[str, bool] | None = None
    ) -> tuple[int, int]:
        """Return the bits of the scopes that the call fits, and of those that it may fit.

        It may fit those that restrict the address or the transport where that is unknown, and
        those that ask for a limit that does so. Of either, the lowest bit is the first scope.

        Args:
            call: The call.
            assumed: Names in `when` of which any condition holds, or none does, negated or not.
        """
        fits = self._any_class | self._by_class.get(call.class_name, 0)
        unknown = 0
        if call.transport is None:
            unknown = ~self._any_transport
        else:
            fits &= self._any_transport | self._by_transport.get(call.transport, 0)
        now = call.hours | call.over if call.over else call.hours
        sure = assumed or {}
        for conditions, bits in self._by_when.items():
            for each in conditions:
                if each.name in call.may_be_over:
                    unknown |= bits
                elif not sure.get(each.name, each.holds(now)):
                    fits &= ~bits
        for conditions, bits in self._by_networks.items():
            if call.networks is None:
                unknown |= bits
            elif not any(each.holds(call.networks) for each in conditions):
                fits &= ~bits
        fits = fits and fits & self._going_there(call, fits)
        return fits & ~unknown, fits & unknown

    def asking(self, bits: int) -> tuple[frozenset[Novelty], frozenset[str]]:
        """Return what of novelty, and which names in `when`, scopes speak of, by their bits."""
        novel = frozenset(each for each, some in self._by_novelty.items() if some & bits)
        named = [whole for whole, some in self._by_when.items() if some & bits]
        return novel, frozenset(each.name for whole in named for each in whole)

    def _going_there(self, call: Circumstances, wanted: int) -> int:
        """Return the bits of the scopes, of those wanted at least, that take the number."""
        number = call.number
        found = 0
        for category in number.categories:
            found |= self._by_category.get(category, 0)
        if number.category in APART:
            return found
        found |= self._anywhere | self._by_country.get(number.country, 0)
        for each in call.novel:
            found |= self._by_novelty.get(each, 0)
        if call.reported:
            found |= self._reported
        if number.is_e164:
            digits = number.number[1:]
            for length in self._prefix_lengths:
                found |= self._by_prefix.get(digits[:length], 0)
            for prefixes, bits in self._by_list:
                if bits & wanted & ~found and prefixes.longest(digits) is not None:
                    found |= bits
        if number.category is Category.UNALLOCATED:
            found &= self._also_unallocated | self._by_category.get(Category.UNALLOCATED, 0)
        return found


class ClassIndex:
    """Finds the class of an extension: that of the most specific pattern it fits."""

    __slots__ = ("_names", "_patterns")

    def __init__(self, classes: Iterable[tuple[str, Iterable[Pattern]]]) -> None:
        pairs = sorted(
            ((pattern, name) for name, patterns in classes for pattern in patterns),
            key=lambda pair: pair[0].specificity,
        )
        # A pattern's specificity begins with 0 where it is a name, which matches only itself.
        self._names = {
            pattern.text: name for pattern, name in reversed(pairs) if pattern.specificity[0] == 0
        }
        self._patterns = tuple(pair for pair in pairs if pair[0].specificity[0] != 0)

    def find(self, extension: str) -> str | None:
        """Return the name of the extension's class, or None where it is in none."""
        named = self._names.get(extension)
        if named is not None:
            return named
        return next((name for pattern, name in self._patterns if pattern.matches(extension)), None)


def places(bits: int) -> Iterator[int]:
    """Find the places of the bits that are set, from the first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _mark(table: dict[Key, int], keys: Iterable[Key], bit: int) -> None:
    for key in keys:
        table[key] = table.get(key, 0) | bit
