"""What of a proposal is out of reason."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from fastagi.cdr.past_call import PastCall
from fastagi.learning.doubts import DAYS, doubts
from fastagi.learning.habits import Call, understood
from fastagi.learning.proposal import Entry
from fastagi.learning.site import Site
from tests.unit.learning.quarter import attack, days, honest

SITE = Site("GB", ZoneInfo("Europe/London"), "9", ("10X", "201", "202"), (), 1.0)
ROME = "900390612345678"


def _calls(*calls: PastCall) -> list[Call]:
    return understood(sorted(calls), SITE)


def _limit(minutes: int, within: str = "24h", per: str = "extension") -> Entry:
    return Entry(
        "limit", {"name": "abroad-a-day", "per": per, "minutes": minutes, "within": within}, ""
    )


def test_more_minutes_than_a_day_has() -> None:
    """Of one phone; a site, or a week, may have more."""
    within_reason = (_limit(1440), _limit(1470, "7d"), _limit(1470, per="site"))
    assert list(doubts(within_reason, [])) == []
    assert list(doubts([_limit(100_020)], [])) == [
        "`abroad-a-day` lets a phone talk for 100,020 minutes a day, which has 1,440: is an "
        "attack among what was learnt from?"
    ]


def test_an_honest_quarter_has_none() -> None:
    """Though one, a salesman, calls abroad far more than others."""
    assert list(doubts((), _calls(*honest()))) == []


def test_a_phone_that_stands_alone() -> None:
    """By its calls and by its minutes."""
    calls, minutes = doubts((), _calls(*honest(), *attack()))
    assert calls.startswith("108 had 120 calls abroad on 2026-12-12, and others at most ")
    assert "108 had 600 minutes abroad on 2026-12-12" in minutes


def test_few_days_of_others_say_nothing() -> None:
    """Where nobody else calls abroad, who does stands alone."""
    alone = attack()
    others = [
        PastCall((day + timedelta(hours=9)).timestamp(), "104", ROME, 5.0, 60)
        for day in days(DAYS)
    ]
    assert list(doubts((), _calls(*alone, *others[1:]))) == []
    assert len(list(doubts((), _calls(*alone, *others)))) == 2
