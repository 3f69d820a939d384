"""Limits as inequalities: what the calls of a span use together is at most so much.

Each is true of whatever a thief does, so the most that all of them leave is never too little.
Every limit is so many of something, of which each call holds a part for a time: a slot for as
long as it lasts; money and minutes until `within` after its end; an attempt for `within`. So

- in any part of time, what calls hold, times how long they hold it there, is at most what there
  is, times how long the part is: of a call that begins in a slice, what it holds however early or
  late in it that is (`_surely`);
- calls that surely hold at one moment hold no more than there is;
- in a span, or in hours that hold for a part of it, a budget is used as often as its time goes
  into that, rounded up; the last calls that begin in hours outlast them;
- of money no more is spent than whole increments come to that fit into the budget.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import gcd
from typing import TYPE_CHECKING, Final

import numpy as np

from fastagi.policy.model import Per, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from fastagi.policy.exposure.slices import Shape
    from fastagi.policy.exposure.spans import Share
    from fastagi.policy.model import BudgetClaim, Claim

    Column = NDArray[np.float64]
    Places = NDArray[np.int64]

SUMS_MAX: Final = 200_000
"""Steps of money in a budget, up to which is found out what whole increments come to."""

RUNS_MAX: Final = 6
"""Slices up to which every run of them is looked at; of more, single ones, and all to the end."""

NOT_HELD: Final = frozenset({Unit.EXTENSIONS, Unit.SHORT})
"""Units that hold back no thief who has all extensions, and the patience to talk."""

DIFFERENT: Final = frozenset({Unit.NUMBERS, Unit.COUNTRIES})
"""Units that count what is different once: see `choices`."""


@dataclass(slots=True)
class Row:
    """Calls of these shapes use no more than this, together.

    Attributes:
        limit: The name of the limit that says so.
        uses: How much of it one call of a shape uses, by the shape's place; what a choice adds
            to it is below nothing: see `choices`.
        most: In seconds, millionths or calls, as `uses`, or one of these times seconds.
    """

    limit: str
    uses: dict[int, float]
    most: float


@dataclass(slots=True)
class Counted:
    """What one limit counts together in one unit; None is calls at a time.

    Attributes:
        keys: How many are counted apart, and are one row: the extensions of a class.
    """

    limit: str
    per: Per
    unit: Unit | None
    most: int
    within_s: int
    keys: int
    places: list[int] = field(default_factory=list)


class Columns:
    """What is the same of every row: shapes as columns of numbers."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self.shapes = shapes
        self.seconds = _column(each.seconds for each in shapes)
        self.least_s = _column(each.least_s for each in shapes)
        self.cost = _column(each.cost for each in shapes)
        self.since = _column(each.since for each in shapes)
        self.last = _column(each.until - 1 for each in shapes)

    def weights(self, counted: Counted, places: Places) -> Column:
        """Return how much of a limit calls hold while they hold it."""
        match counted.unit:
            case Unit.SPEND:
                return self.cost[places]
            case Unit.SECONDS:
                return self.seconds[places]
            case _:
                return np.ones(len(places))

    def held_s(self, counted: Counted, places: Places) -> Column:
        """Return for how long they hold it at least."""
        match counted.unit:
            case None:
                return self.least_s[places]
            case Unit.SPEND | Unit.SECONDS:
                return self.least_s[places] + counted.within_s
            case _:
                return np.full(len(places), float(counted.within_s))


def _column(values: Iterable[int]) -> Column:
    return np.array(list(values), dtype=np.float64)


def rows(
    counted: Iterable[Counted],
    columns: Columns,
    span_s: int,
    shares: Mapping[frozenset[str], Share],
) -> Iterator[Row]:
    """Write down what limits leave of a span.

    Args:
        counted: What they count.
        columns: The shapes of all calls that are possible.
        span_s: How long it is.
        shares: How much of it hours may hold.
    """
    for each in counted:
        if each.per is not Per.NUMBER and each.unit not in DIFFERENT:
            yield from _over_time(each, columns, span_s)
            yield from _in_hours(each, columns, span_s, shares)


def count(
    shapes: Sequence[Shape], *, all_extensions: bool, trunks: int | None
) -> Sequence[Counted]:
    """Gather what is counted together.

    Args:
        shapes: Of all calls that are possible.
        all_extensions: Whether a thief has every extension of each class, not one.
        trunks: How many the dialplan may choose from; None where nobody says.
    """
    found: dict[object, Counted] = {}
    for place, shape in enumerate(shapes):
        caller, decision = shape.way.caller, shape.way.decision
        claims: list[tuple[Claim | BudgetClaim, Unit | None, int, int]] = [
            *((each, None, each.calls, 0) for each in decision.claims),
            *((each, each.unit, each.most, each.within_s) for each in decision.budgets),
        ]
        for claim, unit, most, within_s in claims:
            match claim.per:
                case Per.EXTENSION:
                    key, keys = str(caller), caller.count if all_extensions else 1
                case Per.TRUNK:
                    key, keys = "", trunks
                case Per.NUMBER:
                    key, keys = "", 1
                case Per.BLOCK:  # there are more of them than anybody could call
                    key, keys = "", None
                case Per.CLASS | Per.COUNTRY | Per.SITE:
                    key, keys = claim.key, 1
            if claim.shadow or keys is None or unit in NOT_HELD:
                continue
            new = Counted(claim.limit, claim.per, unit, most, within_s, keys)
            found.setdefault((claim.limit, unit, key), new).places.append(place)
    return list(found.values())


