"""When a site works, as far as its policy tells, and what a moment is on the clock on its wall."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.policy.hours import CLOSED, holding
from fastagi.policy.model import Hours, Period

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from fastagi.policy.model import Policy

USUAL: Final = Hours("office", (Period(frozenset(range(1, 6)), time(8), time(18)),))
"""Where a policy names no hours by which people work: Monday to Friday, 8 to 18."""

NOON: Final = datetime(2026, 1, 7, 12, tzinfo=UTC)  # a Wednesday
DEAD_OF_NIGHT: Final = datetime(2026, 1, 4, 3, tzinfo=UTC)  # a Sunday

NIGHT_FROM, NIGHT_TO = 22, 6
SATURDAY: Final = 6  # ISO 8601


class Moment(NamedTuple):
    """A minute on the site's wall.

    Attributes:
        day: As `2026-11-30`.
        weekday: ISO 8601, Monday is 1.
        hour: 0 to 23.
        open: Whether people work.
        night: Whether it is from 22 to 6.
        weekend: Whether it is a Saturday or a Sunday.
    """

    day: str
    weekday: int
    hour: int
    open: bool
    night: bool
    weekend: bool


class Wall:
    """The clock on the site's wall."""

    def __init__(self, policy: Policy) -> None:
        self._zone = policy.site.timezone
        self.name, self._hours = _working(policy.hours)
        self._minute = -1
        self._moment = Moment("", 1, 0, open=False, night=False, weekend=False)

    def at(self, at: float) -> Moment:
        """Return what a moment is there, in seconds since the epoch; to the minute."""
        minute = int(at // 60)
        if minute != self._minute:
            self._minute, self._moment = minute, self._look(minute * 60)
        return self._moment

    def _look(self, at: int) -> Moment:
        # not `fromtimestamp`: it knows no moment before 1970 on every system
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=at)).astimezone(self._zone)
        weekday, hour = local.isoweekday(), local.hour
        is_open = not holding(self._hours, local, self._zone).isdisjoint({self.name})
        is_night = hour >= NIGHT_FROM or hour < NIGHT_TO
        day = local.date().isoformat()
        return Moment(
            day, weekday, hour, open=is_open, night=is_night, weekend=weekday >= SATURDAY
        )


def _working(hours: Mapping[str, Hours]) -> tuple[str, Mapping[str, Hours]]:
    """Return the name by which people work, and all that says when it holds.

    It is `office`; else the first that holds on a Wednesday noon and not on a Sunday at three in
    the morning; else the usual hours, on other days than those that are closed.
    """
    closed = {CLOSED: hours[CLOSED]} if CLOSED in hours else {}
    for name in sorted(hours.keys() - closed.keys(), key=lambda each: each != USUAL.name):
        if _is_day(hours[name], UTC):
            return name, {name: hours[name], **closed}
    return "", {"": USUAL, **closed}


def _is_day(each: Hours, zone: tzinfo) -> bool:
    alone = {each.name: each}
    return bool(holding(alone, NOON, zone)) and not holding(alone, DEAD_OF_NIGHT, zone)
