"""Opening hours: how they are written, and which of them hold at a moment.

Hours are those of the clock on the site's wall: an hour that a clock change skips never comes, one
that comes twice counts twice.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Period
from fastagi.policy.wording import nearest, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, tzinfo

    from fastagi.policy.model import Hours, Policy

CLOSED: Final = "closed"
"""The name of `[hours]` that, where it holds, keeps all others from holding."""

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")  # ISO 8601 weekdays 1 to 7

MIDNIGHT: Final = time(0)
DAY_END: Final = "24:00"  # as an end it is the midnight after the day

_PERIOD: Final = re.compile(
    r"(?P<days>[A-Za-z,-]+) +(?P<start>[0-9]{2}:[0-9]{2})-(?P<end>[0-9]{2}:[0-9]{2})"
)
_CLOCK: Final = re.compile(r"[0-9]{2}:[0-9]{2}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_hours(text: str) -> Period | date:
    """Read `Mon-Fri 08:00-18:30`, or a date such as `2026-12-25`.

    Raises:
        ValueError: It is neither; the message says what to write instead.
    """
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"there is no date {quoted(text)}") from None
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise ValueError(
            f"{quoted(text)} is no period; write `Mon-Fri 08:00-18:30`, or a date: `2026-12-25`"
        )
    if found["start"] == DAY_END:
        after = f"00:00-{found['end']}"
        raise ValueError(
            f"{quoted(text)} begins where the day ends; write {quoted(after)} of the day after"
        )
    start, end = _clock(found["start"]), _clock(found["end"])
    if start == end != MIDNIGHT:
        raise ValueError(
            f"{quoted(text)} ends as it begins; write `00:00-24:00` for the whole day"
        )
    return Period(_days(found["days"]), start, end)


def read_clock(text: str) -> time:
    """Read a time of day: `19:00`; `24:00` is midnight.

    Raises:
        ValueError: It is none; the message says what to write instead.
    """
    if not _CLOCK.fullmatch(text):
        raise ValueError(f"{quoted(text)} is no time of day; write `19:00`")
    return _clock(text)


def holding(hours: Mapping[str, Hours], at: datetime, timezone: tzinfo) -> frozenset[str]:
    """Return the names that hold at a moment: where `closed` does, no other.

    Args:
        hours: All names of `[hours]`.
        at: The moment; aware.
        timezone: The site's.
    """
    local = at.astimezone(timezone)
    today, weekday, clock = local.date(), local.isoweekday(), local.time()
    names = frozenset(
        name
        for name, each in hours.items()
        if today in each.dates or any(_runs(period, weekday, clock) for period in each.periods)
    )
    return frozenset({CLOSED}) if CLOSED in names else names


def names_at(policy: Policy, at: datetime) -> frozenset[str]:
    """Return all that may stand in `when`, but limits, that holds at a moment; aware."""
    timezone = policy.site.timezone
    names = holding(policy.hours, at, timezone)
    if policy.calendar.words:
        names |= policy.calendar.holding(at.astimezone(timezone))
    return names


def _runs(period: Period, weekday: int, clock: time) -> bool:
    if period.end == MIDNIGHT:
        return weekday in period.days and period.start <= clock
    if period.start < period.end:
        return weekday in period.days and period.start <= clock < period.end
    if clock >= period.start:
        return weekday in period.days
    return clock < period.end and (weekday - 1 or 7) in period.days


def _clock(text: str) -> time:
    if text == DAY_END:
        return MIDNIGHT
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"there is no time {quoted(text)}; write `00:00` to `23:59`, or `24:00` at the end"
        ) from None


def _days(text: str) -> frozenset[int]:
    """Read `Mon-Fri`, `Sat,Sun`, `Mon,Wed-Fri`; `Sat-Mon` runs over the end of the week."""
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        begin, end = _day(first), _day(last if "-" in part else first)
        days.update((begin - 1 + step) % 7 + 1 for step in range((end - begin) % 7 + 1))
    return frozenset(days)


def _day(text: str) -> int:
    if text not in DAYS:
        raise ValueError(f"there is no day {quoted(text)}; {nearest(text, DAYS)}")
    return DAYS.index(text) + 1
