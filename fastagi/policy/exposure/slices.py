"""Slices of a span, and the calls that may begin in each: what the linear program is about.

A budget that counts within a time comes to more the oftener that time goes into the span, so the
span is cut where it does: in every slice no more is used than once the budget, and no more than
slots let be used by then. Where that would be too many slices, those of the shortest times are
left out; what is left is looser, and no less true.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.policy.exposure.ways import Way

COLUMNS_MAX: Final = 900
"""Ways × slices × lengths that the solver is done with in some hundredths of a second."""

LENGTHS_MAX: Final = 24
"""Of one way in one slice."""

STEP: Final = 1.07
"""By how much what a call holds may grow from one length to the next: so much is the error."""

_LEAST: Final = 3
"""Lengths of one way: at once hung up, one more increment, the longest."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Calls of one way and one length that begin in one slice; lengths between are mixtures.

    Attributes:
        seconds: The least that so many increments take.
        cost: Millionths.
        least_s: Calls of all lengths from this one on, up to `seconds`, are mixed of this shape
            and the one before it: what grows by more than the length is reckoned by this.
        since: They begin from here …
        until: … to the second before this; seconds of the span.
    """

    way: Way
    seconds: int
    cost: int
    least_s: int = 1
    since: int = 0
    until: int = 1


def cuts(ways: Sequence[Way], span_s: int) -> list[int]:
    """Return where slices begin, and where the last one ends."""
    times = sorted(
        {
            each.within_s
            for way in ways
            for each in way.decision.budgets
            if not each.shadow and each.within_s < span_s
        },
        reverse=True,
    )
    found = {0, span_s}
    for within_s in times:
        more = found | set(range(0, span_s, within_s))
        if (len(more) - 1) * _LEAST * len(ways) <= COLUMNS_MAX:
            found = more
    return sorted(found)


def shapes(ways: Sequence[Way], span_s: int) -> Iterator[Shape]:
    """Find the lengths of calls that matter, of every slice: none goes on after the span."""
    slices = list(pairwise(cuts(ways, span_s)))
    at_most = COLUMNS_MAX // max(1, len(ways) * len(slices))
    for way in ways:
        for since, until in slices:
            yield from _of(way, since, until, span_s, max(_LEAST, min(at_most, LENGTHS_MAX)))


def _of(way: Way, since: int, until: int, span_s: int, at_most: int) -> Iterator[Shape]:
    tariff = way.tariff
    longest_s = min(way.decision.seconds, span_s - since)
    further = max(0, -(-(longest_s - tariff.first_s) // tariff.next_s))
    least_s = 1
    for each in _increments(way, further, at_most):
        seconds = 1 if not each else tariff.first_s + (each - 1) * tariff.next_s + 1
        if cost := tariff.cost(seconds):
            yield Shape(way, seconds, cost, least_s, since, until)
        least_s = seconds


def _increments(way: Way, further: int, at_most: int) -> list[int]:
    """Return how many further increments the lengths have: so that each holds a little more."""
    tariff = way.tariff
    found = {0, min(1, further), further}
    held = [
        each.within_s
        for each in way.decision.budgets
        if each.unit in (Unit.SPEND, Unit.SECONDS) and not each.shadow
    ]
    base = min(held, default=60)
    first, last = base + tariff.first_s, base + tariff.first_s + further * tariff.next_s
    steps = at_most - _LEAST + 1
    step = max(STEP, (last / first) ** (1 / max(1, steps)))
    reach = first * step
    while reach < last and steps > 1:
        found.add(max(1, int(reach - first) // tariff.next_s))
        reach *= step
    return sorted(found)
