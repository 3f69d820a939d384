"""All moments, in cells in which the same names of `when` hold, to the minute.

The cells are those of a year ahead, of all weekdays, dates and public holidays in it and both
changes of the clock, and of every date that a policy names, whenever that is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.answers.entries import entries
from fastagi.policy.hours import DAYS, names_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.policy.model import Policy

_DAYS_AHEAD: Final = 366
_MINUTE: Final = 60
_LONGEST_S: Final = 26 * 3600
"""A day, with a change of the clock: what lies further apart is not looked at as a whole."""

_WEEK_MINUTES: Final = 7 * 24 * 60


class Slot(NamedTuple):
    """A time in which nothing changes: from a moment up to another, as seconds since the epoch."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """All moments at which the same names hold.

    Attributes:
        names: Those that each policy asks for.
        slots: When that is, in order.
    """

    names: tuple[frozenset[str], ...]
    slots: list[Slot] = field(default_factory=list, compare=False)

    def moment(self, policy: Policy) -> datetime:
        """Return one of them, by the site's clock: the first, a minute in where there is one."""
        slot = self.slots[0]
        at = slot.start + (_MINUTE if slot.end - slot.start > _MINUTE else 0)
        return datetime.fromtimestamp(at, policy.site.timezone)


def cells(policies: Sequence[Policy], since: date) -> list[Cell]:
    """Find the cells of some policies, those that last longest first.

    Args:
        policies: Those that are asked.
        since: The day from which on a year is looked at.
    """
    asked = [asked_for(each) for each in policies]
    found: dict[tuple[frozenset[str], ...], Cell] = {}
    for start, end in pairwise(_boundaries(policies, since)):
        if end - start <= _LONGEST_S:
            names = names_of(policies, asked, datetime.fromtimestamp(start, UTC))
            cell = found.setdefault(names, Cell(names))
            if cell.slots and cell.slots[-1].end == start:
                cell.slots[-1] = Slot(cell.slots[-1].start, end)
            else:
                cell.slots.append(Slot(start, end))
    return sorted(
        found.values(), key=lambda each: -sum(slot.end - slot.start for slot in each.slots)
    )


def cell_at(policies: Sequence[Policy], at: datetime) -> Cell:
    """Return the one cell that a moment is in, as if it lasted a minute."""
    names = names_of(policies, [asked_for(each) for each in policies], at)
    start = int(at.timestamp())
    return Cell(names, [Slot(start, start + _MINUTE)])


def asked_for(policy: Policy) -> frozenset[str]:
    """Return all names of hours that a policy's rules and limits ask for."""
    every = entries(policy)
    return frozenset(each.name for one in every for each in one.scope.when if each.limit is None)


def names_of(
    policies: Sequence[Policy], asked: Sequence[frozenset[str]], at: datetime
) -> tuple[frozenset[str], ...]:
    """Return what holds at a moment, of what each policy asks for."""
    return tuple(names_at(policy, at) & some for policy, some in zip(policies, asked, strict=True))


def _boundaries(policies: Sequence[Policy], since: date) -> list[int]:
    found: set[int] = set()
    for policy in policies:
        dates = {each for hours in policy.hours.values() for each in hours.dates}
        days = {since + timedelta(each) for each in range(_DAYS_AHEAD)}
        days |= {each + timedelta(more) for each in dates for more in (0, 1)}
        clocks = {time(0), *policy.calendar.clocks}
        for hours in policy.hours.values():
            for period in hours.periods:
                clocks |= {period.start, period.end}
        zone = policy.site.timezone
        for day in days:
            for clock in clocks:
                for fold in (0, 1):
                    local = datetime.combine(day, clock, zone).replace(fold=fold)
                    found.add(int(local.timestamp()))
    return sorted(found | _changes(policies, found))


def _changes(policies: Sequence[Policy], moments: Iterable[int]) -> set[int]:
    """Find the minutes at which a clock is put forward or back."""
    found = set()
    for policy in policies:
        zone = policy.site.timezone
        for start, end in pairwise(sorted(moments)):
            if end - start > _LONGEST_S or _offset(start, zone) == _offset(end, zone):
                continue
            low, high = start, end
            while high - low > 1:
                middle = (low + high) // 2
                if _offset(middle, zone) == _offset(start, zone):
                    low = middle
                else:
                    high = middle
            found.add(high)
    return found


def _offset(at: int, zone: object) -> timedelta | None:
    return datetime.fromtimestamp(at, zone).utcoffset()  # type: ignore[arg-type]  # a tzinfo


