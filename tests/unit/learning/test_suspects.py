"""Calls that look like an attack."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from fastagi.cdr.past_call import PastCall
from fastagi.learning.habits import understood
from fastagi.learning.site import Site
from fastagi.learning.suspects import BESIDE_S, Suspects, find_suspects
from tests.doubles import leaked_month
from tests.unit.learning.quarter import NIGHT, attack, days, honest

SITE = Site("GB", ZoneInfo("Europe/London"), "9", ("10X", "201", "202"), (), 1.0)
ROME, PARIS = "900390612345678", "90033142614701"


def _suspects(*calls: PastCall) -> tuple[list[PastCall], Suspects]:
    listed = sorted(calls)
    return listed, find_suspects(understood(listed, SITE))


def _daily(extension: str, hour: int, count: int, dialled: str, of: int = 10) -> list[PastCall]:
    return [
        PastCall((day + timedelta(hours=hour, minutes=3 * each)).timestamp(), extension, dialled)
        for day in days(of)
        for each in range(count)
    ]


def test_an_honest_quarter_has_none() -> None:
    """Nobody is left out who only works."""
    assert _suspects(*honest()) == (list(honest()), Suspects(frozenset(), ()))


@pytest.mark.parametrize("extension", ["104", "108"])
@pytest.mark.parametrize("hour", [1, 11, 20])
def test_a_burst_is_found_at_whatever_hour(hour: int, extension: str) -> None:
    """And no honest call with it, but that phone's own dear ones of the same half day."""
    thief = set(attack(NIGHT.replace(hour=hour), extension=extension))
    calls, found = _suspects(*honest(), *thief)
    suspected = {calls[place] for place in found.places}
    assert thief <= suspected
    first, last = min(thief).at, max(thief).at
    assert all(
        call.extension == extension and first - BESIDE_S <= call.at <= last + BESIDE_S
        for call in suspected
    )
    assert len(suspected - thief) < 10
    assert {each.extension for each in found.found} == {extension}


def test_a_thief_over_many_nights_is_not_taken_for_a_habit() -> None:
    """He calls where nobody calls by day."""
    thief = [call for day in range(14) for call in attack(NIGHT + timedelta(days=day), 6)]
    calls, found = _suspects(*honest(), *thief)
    assert {calls[place] for place in found.places} == set(thief)
    assert all("by day" in each.why for each in found.found)


def test_the_same_numbers_from_another_phone_are_his_too() -> None:
    """A few calls, to check what he has rented, the day before."""
    tried = attack(NIGHT - timedelta(days=3, hours=-12), 2, "105")
    _, found = _suspects(*honest(), *attack(), *tried)
    assert [(each.extension, each.calls, each.why) for each in found.found] == [
        ("105", 2, "the same numbers"),
        ("108", 120, "many more on a day than is usual"),
    ]


def test_who_calls_abroad_every_day_is_held_against_himself() -> None:
    """Forty calls a day are no attack where there are forty on each of them."""
    usual = _daily("104", 9, 40, ROME)
    assert _suspects(*usual)[1].found == ()
    more = _daily("104", 9, 130, ROME, of=1)
    _, found = _suspects(*usual[40:], *more)
    assert [each.calls for each in found.found] == [130]


def test_where_people_work_at_night_the_night_says_nothing() -> None:
    """A call centre for another continent."""
    assert _suspects(*_daily("104", 2, 9, ROME))[1].found == ()
    by_day = _daily("101", 10, 200, "902079460000")
    assert _suspects(*by_day, *_daily("104", 2, 9, ROME))[1].found != ()


def test_costly_calls_around_a_burst_go_with_it() -> None:
    """Within half a day; others of that phone do not."""
    first = NIGHT.timestamp()
    near = PastCall(first - 3600, "108", PARIS)
    far = PastCall(first - 20 * 3600, "108", PARIS)
    home = PastCall(first - 1800, "108", "902079460000")
    calls, found = _suspects(near, far, home, *attack())
    assert near in {calls[place] for place in found.places}
    assert {far, home} & {calls[place] for place in found.places} == set()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_weekend_is_not_usual_of_a_phone_that_hardly_ever_made_dear_calls(seed: int) -> None:
    """Its few days with a hotline are no history that his could be the upper quartile of."""
    thief = leaked_month.attack()
    calls, found = _suspects(*leaked_month.honest(seed), *thief)
    suspected = {calls[place] for place in found.places}
    assert set(thief) <= suspected
    assert {call.extension for call in suspected} == {leaked_month.LEAKED}
    assert len(suspected) - len(thief) < 3


def test_five_days_are_enough_to_be_known() -> None:
    """All alike; but not where four of them are another's."""
    assert _suspects(*_daily("104", 9, 40, ROME, of=5))[1].found == ()
    weekend = _daily("104", 9, 40, ROME, of=4)
    once = PastCall(weekend[-1].at + 20 * 86_400, "104", PARIS)
    _, found = _suspects(*weekend, once)
    assert [each.calls for each in found.found] == [40, 40, 40, 40]
