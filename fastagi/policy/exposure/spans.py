"""How long a thief has, and for how much of it which `[hours]` hold, at the worst moment."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

from fastagi.policy.hours import names_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fastagi.policy.model import Policy

DAYS: Final = 366
"""How far ahead is looked: every date of a year, and both changes of the clock."""

_HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Span:
    """How long nobody notices.

    Attributes:
        seconds: Calls count that begin in it, up to its end.
    """

    name: str
    seconds: int


SPANS: Final = (
    Span("hour", _HOUR),
    Span("night", 12 * _HOUR),
    Span("weekend", 60 * _HOUR),  # Friday evening to Monday morning
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which the same names hold, of those that rules and limits ask for.

    Attributes:
        start: Seconds since the epoch.
        end: The first second after it.
    """

    names: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Share:
    """The most of a span in which the same names hold, wherever the span begins.

    Attributes:
        seconds: All of it together …
        times: … in so many pieces at most.
    """

    seconds: int
    times: int


def stretches(policy: Policy, since: datetime) -> Sequence[Stretch]:
    """Take a year and the longest span apart by what holds; one stretch where nothing matters."""
    asked = {
        each.name
        for scope in [*(rule.scope for rule in policy.rules), *(x.scope for x in policy.limits)]
        for each in scope.when
        if each.limit is None
    }
    begin = int(since.timestamp())
    end = begin + DAYS * 24 * _HOUR + SPANS[-1].seconds
    if not asked:
        return [Stretch(frozenset(), begin, end)]
    found: list[Stretch] = []
    moments = sorted({begin, end, *_moments(policy, since, end)})
    for start, until in pairwise(moments):
        if start < begin or until > end:
            continue
        at = datetime.fromtimestamp(start, policy.site.timezone)
        names = names_at(policy, at) & asked
        if found and found[-1].names == names:
            start = found.pop().start
        found.append(Stretch(names, start, until))
    return found


def shares(stretches: Sequence[Stretch], span: Span) -> Mapping[frozenset[str], Share]:
    """Return how much of a span which names can hold, each by itself at its worst moment."""
    by_names: dict[frozenset[str], list[Stretch]] = {}
    for each in stretches:
        by_names.setdefault(each.names, []).append(each)
    return {names: _share(some, span.seconds) for names, some in by_names.items()}


def _share(some: Sequence[Stretch], span_s: int) -> Share:
    """Return the most that a window shares with stretches: it begins or ends where one does."""
    starts, ends = [each.start for each in some], [each.end for each in some]
    before = [0, *accumulate(each.end - each.start for each in some)]

    def until(moment: int) -> int:
        """Return how much of the stretches lies before a moment."""
        place = bisect_left(starts, moment)
        past = max(0, ends[place - 1] - moment) if place else 0
        return before[place] - past

    seconds = max(
        *(until(start + span_s) - until(start) for start in starts),
        *(until(end) - until(end - span_s) for end in ends),
    )
    times = max(bisect_left(starts, end - 1 + span_s) - place for place, end in enumerate(ends))
    return Share(seconds, max(1, times))


def _moments(policy: Policy, since: datetime, end: int) -> Iterator[int]:
    """Find every moment at which something may change: the policy's times, and clock changes."""
    clocks = {time(0), *policy.calendar.clocks}
    for hours in policy.hours.values():
        clocks |= {clock for period in hours.periods for clock in (period.start, period.end)}
    zone = policy.site.timezone
    day = since.astimezone(zone).date()
    for _ in range(-(-(end - int(since.timestamp())) // (24 * _HOUR)) + 1):
        following = day + timedelta(days=1)
        midnights = [datetime.combine(each, time(0), zone) for each in (day, following)]
        changes = midnights[0].utcoffset() != midnights[1].utcoffset()
        for clock in clocks:
            local = datetime.combine(day, clock, zone)
            yield int(local.timestamp())
            if changes:
                yield int(local.replace(fold=1).timestamp())  # of an hour that comes twice
        if changes:  # at a whole hour, or half of one
            first, last = (int(each.timestamp()) for each in midnights)
            yield from range(first, last, _HOUR // 2)
        day = following
