"""What comes of the rules' order: which are never reached, which let through what costs most.

What a rule takes of an item of `to` is a set of cells (`cells`). A rule is out of reach when, for
each of its items, rules above it have taken all of its cells already.

It never calls a rule unreachable that is not. It may miss one: networks are taken to overlap in
any way, and prefixes, lists and countries to have nothing to do with one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import GLOBAL, Category
from fastagi.policy.cells import World
from fastagi.policy.model import Then
from fastagi.policy.scope import APART, COUNTRIES_ABROAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.policy.model import Policy, Rule
    from fastagi.policy.scope import Destinations, Scope

BY_NAME: Final = APART | {Category.UNALLOCATED}
"""Categories that rules speak of by name. Those that deny take what is unallocated besides; but
that is denied anyway where no rule names it, so it brings nobody into reach."""

OUTSIDE: Final = frozenset(Category) - BY_NAME

HOME_ONLY: Final = frozenset(
    {Category.NATIONAL, Category.MOBILE, Category.TOLL_FREE, Category.VOIP}
)
"""What is only said of numbers of the site's own country; abroad, they are `international`."""

ABROAD_ONLY: Final = frozenset({Category.INTERNATIONAL})
"""What no number of the site's own country is. A few countries have satellites of their own."""


@dataclass(frozen=True, slots=True)
class Unreached:
    """A rule that no call reaches, and the rules above it that leave it nothing.

    Attributes:
        but_unknown: Whether calls of unknown address or transport may reach it all the same.
    """

    rule: Rule
    by: tuple[Rule, ...]
    but_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """What a rule can take as a whole: a category at home or abroad, a country, a prefix, a list.

    Attributes:
        country: The one that all its numbers are of; empty where they are of many.
    """

    kind: str
    value: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class _Region:
    """The cells of a rule.

    Attributes:
        wants: All cells that it could take part in.
        takes: Those that it surely takes from the rules below it.
    """

    rule: Rule
    wants: int
    takes: int

    def leaves(self, item: Item, home: str, cells: int) -> int:
        """Return what is left of an item's cells for the rules below."""
        taken = self.takes if _covers(self.rule.scope.to, item, home) else 0
        return cells & ~taken


def unreached(policy: Policy) -> Iterator[Unreached]:
    """Find the rules that no call reaches, in their order."""
    world, home = _world(policy), policy.site.country
    for region, above in _in_order(policy, world):
        items = _items(region.rule.scope.to, home)
        by = _who_leaves_nothing(above, items, home, region.wants)
        if by:
            yield Unreached(region.rule, by)
        elif by := _who_leaves_nothing(above, items, home, region.wants & world.known):
            yield Unreached(region.rule, by, but_unknown=True)


def opened(policy: Policy) -> Iterator[tuple[Rule, tuple[Category, ...]]]:
    """Find the rules that let through what costs most without a code, and what.

    That is premium and satellite numbers, and those of which nobody knows what they cost.

    What they take by a prefix, a list or as never called before is not looked at, nor are the
    satellites that a country may have besides those of the global codes.
    """
    home = policy.site.country
    for region, above in _in_order(policy, _world(policy)):
        if region.rule.then is Then.ALLOW and not region.rule.shadow:
            found = {
                Category(item.value)
                for item in _costliest(region.rule.scope.to, home)
                if _left(above, item, home, region.wants)
            }
            if found:
                yield region.rule, tuple(sorted(found))


def contains(policy: Policy, outer: Scope, inner: Scope) -> bool:
    """Tell whether one scope surely takes every call that another does, or may do."""
    home = policy.site.country
    if _takes_more_unallocated(inner, outer):
        return False
    if outer.classes and not (inner.classes and inner.classes <= outer.classes):
        return False  # the cells would say the same; but this is asked of every pair of limits
    if not all(_covers(outer.to, item, home) for item in _items(inner.to, home)):
        return False
    world = World([outer, inner], outer.classes | inner.classes)
    left = world.fitting(inner, unknown=True) & ~world.fitting(outer, unknown=True)
    return world.tells_apart(outer) and not left


def _takes_more_unallocated(inner: Scope, outer: Scope) -> bool:
    """Tell whether a scope takes unallocated numbers, unnamed, that another does not."""
    if not inner.also_unallocated or (outer.to and Category.UNALLOCATED in outer.to.categories):
        return False
    return not outer.also_unallocated or (inner.to is None and outer.to is not None)


