"""Limits as inequalities: what the calls of a span use together is at most so much.

Each is true of whatever a thief does, so the most that all of them leave is never too little:

- A slot is held for the seconds of a call, one at least, so `calls` at a time come to
  `calls × span` seconds.
- What is used of a budget within any time of its length is at most the budget, and a span has
  `span / within` of those, rounded up.
- A call that is let through later in the span has less of it left.
- Of money no more is spent than whole increments come to that fit into the budget.
- In hours that hold for a part of the span only, calls begin in that part. The last ones outlast
  it, so one call's length is added for each time that the hours come.
- What is counted of each number, or country, is also bounded by how many of them there may be.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import gcd
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Per, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from fastagi.policy.exposure.spans import Share
    from fastagi.policy.exposure.ways import Way
    from fastagi.policy.model import BudgetClaim, Claim

SUMS_MAX: Final = 200_000
"""Steps of money in a budget, up to which is found out what whole increments come to."""


NOT_HELD: Final = frozenset({Unit.EXTENSIONS, Unit.SHORT})
"""Units that hold back no thief who has all extensions, and the patience to talk."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Calls of one way and one length; all lengths between are mixtures of these.

    Attributes:
        seconds: The least that so many increments take.
        cost: Millionths.
    """

    way: Way
    seconds: int
    cost: int


@dataclass(slots=True)
class Row:
    """Calls of these shapes use no more than this, together.

    Attributes:
        limit: The name of the limit that says so.
        uses: How much of it one call of a shape uses, by the shape's place.
        most: In seconds, millionths or calls, as `uses`.
    """

    limit: str
    uses: dict[int, int]
    most: int


@dataclass(slots=True)
class _Counted:
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


def shapes(ways: Iterable[Way], span_s: int) -> Iterator[Shape]:
    """Find the lengths of calls that matter: at once hung up, one more increment, the longest."""
    for way in ways:
        tariff = way.tariff
        longest_s = min(way.decision.seconds, span_s)
        further = max(0, -(-(longest_s - tariff.first_s) // tariff.next_s))
        for each in sorted({0, min(1, further), further}):
            seconds = 1 if not each else tariff.first_s + (each - 1) * tariff.next_s + 1
            if cost := tariff.cost(seconds):
                yield Shape(way, seconds, cost)


def rows(
    shapes: Sequence[Shape],
    span_s: int,
    shares: Mapping[frozenset[str], Share],
    *,
    all_extensions: bool,
    trunks: int | None,
) -> Iterator[Row]:
    """Write down what all limits leave of a span.

    Args:
        shapes: Of all calls that are possible.
        span_s: How long it is.
        shares: How much of it hours may hold.
        all_extensions: Whether a thief has every extension of each class, not one.
        trunks: How many the dialplan may choose from; None where nobody says.
    """
    counted = _counted(shapes, all_extensions, trunks)
    for each in counted.values():
        if each.per is not Per.NUMBER:
            yield from _rows_of(each, shapes, span_s, shares)
    for distinct in counted.values():
        if distinct.unit in (Unit.NUMBERS, Unit.COUNTRIES):
            yield from _of_so_many(distinct, list(counted.values()), shapes, span_s)


def _counted(
    shapes: Sequence[Shape], all_extensions: bool, trunks: int | None
) -> Mapping[object, _Counted]:
    """Gather what is counted together."""
    found: dict[object, _Counted] = {}
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
            new = _Counted(claim.limit, claim.per, unit, most, within_s, keys)
            found.setdefault((claim.limit, unit, key), new).places.append(place)
    return found


def _rows_of(
    counted: _Counted,
    shapes: Sequence[Shape],
    span_s: int,
    shares: Mapping[frozenset[str], Share],
) -> Iterator[Row]:
    """Write down what one limit leaves, over the whole span and within hours."""
    if counted.unit in (Unit.NUMBERS, Unit.COUNTRIES):
        return
    most = _whole(counted, shapes) * counted.keys
    times = span_s if counted.unit is None else -(-span_s // counted.within_s)
    yield Row(counted.limit, _uses(counted, counted.places, shapes), most * times)
    if counted.unit is Unit.ATTEMPTS:
        longest_s = max(shapes[place].seconds for place in counted.places)
        left = (min(longest_s, span_s - each * counted.within_s) for each in range(times))
        seconds_of = {place: shapes[place].seconds for place in counted.places}
        yield Row(counted.limit, seconds_of, most * sum(left))
    for names in {shapes[place].way.names for place in counted.places}:
        share = shares[names]
        places = [place for place in counted.places if shapes[place].way.names == names]
        over_s = max(shapes[place].seconds for place in places) - 1
        seconds = share.seconds + share.times * over_s
        if counted.unit is None:
            within = seconds
        elif counted.unit is Unit.ATTEMPTS:
            within = share.seconds // counted.within_s + share.times
        else:
            within = seconds // counted.within_s + share.times
        if within < times:
            yield Row(counted.limit, _uses(counted, places, shapes), most * within)


def _of_so_many(
    distinct: _Counted, others: Sequence[_Counted], shapes: Sequence[Shape], span_s: int
) -> Iterator[Row]:
    """Write down what is left of numbers, or countries, where there may be but so many."""
    per = Per.NUMBER if distinct.unit is Unit.NUMBERS else Per.COUNTRY
    among = set(distinct.places)
    how_many = distinct.most * distinct.keys * -(-span_s // distinct.within_s)
    apart: dict[tuple[str, Unit | None], _Counted] = {}
    for each in others:
        if each.per is per and each.unit not in (Unit.NUMBERS, Unit.COUNTRIES):
            new = _Counted(each.limit, per, each.unit, each.most, each.within_s, 1)
            apart.setdefault((each.limit, each.unit), new).places += [
                place for place in each.places if place in among
            ]
    for each in apart.values():
        if each.places:
            # Its calls begin within that time, and the last ones outlast it.
            over_s = max(shapes[place].seconds for place in each.places)
            seconds = min(span_s, distinct.within_s + over_s)
            times = seconds if each.unit is None else -(-seconds // each.within_s)
            most = _whole(each, shapes) * times * how_many
            yield Row(each.limit, _uses(each, each.places, shapes), most)


def _uses(counted: _Counted, places: Iterable[int], shapes: Sequence[Shape]) -> dict[int, int]:
    match counted.unit:
        case None | Unit.SECONDS:
            return {place: shapes[place].seconds for place in places}
        case Unit.SPEND:
            return {place: shapes[place].cost for place in places}
        case _:
            return dict.fromkeys(places, 1)


def _whole(counted: _Counted, shapes: Sequence[Shape]) -> int:
    """Return the most of a budget that can be used: of money, what whole increments come to."""
    if counted.unit is not Unit.SPEND:
        return counted.most
    tariffs = {shapes[place].way.tariff for place in counted.places}
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
