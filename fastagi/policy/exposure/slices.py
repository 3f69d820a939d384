"""Slices of a span, and the calls that may begin in each: what the linear program is about.

A budget that counts within a time comes to more the oftener that time goes into the span, so the
span is cut where it does: in every slice no more is used than once the budget, and no more than
slots let be used by then. Where that would be too many slices, those of the shortest times are
left out; what is left is looser, and no less true.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Unit
from fastagi.rating.tariff import Tariff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.policy.exposure.ways import Way

COLUMNS_MAX: Final = 720
"""Ways × slices × lengths that the solver is done with in some hundredths of a second."""

STEP: Final = 1.01
"""By how much what a call holds may grow from one length to the next where it matters: so much is
the error."""

PIECES: Final = 4
"""That a step between two lengths is split into."""

_LEAST: Final = 3
"""Lengths of one way, to begin with: at once hung up, one more increment, the longest."""

Lengths = Mapping[Tariff, AbstractSet[int]]
"""Further lengths of all calls that cost alike, in increments after the first."""


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


def shapes(
    ways: Sequence[Way], span_s: int, further: Lengths = MappingProxyType({})
) -> Iterator[Shape]:
    """Find the lengths of calls that matter, of every slice: none goes on after the span."""
    slices = list(pairwise(cuts(ways, span_s)))
    for way in ways:
        for since, until in slices:
            yield from _of(way, since, until, span_s, further.get(way.tariff, frozenset()))


def _of(
    way: Way, since: int, until: int, span_s: int, further: AbstractSet[int]
) -> Iterator[Shape]:
    tariff = way.tariff
    longest_s = min(way.decision.seconds, span_s - since)
    most = max(0, -(-(longest_s - tariff.first_s) // tariff.next_s))
    least_s = 1
    for each in sorted({0, min(1, most), most} | {each for each in further if each < most}):
        seconds = 1 if not each else tariff.first_s + (each - 1) * tariff.next_s + 1
        if cost := tariff.cost(seconds):
            yield Shape(way, seconds, cost, least_s, since, until)
        least_s = seconds


def split(found: Iterable[Shape], before: Lengths, *, sliced: bool) -> Lengths | None:
    """Find lengths between those that a solution uses, where calls between hold more than said.

    Args:
        found: What it uses.
        before: The lengths that there are.
        sliced: Whether slots are looked at slice by slice.

    Returns:
        These and the new ones; None where there are none.
    """
    after = {key: set(some) for key, some in before.items()}
    added = False
    for shape in found:
        way, tariff = shape.way, shape.way.tariff
        held = [
            each.within_s
            for each in way.decision.budgets
            if each.unit in (Unit.SPEND, Unit.SECONDS) and not each.shadow
        ]
        if sliced and way.decision.claims:
            held.append(0)
        first, last = (
            -(-(each - tariff.first_s) // tariff.next_s) for each in (shape.least_s, shape.seconds)
        )
        if not held or shape.seconds + min(held) <= STEP * (shape.least_s + min(held)):
            continue
        new = {max(first, 0) + (last - first) * at // PIECES for at in range(1, PIECES)}
        new = {each for each in new if max(first, 1) < each < last}
        if new:
            some = after.setdefault(tariff, set())
            added |= not new <= some
            some |= new
    return after if added else None
