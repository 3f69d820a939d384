"""What a site's people do with their phones."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from fastagi.cdr.past_call import PastCall
from fastagi.learning.habits import (
    Habits,
    Opening,
    find_habits,
    is_open,
    most_within,
    understood,
)
from fastagi.learning.site import Site
from fastagi.numbering.number import Category
from tests.doubles.office_month import LONDON
from tests.unit.learning.quarter import days, honest

SITE = Site("GB", ZoneInfo("Europe/London"), "9", ("10X", "201"), ("101", "102", "201"), 1.0)
HOME, MOBILE, ROME = "902079460000", "907400123456", "900390612345678"


def _habits(*calls: PastCall) -> Habits:
    return find_habits(understood(sorted(calls), SITE), SITE.extensions)


def _daily(extension: str, dialled: str, hour: float, of: int = 7) -> list[PastCall]:
    return [
        PastCall((day + timedelta(hours=hour)).timestamp(), extension, dialled, 5.0, 60)
        for day in days(of)
    ]


def test_calls_are_understood_as_the_site_dials_them() -> None:
    """Outside, abroad, and what is neither."""
    seen = understood(
        [PastCall(0.0, "101", each, 1.0, 2) for each in (HOME, ROME, "102", "90", "112", HOME)],
        SITE,
    )
    assert [(each.is_outside, each.is_abroad) for each in seen] == [
        (True, False), (True, True), (False, False), (False, False), (False, False), (True, False),
    ]  # fmt: skip
    assert (seen[0].ends, seen[0].local.utcoffset()) == (3.0, timedelta(hours=1))


def test_phones_are_what_they_call() -> None:
    """Abroad on two days, at home, or nothing that costs."""
    lobby = [PastCall(1e9 + each, "201", HOME) for each in range(20)]
    habits = _habits(*_daily("102", ROME, 10, 2), *_daily("101", MOBILE, 10), *lobby)
    assert (habits.abroad, habits.home, habits.lobby) == (("102",), ("101",), ("201",))
    once = _habits(*_daily("102", ROME, 10, 1), *lobby[:19])
    assert (once.abroad, once.home, once.lobby) == ((), ("101", "102", "201"), ())
    assert habits.kinds[Category.INTERNATIONAL] == habits.abroad_calls == 2
    assert habits.countries == (("IT", 2),)


def test_hours_are_where_nearly_all_calls_are() -> None:
    """One in the evening moves nothing; a day with few calls is no day of work."""
    quarter = find_habits(understood(honest(), SITE), SITE.extensions)
    assert quarter.opening == (Opening((1, 2, 3, 4, 5), 8 * 60, 19 * 60),)
    assert 0 < quarter.abroad_in_hours < quarter.abroad_calls


def test_saturdays_have_hours_of_their_own() -> None:
    """Where people work then."""
    week = [call for hour in (9, 12, 16.9) for call in _daily("101", HOME, hour, of=28)]
    short = [
        each for each in week if not _is_weekend(each) or (_day(each) == 6 and _hour(each) < 13)
    ]
    assert _habits(*short).opening == (
        Opening((1, 2, 3, 4, 5), 9 * 60, 17 * 60),
        Opening((6,), 9 * 60, 12 * 60 + 30),
    )


def test_who_works_around_the_clock_has_no_hours() -> None:
    """A rule with hours would be of no use there."""
    calls = [call for hour in range(24) for call in _daily("101", HOME, hour)]
    assert _habits(*calls).opening == ()
    assert _habits(PastCall(0.0, "101", "102")).opening == ()


def test_the_edges_of_hours() -> None:
    """The first minute is within them, the last is not."""
    monday = next(days(7)) + timedelta(days=6)
    opening = (Opening((1,), 480, 510),)
    assert monday.isoweekday() == 1
    assert is_open(opening, monday + timedelta(hours=8))
    assert not is_open(opening, monday + timedelta(hours=8, minutes=30))
    assert not is_open(opening, monday + timedelta(days=1, hours=8))


def test_the_most_at_a_time_and_within_a_time() -> None:
    """Three calls, of which two are up together; a day that rolls."""
    first = next(days(1)).timestamp()
    calls = [
        PastCall(first, "101", ROME, 0.0, 600),
        PastCall(first + 300, "101", ROME, 0.0, 61),
        PastCall(first + 700, "102", ROME, 0.0, 1),
        PastCall(first + 86_400, "101", ROME, 0.0, 60),
    ]
    most = _habits(*calls).most
    assert (most.at_a_time, most.abroad_at_a_time) == (2, 2)
    assert (most.abroad_minutes, most.abroad_calls, most.abroad_burst) == (12, 2, 2)
    assert (most.abroad_talk_s, most.talk_s) == (600, 600)


def test_what_is_over_counts_no_more() -> None:
    """At the moment when it is over."""
    assert most_within([(0.0, "a", 2), (9.9, "a", 3), (10.0, "a", 1), (11.0, "b", 4)], 10) == 5
    assert most_within([], 10) == 0


def _hour(call: PastCall) -> float:
    return understood([call], SITE)[0].local.hour


def _day(call: PastCall) -> int:
    return understood([call], SITE)[0].local.isoweekday()


def _is_weekend(call: PastCall) -> bool:
    return _day(call) > 5


def test_local_time_is_the_site_s() -> None:
    """Whatever machine this is learnt on."""
    assert understood([PastCall(0.0, "101", HOME)], SITE)[0].local.tzinfo == LONDON
