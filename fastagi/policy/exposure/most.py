"""The most that one stolen extension, one class, the whole site can cost in each span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from fastagi.policy.exposure import program
from fastagi.policy.exposure.choices import choices
from fastagi.policy.exposure.destinations import destinations
from fastagi.policy.exposure.rows import Columns, count, rows
from fastagi.policy.exposure.slices import COLUMNS_MAX, shapes, split
from fastagi.policy.exposure.spans import SPANS, shares, stretches
from fastagi.policy.exposure.ways import callers, ways

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.numbering.number import Number
    from fastagi.policy.exposure.destinations import Destination
    from fastagi.policy.exposure.program import Bound
    from fastagi.policy.exposure.slices import Lengths
    from fastagi.policy.exposure.spans import Share, Span
    from fastagi.policy.exposure.ways import Caller, Thief, Way
    from fastagi.policy.model import Policy


_WORTH_IT: Final = 0.995
"""A bound that is not less than this part of the one before is not made better any more."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """What can be lost at most in one span.

    Attributes:
        what: `extension`, `class` or `site`.
        of: The class; empty of the site.
    """

    what: str
    of: str
    span: Span
    bound: Bound


@dataclass(frozen=True, slots=True)
class Exposures:
    """What a thief can cost a site.

    Attributes:
        found: One extension of each class, each class, the site; of each the spans in order.
        unpriced: A number that passes and of which nobody knows what it costs: then whatever is
            found is too little.
    """

    found: Sequence[Exposure]
    unpriced: Number | None


def exposures(
    policy: Policy,
    some: Sequence[Thief],
    at: datetime,
    trunks: int | None = None,
    numbers: Sequence[Destination] | None = None,
    spans: Sequence[Span] = SPANS,
) -> Mapping[Thief, Exposures]:
    """Compute the most that thieves can spend.

    Args:
        policy: With its rates; without them nothing has a price.
        some: What the thieves know.
        at: Whose prices count; a year from then on is looked at for hours.
        trunks: How many trunks the dialplan may choose from: limits `per` trunk hold only where
            it is known.
        numbers: What there is to call; all that `destinations` finds, if not given.
        spans: For how long; none is longer than the last of `SPANS`.
    """
    hours = stretches(policy, at)
    moments = {
        each.names: datetime.fromtimestamp(each.start, policy.site.timezone)
        for each in reversed(hours)
    }
    if numbers is None:
        numbers = destinations(policy, at.timestamp())
    phones = list(callers(policy))
    by_span = {span: shares(hours, span) for span in spans}
    found = {}
    for thief in some:
        open_to = ways(policy, thief, phones, moments, numbers, at.timestamp())
        found[thief] = Exposures(
            list(_each(open_to.priced, phones, by_span, trunks)), open_to.unpriced
        )
    return found


def _each(
    priced: Sequence[Way],
    phones: Sequence[Caller],
    by_span: Mapping[Span, Mapping[frozenset[str], Share]],
    trunks: int | None,
) -> Iterator[Exposure]:
    of_class = [(str(each), [way for way in priced if way.caller == each]) for each in phones]
    kinds = [
        *(("extension", name, some, False) for name, some in of_class),
        *(("class", name, some, True) for name, some in of_class),
        ("site", "", priced, True),
    ]
    for what, name, some, all_extensions in kinds:
        for span, share in by_span.items():
            bound = _bound(some, span.seconds, share, all_extensions, trunks)
            yield Exposure(what, name, span, bound)


def _bound(
    some: Sequence[Way],
    span_s: int,
    share: Mapping[frozenset[str], Share],
    all_extensions: bool,
    trunks: int | None,
) -> Bound:
    """Solve, and split the lengths that the solution uses, as long as that makes it less."""
    lengths: Lengths = {}
    best: Bound | None = None
    while True:
        calls = list(shapes(some, span_s, lengths))
        columns = Columns(calls)
        counted = count(calls, all_extensions=all_extensions, trunks=trunks)
        chosen = choices(counted, columns, span_s)
        limits = [*rows(counted, columns, span_s, share), *chosen.rows]
        bound = program.solved(calls, limits, [each.most for each in chosen.each])
        if bound.money is None:
            return bound
        if best is not None and bound.money > (best.money or 0) * _WORTH_IT:
            return min(bound, best, key=lambda each: each.money or 0)
        best = bound
        if len(calls) > COLUMNS_MAX:
            return best
        sliced = any(each.since for each in calls)
        further = split((shape for shape, _ in bound.plan), lengths, sliced=sliced)
        if further is None:
            return best
        lengths = further