# ----------------------------------------------------------------------------- rules


def _world(policy: Policy) -> World:
    scopes = [rule.scope for rule in policy.rules]
    return World(scopes, [each.name for each in policy.classes])


def _in_order(policy: Policy, world: World) -> Iterator[tuple[_Region, Sequence[_Region]]]:
    """Return the cells of each rule, and those of the rules above it that decide anything."""
    above: list[_Region] = []
    for rule in policy.rules:
        region = _region(world, rule)
        yield region, above
        if not rule.shadow:
            above.append(region)


def _region(world: World, rule: Rule) -> _Region:
    """Return the cells of a rule, as `decision` judges what is unknown.

    There, what allows does not fit, what denies does, and what asks for a code does unless a rule
    below it is stricter.
    """
    wants = world.fitting(rule.scope, unknown=rule.then is not Then.ALLOW)
    takes = world.fitting(rule.scope, unknown=rule.then is Then.DENY)
    return _Region(rule, wants, takes if world.tells_apart(rule.scope) else 0)


def _who_leaves_nothing(
    above: Sequence[_Region], items: Sequence[Item], home: str, wanted: int
) -> tuple[Rule, ...]:
    """Return the rules that together take every cell of every item; empty if some are left."""
    takers: set[int] = set()
    for item in items:
        left = wanted
        for place, region in enumerate(above):
            rest = region.leaves(item, home, left)
            if rest != left:
                takers.add(place)
            left = rest
        if left:
            return ()
    needed = [above[place] for place in sorted(takers)]
    for region in reversed(needed):
        others = [each for each in needed if each is not region]
        if not any(_left(others, item, home, wanted) for item in items):
            needed = others
    return tuple(region.rule for region in needed)


def _left(regions: Sequence[_Region], item: Item, home: str, cells: int) -> int:
    """Return what some rules together leave of an item's cells."""
    for region in regions:
        cells = region.leaves(item, home, cells)
    return cells


# ----------------------------------------------------------------------------- destinations


def _items(to: Destinations | None, home: str) -> list[Item]:
    """Take a `to` list apart; every outside number has at least one outside category."""
    if to is None:
        return list(_halves(OUTSIDE, home))
    return [
        *(Item("apart", each) for each in sorted(to.categories & BY_NAME)),
        *_halves(to.categories - BY_NAME, home),
        *(Item("country", each) for each in sorted(to.countries)),
        *(Item("prefix", each) for each in to.prefixes),
        *(Item("list", each) for each in to.lists),
        *(Item("novel", each) for each in sorted(to.novel)),
        *([Item("reported", "")] if to.reported else []),
    ]


def _halves(categories: Iterable[Category], home: str) -> Iterator[Item]:
    """Take categories apart into what of them is at home, and what abroad."""
    for each in sorted(categories):
        if each not in ABROAD_ONLY:
            yield Item("home", each, home)
        if each not in HOME_ONLY:
            yield Item("abroad", each)


def _costliest(to: Destinations | None, home: str) -> Iterator[Item]:
    """Find what costs most of what a `to` list takes by category or country."""
    countries = sorted(to.countries - {home}) if to else []
    wholes = [*_halves([Category.PREMIUM], home), Item("abroad", Category.SATELLITE)]
    wholes.append(Item("apart", Category.UNALLOCATED))
    yield from (each for each in wholes if _covers(to, each, home))
    yield from (Item("abroad", Category.PREMIUM, each) for each in countries)
    if GLOBAL in countries:
        yield Item("abroad", Category.SATELLITE, GLOBAL)


def _covers(to: Destinations | None, item: Item, home: str) -> bool:
    """Tell whether a `to` list surely takes every number that an item does."""
    if to is None:
        return item.kind != "apart"
    abroad = Category.INTERNATIONAL in to.categories
    match item.kind:
        case "apart":
            return item.value in to.categories
        case "home":
            return item.value in to.categories or item.country in to.countries
        case "abroad":
            return abroad or item.value in to.categories or item.country in to.countries
        case "country":
            return item.value in to.countries or (abroad and item.value != home)
        case "prefix":
            return item.value.startswith(to.prefixes)
        case "list":
            return item.value in to.lists
        case "reported":
            return to.reported
        case _:
            return item.value in to.novel or (abroad and item.value in COUNTRIES_ABROAD)
