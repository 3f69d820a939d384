"""The plans of a thief who knows the policy, and what the best of them gets him.

He is guided by what the linear program would call, were a part of a call possible: so often, so
long, from then on; in several orders, and what that leaves is filled by what is dear. He begins
when it suits him.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Final

from fastagi.policy.exposure.spans import stretches
from fastagi.policy.model import Per
from tests.unit.policy.exposure.knowing import Books, Option, Wish, carried_out, option
from tests.unit.policy.exposure.policies import ALIKE, EXTENSIONS, READINGS
from tests.unit.policy.exposure.thief import passes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.policy.exposure.program import Bound
    from fastagi.policy.exposure.ways import Thief
    from fastagi.policy.model import Decision
    from tests.unit.policy.exposure.policies import World

OPENS: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)  # a Monday
SHUTS: Final = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
SUNDAY: Final = datetime(2026, 1, 4, 12, tzinfo=UTC)

Kinds = dict[object, list[Option]]
"""Calls that are alike but for the extension and the number, by what they have in common."""


def best(
    world: World, thief: Thief, bound: Bound, span_s: int, mine: int, *, plans_max: int = 60
) -> Books:
    """Return what the best plan makes, from the first `mine` extensions.

    Args:
        world: A policy, and all numbers.
        thief: What he knows.
        bound: What he should come near to: he is content with 10/11 of it.
        span_s: For how long.
        mine: How many extensions he has.
        plans_max: How many plans he tries for each moment to begin at.
    """
    assert bound.money
    enough = bound.money / 1.1
    found = Books(span_s)
    for begin in _begins(world, span_s):
        kinds = _kinds(world, thief, begin, span_s, mine)
        for _, plan in zip(range(plans_max), _plans(kinds, world, bound), strict=False):
            found = max(found, carried_out(plan, span_s, enough), key=lambda each: each.cost)
            if found.cost >= enough:
                return found
    return found


def _begins(world: World, span_s: int) -> Iterator[datetime]:
    """Find moments to begin at: with hours, in the midst of others, before they end."""
    yield SUNDAY
    if len(stretches(world.policy, SUNDAY)) > 1:
        yield OPENS
        for before in (1, span_s // 4, span_s // 2):
            yield SHUTS - timedelta(seconds=before)
        yield OPENS - timedelta(seconds=span_s // 2)


def _kinds(world: World, thief: Thief, begin: datetime, span_s: int, mine: int) -> Kinds:
    at = int(begin.timestamp())
    found: dict[object, tuple[object, Decision, set[tuple[int, int]]]] = {}
    for each in stretches(world.policy, begin):
        since, until = max(each.start - at, 0), min(each.end - at, span_s)
        if since >= until:
            continue
        moment = begin + timedelta(seconds=since)
        for extension, place, reading in product(
            EXTENSIONS[:mine], range(0, len(world.numbers), ALIKE // 4), READINGS
        ):
            number = world.numbers[place].number
            decision = passes(world.policy, thief, extension, number, moment, reading)
            if decision is not None:
                kind = _kind(world, place, decision)
                found.setdefault((kind, extension, place), (kind, decision, set()))[2].add(
                    (since, until)
                )
    kinds: Kinds = {}
    for kind, decision, hours in found.values():
        kinds.setdefault(kind, []).append(option(decision, tuple(sorted(hours))))
    return kinds


def _kind(world: World, place: int, decision: Decision) -> object:
    return (
        place // ALIKE,
        decision.seconds,
        frozenset(each.limit for each in decision.claims if not each.shadow),
        frozenset((each.limit, each.unit) for each in decision.budgets if not each.shadow),
    )


def _plans(kinds: Kinds, world: World, bound: Bound) -> Iterator[Sequence[Wish]]:
    """Make plans: what the program would do, and then, or instead, what is dear."""
    greedy = list(_dear(kinds))
    guided = list(_guided(kinds, world, bound))
    merged = list(_merged(guided))
    for wishes, whole, order, later, fresh in product(
        (guided, merged), (round, math.ceil, math.floor), _ORDERS, (True, False), (False, True)
    ):
        if fresh and not any(_of_each_number(each.options[0]) for each, _ in wishes):
            continue
        yield [
            *(
                Wish(
                    each.options,
                    each.seconds,
                    each.since if later else 0,
                    60,
                    max(1, whole(calls)),
                    fresh and _of_each_number(each.options[0]),
                )
                for each, calls in sorted(wishes, key=order)
            ),
            *greedy[0],
        ]
    yield from greedy


def _cost(wish: Wish) -> int:
    return wish.options[0].tariff.cost(wish.seconds)


_ORDERS: Final = (
    lambda each: each[0].seconds,
    lambda each: -_cost(each[0]) / each[0].seconds,
    lambda each: -_cost(each[0]),
)


def _guided(kinds: Kinds, world: World, bound: Bound) -> Iterator[tuple[Wish, float]]:
    places = {each.number: place for place, each in enumerate(world.numbers)}
    for shape, calls in bound.plan:
        some = kinds.get(_kind(world, places[shape.way.number], shape.way.decision))
        if some:
            yield Wish(some, shape.seconds, shape.since), calls


def _merged(guided: Sequence[tuple[Wish, float]]) -> Iterator[tuple[Wish, float]]:
    """Put lengths of one kind together, that are mixed for one between."""
    sums: Mapping[object, list[tuple[Wish, float]]] = {}
    sums = {(id(each.options), each.since): [] for each, _ in guided}
    for each, calls in guided:
        sums[id(each.options), each.since].append((each, calls))
    for some in sums.values():
        calls = sum(calls for _, calls in some)
        seconds = sum(each.seconds * calls for each, calls in some) / calls
        yield Wish(some[0][0].options, max(1, round(seconds)), some[0][0].since), calls


def _dear(kinds: Kinds) -> Iterator[Sequence[Wish]]:
    """Order all kinds and lengths by what they cost: a second, a call, and between."""
    some = [
        Wish(options, seconds, 0, 60, fresh=fresh)
        for options in kinds.values()
        for seconds in _lengths(options[0])
        for fresh in ((True, False) if _of_each_number(options[0]) else (False,))
    ]
    yield sorted(some, key=lambda each: -_cost(each) / each.seconds)
    yield sorted(some, key=lambda each: -_cost(each))
    yield sorted(some, key=lambda each: -_cost(each) / (each.seconds + 60))


def _lengths(each: Option) -> set[int]:
    longest_s = each.decision.seconds
    return {1, min(each.tariff.first_s + 1, longest_s), longest_s}


def _of_each_number(each: Option) -> bool:
    pers = {*(slot.per for slot, _ in each.slots), *(claim.per for claim in each.budgets)}
    return Per.NUMBER in pers
