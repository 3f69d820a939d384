"""Where calls of the past went, what that costs, and what of it a thief would care for.

Whom a site calls, it calls again: what was found out of a number is remembered, of so many
numbers; those that were not asked for longest are forgotten.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.numbering.examples import dialled_numbers
from fastagi.numbering.number import Category
from fastagi.policy.model import BRAKED, Then
from fastagi.rating.tariff import MONEY_UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.rating.tariff import Tariff

MOST: Final = 50_000
"""Numbers that are remembered, as they were dialled."""

APART: Final = frozenset({Category.INTERNAL, Category.EMERGENCY, Category.TOLL_FREE})
"""What nobody steals."""

PAYING: Final = frozenset({Category.PREMIUM, Category.SATELLITE})
"""What pays whoever is called, or costs as much."""

TIMES_DEAR: Final = 10
"""How many times the price of a call at home is dear."""

DEAR_AT_LEAST: Final = MONEY_UNIT // 10
"""A minute for less is never dear, in any currency in which people know what a minute costs."""

BLOCK_DIGITS: Final = 2
"""Numbers that differ in no more than these last ones are in one block."""


class Destination(NamedTuple):
    """What was dialled, understood.

    Attributes:
        tariff: What it costs; None where nobody knows.
        abroad: Its country, where that is another than the site's; else empty.
        apart: Whether nobody would steal such a call.
        costs: Whether it is of a kind that costs more than a call at home.
        pays: Whether it is of a kind that pays whoever is called.
        dear: Whether it is dear beside a call at home.
        listed: Whether it is on a list that a rule of the policy denies.
        block: What it shares with the numbers beside it.
    """

    number: Number
    tariff: Tariff | None
    abroad: str
    apart: bool
    costs: bool
    pays: bool
    dear: bool
    listed: bool
    block: str

    @property
    def risky(self) -> bool:
        """Whether a thief would care for it."""
        return self.costs or self.pays or self.dear or self.listed

    def cost(self, seconds: int) -> int | None:
        """Return what so many seconds cost, in millionths; None where nobody knows."""
        if seconds <= 0:
            return 0
        return None if self.tariff is None else self.tariff.cost(seconds)


class Atlas:
    """Finds what was dialled, by a policy's numbering plan, rates and lists.

    Args:
        policy: The site's.
        most: How many numbers are remembered.
        read: Reads what was dialled, where somebody does so already; the policy's plan, if None.
    """

    def __init__(
        self, policy: Policy, most: int = MOST, read: Callable[[str], Number] | None = None
    ) -> None:
        self._policy = policy
        self._read = read or policy.plan.read
        self._most = most
        self._known: OrderedDict[tuple[str, int], Destination] = OrderedDict()
        self._dear_by_era: dict[int, int] = {}
        rates = policy.rates
        self._changes = sorted(rates.sheet.changes_after(0)) if rates is not None else []
        self._lists = [policy.lists[each] for each in sorted(_denied(policy))]

    def find(self, dialled: str, at: float) -> Destination:
        """Return what was dialled.

        Args:
            dialled: As the record has it.
            at: When, in seconds since the epoch: prices change.
        """
        key = dialled, bisect_right(self._changes, at)
        found = self._known.get(key)
        if found is not None:
            self._known.move_to_end(key)
            return found
        found = self._known[key] = self._find(dialled, at, key[1])
        if len(self._known) > self._most:
            self._known.popitem(last=False)
        return found

    def _find(self, dialled: str, at: float, era: int) -> Destination:
        policy = self._policy
        number = self._read(dialled)
        dear = self._dear_by_era.get(era)
        if dear is None:
            dear = self._dear_by_era[era] = self._dear(at)
        rates = None if number.category is Category.INVALID else policy.rates
        tariff = None if rates is None else rates.tariff(number, at)
        is_apart = not number.categories.isdisjoint(APART)
        return Destination(
            number,
            tariff,
            abroad="" if number.country == policy.site.country else number.country,
            apart=is_apart,
            costs=not number.categories.isdisjoint(BRAKED.categories),
            pays=not number.categories.isdisjoint(PAYING),
            dear=not is_apart and tariff is not None and tariff.per_minute >= dear,
            listed=number.is_e164 and any(each.longest(number.number) for each in self._lists),
            block=number.number[:-BLOCK_DIGITS],
        )

    def _dear(self, at: float) -> int:
        """Return the price a minute from which on a call is dear, beside one at home."""
        policy, at_home = self._policy, 0
        for dialled in dialled_numbers(policy.site.country)[:1]:
            number = policy.plan.read(policy.site.outside_prefix + dialled)
            tariff = None if policy.rates is None else policy.rates.tariff(number, at)
            at_home = 0 if tariff is None else tariff.per_minute
        return max(DEAR_AT_LEAST, TIMES_DEAR * at_home)


def _denied(policy: Policy) -> set[str]:
    """Return the lists that rules deny."""
    return {
        name
        for rule in policy.rules
        if rule.then is Then.DENY and rule.scope.to is not None
        for name in rule.scope.to.lists
    }
