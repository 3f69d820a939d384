"""`hours`: which names hold when, in the site's own time, over clock changes and past midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.hours import CLOSED, holding, names_at, read_clock, read_hours
from fastagi.policy.model import Hours, Period
from tests.unit.policy.samples import SITE, policy_of

LONDON = ZoneInfo("Europe/London")
NEW_YORK = ZoneInfo("America/New_York")
YEARS = (datetime.fromisoformat("1970-01-01"), datetime.fromisoformat("2999-12-31"))


def _hours(name: str, *texts: str) -> Hours:
    read = [read_hours(text) for text in texts]
    return Hours(
        name,
        tuple(each for each in read if isinstance(each, Period)),
        frozenset(each for each in read if isinstance(each, date)),
    )


def _holds(text: str, local: str, zone: ZoneInfo = LONDON) -> bool:
    at = datetime.fromisoformat(local).replace(tzinfo=zone)
    return bool(holding({"x": _hours("x", text)}, at.astimezone(UTC), zone))


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("Mon-Fri 08:00-18:30", Period(frozenset({1, 2, 3, 4, 5}), time(8), time(18, 30))),
        ("Sat,Sun 10:00-14:00", Period(frozenset({6, 7}), time(10), time(14))),
        ("Mon,Wed-Fri 00:00-24:00", Period(frozenset({1, 3, 4, 5}), time(0), time(0))),
        ("Sat-Mon 22:00-06:00", Period(frozenset({6, 7, 1}), time(22), time(6))),
        ("Fri  22:00-00:00", Period(frozenset({5}), time(22), time(0))),
    ],
)
def test_a_period_is_days_and_times(text: str, period: Period) -> None:
    """Days one by one or from-to, also over the end of the week."""
    assert read_hours(text) == period


@pytest.mark.parametrize(
    ("text", "clock"),
    [("19:00", time(19)), ("00:00", time(0)), ("24:00", time(0)), ("07:05", time(7, 5))],
)
def test_a_time_of_day_is_one(text: str, clock: time) -> None:
    """Of 24 hours; the end of the day is the beginning of the next."""
    assert read_clock(text) == clock


@pytest.mark.parametrize("text", ["7:00", "19", "19:60", "24:01", "19:00\n", "١٩:00", "-1:00", ""])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """With one that is."""
    with pytest.raises(ValueError, match=r"write `(19:00`|00:00` to)"):
        read_clock(text)


def test_a_date_is_a_date() -> None:
    """`closed` is made of these."""
    assert read_hours("2026-12-25") == date(2026, 12, 25)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("always", "`always` is no period; write `Mon-Fri 08:00-18:30`"),
        ("Mon-Fry 08:00-18:30", "there is no day `Fry`; did you mean `Fri`?"),
        ("mon 08:00-18:30", "did you mean `Mon`?"),
        ("Mon, 08:00-18:30", "there is no day ``"),
        ("Mon- 08:00-18:30", "there is no day ``"),
        ("Mon 25:00-26:00", "there is no time `25:00`"),
        ("Mon 08:00-24:01", "there is no time `24:01`"),
        (
            "Mon 24:00-06:00",
            "`Mon 24:00-06:00` begins where the day ends; write `00:00-06:00` of the day after",
        ),
        ("Mon 24:00-24:00", "write `00:00-24:00` of the day after"),
        ("Mon 08:00-08:00", "ends as it begins; write `00:00-24:00`"),
        ("2026-02-30", "there is no date `2026-02-30`"),
    ],
)
def test_what_is_no_period_is_refused(text: str, message: str) -> None:
    """The message says what to write."""
    with pytest.raises(ValueError, match=r".") as refused:
        read_hours(text)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("text", "local", "holds"),
    [
        ("Mon-Fri 08:00-18:30", "2026-01-05T08:00:00", True),
        ("Mon-Fri 08:00-18:30", "2026-01-05T07:59:59.999999", False),
        ("Mon-Fri 08:00-18:30", "2026-01-05T18:29:59", True),
        ("Mon-Fri 08:00-18:30", "2026-01-05T18:30:00", False),
        ("Mon-Fri 08:00-18:30", "2026-01-04T10:00:00", False),
        ("Fri 22:00-06:00", "2026-01-09T22:00:00", True),
        ("Fri 22:00-06:00", "2026-01-10T05:59:00", True),
        ("Fri 22:00-06:00", "2026-01-10T06:00:00", False),
        ("Fri 22:00-06:00", "2026-01-09T05:00:00", False),
        ("Fri 22:00-06:00", "2026-01-10T22:00:00", False),
        ("Sun 22:00-06:00", "2026-01-05T01:00:00", True),
        ("Fri 20:00-24:00", "2026-01-09T23:59:59", True),
        ("Fri 20:00-24:00", "2026-01-10T00:00:00", False),
        ("Sat 00:00-24:00", "2026-01-10T12:00:00", True),
        ("2026-12-25", "2026-12-25T00:00:00", True),
        ("2026-12-25", "2026-12-26T00:00:00", False),
    ],
)
def test_a_period_holds_from_its_start_up_to_its_end(text: str, local: str, holds: bool) -> None:
    """The start is in, the end is out, and a night belongs to the day on which it begins."""
    assert _holds(text, local) is holds


@pytest.mark.parametrize(
    ("utc", "holds"),
    [
        ("2026-03-29T00:59:00", True),  # 00:59 in winter time
        ("2026-03-29T01:00:00", False),  # 02:00 in summer time: 01:00 to 02:00 never came
        ("2026-10-25T00:30:00", True),  # 01:30 in summer time
        ("2026-10-25T01:30:00", True),  # 01:30 again, in winter time
        ("2026-10-25T02:00:00", False),
    ],
)
def test_hours_follow_clock_changes(utc: str, holds: bool) -> None:
    """An hour that is skipped never comes, one that comes twice counts twice."""
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert bool(holding({"x": _hours("x", "Sun 00:00-02:00")}, at, LONDON)) is holds


def test_hours_are_the_sites_not_the_callers() -> None:
    """The same moment is open in New York and closed in London."""
    at = datetime(2026, 1, 5, 20, 0, tzinfo=UTC)
    hours = {"office": _hours("office", "Mon-Fri 08:00-18:30")}
    assert holding(hours, at, NEW_YORK) == {"office"}
    assert holding(hours, at, LONDON) == frozenset()


def test_nights_and_holidays_hold_whatever_is_closed() -> None:
    """And only where a policy asks for them; its own hours of that name are hours like others."""
    rule = '[[rule]]\nname = "a"\nwhen = "{}"\nthen = "deny"\n'
    christmas = datetime(2026, 12, 25, 23, 0, tzinfo=LONDON).astimezone(UTC)
    assert names_at(policy_of(rule.format("night and holiday")), christmas) == {
        CLOSED,
        "night",
        "holiday",
    }
    assert names_at(policy_of(rule.format("weekend")), christmas) == {CLOSED}
    site = SITE.replace("[hours]", '[hours]\nnight = ["Mon-Sun 20:00-05:00"]')
    own = policy_of(rule.format("night"), site=site)
    assert names_at(own, christmas) == {CLOSED}
    assert names_at(own, christmas.replace(day=28, hour=21)) == {"night"}


def test_where_closed_holds_no_other_name_does() -> None:
    """Nobody has to write `and not closed` everywhere."""
    hours = {
        "office": _hours("office", "Mon-Fri 08:00-18:30"),
        CLOSED: _hours(CLOSED, "2026-12-25"),
    }
    christmas = datetime(2026, 12, 25, 10, 0, tzinfo=LONDON)
    assert holding(hours, christmas, LONDON) == {CLOSED}
    assert holding(hours, christmas.replace(day=24), LONDON) == {"office"}


@given(
    st.datetimes(*YEARS, timezones=st.timezones()),
    st.sampled_from([LONDON, NEW_YORK, ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")]),
)
def test_a_day_and_its_night_are_never_both(at: datetime, zone: ZoneInfo) -> None:
    """Periods that meet neither overlap nor leave a gap, in any zone at any moment."""
    hours = {
        "day": _hours("day", "Mon-Sun 06:00-22:00"),
        "night": _hours("night", "Mon-Sun 22:00-06:00"),
    }
    assert len(holding(hours, at, zone)) == 1
