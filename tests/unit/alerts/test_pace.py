"""Who may be told now."""

from __future__ import annotations

from fastagi.alerts.kind import Kind
from fastagi.alerts.pace import BURST, HOUR_S, PAUSE_AT_MOST_S, Pace
from tests.unit.alerts.conftest import NOW


def told_in(pace: Pace, kinds: set[Kind], seconds: int, start: float = NOW) -> list[Kind]:
    """Tell whenever it may be, each second; return what was."""
    told = []
    for second in range(seconds):
        while (kind := pace.next(kinds, start + second)) is not None:
            pace.took(kind, start + second)
            told.append(kind)
    return told


def test_a_flood_of_one_kind_gets_its_rate_and_no_more() -> None:
    """Some at once, then so many an hour."""
    told = told_in(Pace(20.0), {Kind.LOCKOUT}, 2 * int(HOUR_S))
    assert BURST + 39 <= len(told) <= BURST + 41


def test_a_kind_that_is_new_waits_for_nothing() -> None:
    """However much of others was told just now."""
    pace = Pace(1.0)
    flood = {Kind.LOCKOUT, Kind.NEW_ADDRESS, Kind.PROCESS}
    told_in(pace, flood, 1800)
    assert pace.next(flood, NOW + 1800) is None
    assert pace.next({*flood, Kind.BYPASS}, NOW + 1800) is Kind.BYPASS


def test_of_several_that_flood_each_has_its_turn() -> None:
    """None starves."""
    flood = {Kind.LOCKOUT, Kind.NEW_ADDRESS, Kind.PROCESS}
    told = told_in(Pace(20.0), flood, int(HOUR_S))
    assert min(told.count(each) for each in flood) >= 7


def test_what_is_refused_does_not_hold_up_the_rest() -> None:
    """Another kind is tried next; all of it waits ever longer, and at last no longer than that."""
    pace, now = Pace(20.0), NOW
    kinds = {Kind.LOCKOUT, Kind.BYPASS}
    assert pace.next(kinds, now) is Kind.BYPASS
    pace.refused(Kind.BYPASS, now)
    assert pace.next(kinds, now + 1) is None
    assert pace.next(kinds, now + 5) is Kind.LOCKOUT
    for _ in range(30):
        pace.refused(Kind.LOCKOUT, now)
        now += PAUSE_AT_MOST_S
        assert pace.next(kinds, now) is not None
    pace.took(Kind.LOCKOUT, now)
    assert pace.next(kinds, now) is Kind.BYPASS


def test_a_clock_that_is_set_back_stops_nothing() -> None:
    """What was noted lies in its future then."""
    pace = Pace(20.0)
    pace.refused(Kind.BYPASS, NOW)
    assert pace.next({Kind.BYPASS}, NOW + 10) is Kind.BYPASS
    pace.refused(Kind.BYPASS, NOW + 10)
    assert pace.next({Kind.BYPASS}, NOW - 9999) is Kind.BYPASS