def _over_time(counted: Counted, columns: Columns, span_s: int) -> Iterator[Row]:
    """Write down what one limit leaves of the span and of its slices."""
    limit, within_s = counted.limit, counted.within_s
    there = float(whole(counted, counted.places, columns) * counted.keys)
    places = np.array(counted.places)
    weights, held_s = columns.weights(counted, places), columns.held_s(counted, places)
    since, last = columns.since[places], columns.last[places]

    def row(uses: Column, most: float) -> Row:
        held = np.flatnonzero(uses)
        return Row(limit, dict(zip(places[held].tolist(), uses[held].tolist(), strict=True)), most)

    if counted.unit is None:
        yield row(columns.seconds[places], there * span_s)
    else:
        times = -(-span_s // within_s)
        yield row(weights, there * times)
        yield row(weights * held_s, there * (span_s + within_s))
    if counted.unit is Unit.ATTEMPTS:  # what is let through later has less of the span left
        seconds = columns.seconds[places]
        left = (min(int(seconds.max()), span_s - each * within_s) for each in range(times))
        yield row(seconds, there * sum(left))
    cuts = sorted({*since.tolist(), *(last + 1).tolist()})
    if len(cuts) == 2:
        return
    for begin, end in pairwise(cuts):
        yield row(weights * ((last < end) & (end - 1 - since < held_s)), there)
        if counted.unit is not None and end - begin > within_s:
            often = -(-(end - begin) // within_s)
            yield row(weights * ((since == begin) & (last < end)), there * often)
    for at, begin in enumerate(cuts[:-1]):
        ends = cuts[at + 1 :] if len(cuts) <= RUNS_MAX + 1 else [cuts[at + 1], cuts[-1]]
        for end in sorted(set(ends)):
            uses = weights * _surely(since, last, held_s, begin, end)
            if counted.unit is None and end == span_s:
                uses = np.where(since >= begin, columns.seconds[places], uses)
            yield row(uses, there * (end - begin))
    if counted.unit is None:
        seconds = columns.seconds[places]
        for begin, end in pairwise(cuts):
            for longest_s in some_of(seconds[since == begin]):
                inside = (since == begin) & (seconds <= longest_s)
                over_s = min(longest_s - 1, span_s - end)
                others = _surely(since, last, held_s, begin, end + over_s)
                yield row(np.where(inside, seconds, others), there * (end - begin + over_s))


def _surely(since: Column, last: Column, held_s: Column, begin: float, end: float) -> Column:
    """Return for how long calls hold at least within a part of time, whenever they begin."""
    early, late = (
        np.minimum(each + held_s, end) - np.maximum(each, begin) for each in (since, last)
    )
    least: Column = np.minimum(early, late)
    return least.clip(min=0)


def some_of(lengths: Column) -> list[float]:
    """Return some of many lengths, the longest among them."""
    found = np.unique(lengths)
    return [float(each) for each in found[:: -max(1, len(found) // 4)]]


def _in_hours(
    counted: Counted, columns: Columns, span_s: int, shares: Mapping[frozenset[str], Share]
) -> Iterator[Row]:
    """Write down what one limit leaves to calls that begin in hours which hold for a part."""
    shapes = columns.shapes
    for names in {shapes[place].way.names for place in counted.places}:
        share = shares[names]
        if share.seconds >= span_s:
            continue
        some = [place for place in counted.places if shapes[place].way.names == names]
        places = np.array(some)
        there = float(whole(counted, some, columns) * counted.keys)
        weights, held_s = columns.weights(counted, places), columns.held_s(counted, places)
        seconds = columns.seconds[places]
        if counted.unit is not None:
            often = share.seconds // counted.within_s + share.times
            uses = dict(zip(some, weights.tolist(), strict=True))
            yield Row(counted.limit, uses, there * often)
        for longest_s in some_of(seconds):
            fits = seconds <= longest_s
            holds = seconds if counted.unit is None else weights * held_s
            over_s = longest_s - 1 if counted.unit is None else longest_s - 1 + counted.within_s
            uses = dict(zip(places[fits].tolist(), holds[fits].tolist(), strict=True))
            yield Row(counted.limit, uses, there * (share.seconds + share.times * over_s))


def whole(counted: Counted, places: Iterable[int], columns: Columns) -> int:
    """Return the most of a budget that can be used: of money, what whole increments come to."""
    if counted.unit is not Unit.SPEND:
        return counted.most
    tariffs = {columns.shapes[place].way.tariff for place in places}
    costs = {cost for each in tariffs for cost in (each.first_cost, each.next_cost)} - {0}
    step = gcd(*costs)
    size = counted.most // step
    if not size or size > SUMS_MAX:
        return counted.most
    sums, mask = 1, (1 << size + 1) - 1
    for cost in costs:
        add = cost // step
        while add <= size:  # once, twice more, four times more …
            sums |= sums << add & mask
            add *= 2
    return (sums.bit_length() - 1) * step
