"""A quarter of an honest office, and a night on which somebody has the password of a phone."""

from __future__ import annotations

import functools
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from fastagi.cdr.past_call import PastCall
from tests.doubles import office_month
from tests.doubles.office_month import LONDON

if TYPE_CHECKING:
    from collections.abc import Iterator

THIEF_S_PHONE: Final = "108"
NIGHT: Final = datetime(2026, 12, 12, 1, 30, tzinfo=LONDON)
MONTHS: Final = 3


@functools.cache
def honest() -> tuple[PastCall, ...]:
    """Return three months, one after the other, in order of time; they never change."""
    return tuple(sorted(each for month in range(MONTHS) for each in _month(month)))


def _month(month: int) -> Iterator[PastCall]:
    later_s = timedelta(days=28 * month).total_seconds()  # weeks, so that days stay what they are
    for call in office_month.calls(month + 1, 2_500):
        yield PastCall(
            call.at + later_s, call.extension, call.dialled, call.ring_s, int(call.talk_s)
        )


def attack(
    begin: datetime = NIGHT, count: int = 120, extension: str = THIEF_S_PHONE
) -> tuple[PastCall, ...]:
    """Return calls to Cuba and Iraq, one a minute, each five minutes long."""
    return tuple(
        PastCall(
            begin.timestamp() + 60 * place,
            extension,
            f"9005372345{place:03}" if place % 2 else f"9009647901234{place % 100:03}",
            5.0,
            300,
        )
        for place in range(count)
    )


def days(count: int, begin: date = date(2026, 12, 1)) -> Iterator[datetime]:
    """Return midnight of days in a row."""
    for each in range(count):
        day = begin + timedelta(days=each)
        yield datetime(day.year, day.month, day.day, tzinfo=LONDON)