# ----------------------------------------------------------------------------- in words


def in_words(some: Sequence[Cell], every: Sequence[Cell], policy: Policy) -> str:
    """Say when some cells are, of all; empty where that is always.

    A name that tells them is said, or all that hold, and the hours of an ordinary week.

    Args:
        some: Those that are meant.
        every: All that there are.
        policy: By whose clock.
    """
    if len(some) == len(every):
        return ""
    week = _in_week(some, policy)
    hours = week and f" ({week})"
    for name in sorted(frozenset().union(*_all(every))):
        agreed = _agreed(name, every)
        for whose, of in enumerate(("",) if agreed else (" as it was before", " as it is after")):
            inside = [each for each in every if name in each.names[whose]]
            outside = [each for each in every if name not in each.names[whose]]
            if _same(some, inside):
                return f"when `{name}`{of}{hours}"
            if _same(some, outside):
                return f"when not `{name}`{of}{hours}"
    told = dict.fromkeys(_named(each.names) for each in some)
    return f"when {' or '.join(told)}{hours}"


def _all(every: Sequence[Cell]) -> Iterable[frozenset[str]]:
    return (names for each in every for names in each.names)


def _agreed(name: str, every: Sequence[Cell]) -> bool:
    """Tell whether a name holds for all policies at the same times."""
    return all(len({name in names for names in each.names}) == 1 for each in every)


def _same(some: Sequence[Cell], others: Sequence[Cell]) -> bool:
    return {id(each) for each in some} == {id(each) for each in others}


def _named(names: Sequence[frozenset[str]]) -> str:
    """Say what holds, by each policy where they disagree."""
    held = [" and ".join(f"`{each}`" for each in sorted(some)) or "no hours" for some in names]
    return held[0] if len(set(held)) == 1 else f"{held[0]} before and {held[-1]} after"


def _in_week(some: Sequence[Cell], policy: Policy) -> str:
    """Say which hours of an ordinary week that is, if they are few."""
    usual = [count > _DAYS_AHEAD // 14 for count in _of_week(some, policy)]
    spans = list(_spans(usual))
    return ", ".join(_joined(spans)) if 0 < len(spans) <= _SPANS_MAX else ""


def _of_week(some: Sequence[Cell], policy: Policy) -> list[int]:
    """Count of each minute of the week in how many weeks it is meant."""
    steps = [0] * (_WEEK_MINUTES + 1)  # how many more, or fewer, weeks from this minute on
    zone = policy.site.timezone
    for slot in (slot for each in some for slot in each.slots):
        first = datetime.fromtimestamp(slot.start, zone)
        minute = (first.isoweekday() - 1) * 1440 + first.hour * 60 + first.minute
        weeks, rest = divmod(-(-(slot.end - slot.start) // _MINUTE), _WEEK_MINUTES)
        steps[0] += weeks
        steps[minute] += 1
        steps[min(minute + rest, _WEEK_MINUTES)] -= 1
        if minute + rest > _WEEK_MINUTES:
            steps[0] += 1
            steps[minute + rest - _WEEK_MINUTES] -= 1
    return list(accumulate(steps[:-1]))


_SPANS_MAX: Final = 14


def _spans(minutes: Sequence[bool]) -> Iterable[tuple[int, str]]:
    """Return what of each day is meant: the day, and the clock from and to."""
    for day in range(7):
        start: int | None = None
        for minute in range(1441):
            holds = minute < 1440 and minutes[day * 1440 + minute]
            if holds and start is None:
                start = minute
            elif not holds and start is not None:
                yield day, f"{start // 60:02}:{start % 60:02}-{minute // 60:02}:{minute % 60:02}"
                start = None


def _joined(spans: Iterable[tuple[int, str]]) -> Iterable[str]:
    """Join days of the same clock: `Mon-Fri 08:00-18:30`."""
    by_clock: dict[str, list[int]] = {}
    for day, clock in spans:
        by_clock.setdefault(clock, []).append(day)
    for clock, days in by_clock.items():
        yield f"{_days(days)} {clock}"


def _days(days: Sequence[int]) -> str:
    parts: list[str] = []
    for day in days:
        if parts and (day - 1) in days and day - 1 >= 0:
            first = parts[-1].partition("-")[0]
            parts[-1] = f"{first}-{DAYS[day]}"
        else:
            parts.append(DAYS[day])
    return ",".join(parts)
