"""What is proposed, by what people do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from fastagi.learning.habits import Habits, Most, Opening
from fastagi.learning.proposal import Entry, Prices, Proposal, hours_text, propose
from fastagi.learning.site import Site
from fastagi.numbering.number import Category

LONDON = ZoneInfo("Europe/London")
PHONES = ("101", "102", "103", "201")
SITE = Site("GB", LONDON, "9", ("101", "102", "103", "201"), PHONES, 1.0)
HABITS = Habits(
    calls=500,
    outside=400,
    begin=datetime(2026, 10, 1, tzinfo=LONDON),
    end=datetime(2026, 12, 31, tzinfo=LONDON),
    kinds=Counter({Category.NATIONAL: 360, Category.INTERNATIONAL: 40}),
    abroad=("101",),
    home=("102", "103"),
    lobby=("201",),
    opening=(Opening((1, 2, 3, 4, 5), 480, 1080),),
    abroad_in_hours=38,
    abroad_calls=40,
    countries=(("IT", 30), ("FR", 10)),
    most=Most(2, 3, 50, 12, 2, 1500, 4000),
)


def _entries(proposal: Proposal) -> dict[str, Entry]:
    return {each.name: each for each in proposal.entries}


def test_an_office_is_let_do_what_it_does() -> None:
    """Few call abroad, and are asked; nobody else does, and may not."""
    proposal = propose(SITE, HABITS)
    entries = _entries(proposal)
    assert [each.name for each in proposal.entries if each.table == "rule"] == [
        "pays-the-caller",
        "lobby-stays-home",
        "not-abroad",
        "abroad",
        "abroad-after-hours",
        "at-home",
    ]
    assert entries["abroad"].keys["then"] == "pin+totp"
    assert entries["not-abroad"].keys["from"] == ["home"]
    assert entries["at-home"].to == (Category.NATIONAL, Category.TOLL_FREE)
    assert Category.PAGER in entries["pays-the-caller"].to
    assert entries["abroad"].why == (
        "1 phone called abroad: IT, FR; 95% of 40 calls in office hours"
    )
    assert entries["at-a-time"].to == ()
    assert {name: patterns for name, (patterns, _) in proposal.classes.items()} == {
        "abroad": ("101",),
        "home": ("102", "103"),
        "lobby": ("201",),
    }


def test_limits_are_twice_the_most() -> None:
    """Rounded up; never lower than what anybody may need."""
    entries = _entries(propose(SITE, HABITS))
    assert entries["at-a-time"].keys["calls"] == 3
    assert entries["abroad-at-a-time"].keys["calls"] == 5
    assert (entries["abroad-a-day"].keys["minutes"], entries["abroad-a-day"].keys["attempts"]) == (
        120,
        30,
    )
    assert entries["abroad-burst"].keys["attempts"] == 5
    assert entries["longest-abroad"].keys["duration"] == "1h"


def test_money_is_limited_where_prices_are_known() -> None:
    """In whole fives."""
    prices = Prices("r.csv", "GBP", phone_a_day=3_400_000, site_a_day=1_000_000)
    entries = _entries(propose(SITE, HABITS, prices))
    assert entries["money-a-day"].keys["spend"] == "10.00"
    assert entries["money-of-the-site"].keys["spend"] == "5.00"
    assert entries["money-a-day"].why == "3.40 GBP at most"
    assert "money-a-day" not in _entries(propose(SITE, HABITS, Prices("r.csv", "GBP")))


def test_where_nobody_calls_abroad_nobody_may() -> None:
    """And there is nothing to limit."""
    none = replace(HABITS, abroad=(), home=("101", "102", "103"), abroad_calls=0)
    entries = _entries(propose(SITE, none))
    assert (entries["not-abroad"].keys["then"], "from" in entries["not-abroad"].keys) == (
        "deny",
        False,
    )
    assert entries["not-abroad"].why == "nobody called abroad"
    assert not [name for name in entries if name.startswith("abroad")]
    seldom = _entries(propose(SITE, replace(none, abroad_calls=1)))
    assert seldom["not-abroad"].why == "only 1 call, now and then"


def test_where_all_call_abroad_nobody_is_kept_from_it() -> None:
    """And out of hours nobody may who never did."""
    everybody = replace(HABITS, abroad=PHONES, home=(), lobby=(), abroad_in_hours=40)
    entries = _entries(propose(SITE, everybody))
    assert not {"not-abroad", "lobby-stays-home"} & entries.keys()
    assert entries["abroad-after-hours"].keys["then"] == "deny"


def test_without_hours_there_is_one_rule() -> None:
    """Where people work around the clock."""
    entries = _entries(propose(SITE, replace(HABITS, opening=())))
    assert "when" not in entries["abroad"].keys
    assert "abroad-after-hours" not in entries


def test_what_costs_extra_and_was_called_is_asked_for() -> None:
    """And what pays whoever is called is denied, whoever called it."""
    kinds = HABITS.kinds + Counter({Category.SHARED_COST: 2, Category.PREMIUM: 1})
    entries = _entries(propose(SITE, replace(HABITS, kinds=kinds)))
    assert entries["costs-extra"].to == (Category.SHARED_COST,)
    assert Category.SHARED_COST not in entries["pays-the-caller"].to
    assert entries["pays-the-caller"].why.endswith("1 call would be denied; look at them")


@pytest.mark.parametrize(
    ("opening", "text"),
    [
        (Opening((1, 2, 3, 4, 5), 480, 1110), "Mon-Fri 08:00-18:30"),
        (Opening((6,), 540, 720), "Sat 09:00-12:00"),
        (Opening((1, 3, 5), 0, 1440), "Mon,Wed,Fri 00:00-24:00"),
        (Opening((1, 2), 480, 1080), "Mon,Tue 08:00-18:00"),
    ],
)
def test_hours_as_a_policy_has_them(opening: Opening, text: str) -> None:
    """Days in a row are a range."""
    assert hours_text(opening) == text
