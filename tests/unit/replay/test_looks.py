"""Whether calls of the past look legitimate or like fraud."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from fastagi.replay.destinations import Atlas
from fastagi.replay.habits import RECENT_S
from fastagi.replay.looks import Looks
from fastagi.replay.office_hours import Wall
from fastagi.replay.traits import Look, Trait
from tests.doubles import leaked_month
from tests.policies.thieves import attacks
from tests.unit.replay.samples import AT_HOME, GAMBIA, ITALY, LONDON, a_call, moment, office

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastagi.cdr.past_call import PastCall
    from fastagi.replay.traits import Looked

DAY_S = 86_400.0
MONDAY = moment("2026-12-07 10:00")
SATURDAY_NIGHT = moment("2026-12-12 23:00")
THIEF = "109"


def looked_at(calls: Sequence[PastCall]) -> list[Looked]:
    """Look at calls, one after another."""
    atlas, wall, looks = Atlas(office()), Wall(office()), Looks()
    return [
        looks.look(each, atlas.find(each.dialled, each.at), wall.at(each.at)) for each in calls
    ]


def last(calls: Sequence[PastCall]) -> Looked:
    """Return what the last of some calls looks like."""
    return looked_at(calls)[-1]


# ----------------------------------------------------------------------------- one by one


@pytest.mark.parametrize("dialled", ["104", "999", "908081570001"])
def test_what_nobody_steals_is_legitimate(dialled: str) -> None:
    """Inside, for help, free; at any hour."""
    seen = last([a_call(SATURDAY_NIGHT, dialled)])
    assert (seen.look, seen.traits) == (Look.LEGITIMATE, (Trait.INSIDE,))


def test_what_is_no_number_is_unclear() -> None:
    """Somebody slipped, or somebody tries numbers."""
    assert last([a_call(dialled="9")]).traits == (Trait.NO_NUMBER,)


@pytest.mark.parametrize("at", [MONDAY, SATURDAY_NIGHT])
def test_a_call_at_home_is_legitimate_at_any_hour(at: float) -> None:
    """It costs little."""
    seen = last([a_call(at, AT_HOME)])
    assert seen.look is Look.LEGITIMATE
    assert Trait.CHEAP in seen.traits
    assert (Trait.OUT_OF_HOURS in seen.traits) is (at == SATURDAY_NIGHT)


def test_the_first_call_abroad_in_office_hours_is_unclear() -> None:
    """And the next to the same number, half a day later, legitimate."""
    first, soon, later = looked_at(
        [a_call(MONDAY + after_s, ITALY) for after_s in (0, 3600, DAY_S)]
    )
    assert (first.look, soon.look, later.look) == (
        *(Look.UNCLEAR, Look.LEGITIMATE),
        Look.LEGITIMATE,
    )
    assert {Trait.NEW_NUMBER, Trait.NEW_COUNTRY_EARLY} <= set(first.traits)
    assert not {Trait.NEW_NUMBER, Trait.KNOWN} & set(soon.traits)
    assert {Trait.KNOWN, Trait.COUNTRY_KNOWN} <= set(later.traits)


def test_that_a_country_is_new_says_more_once_there_are_records_of_a_week() -> None:
    """Before that everything is new."""
    seen = last([a_call(MONDAY), a_call(MONDAY + 8 * DAY_S, ITALY)])
    assert Trait.NEW_COUNTRY in seen.traits


def test_what_others_here_called_is_not_new() -> None:
    """A colleague calls the customer."""
    seen = last([a_call(MONDAY, ITALY), a_call(MONDAY + DAY_S, ITALY, extension="102")])
    assert Trait.KNOWN_TO_OTHERS in seen.traits
    assert not {Trait.NEW_COUNTRY_EARLY, Trait.COUNTRY_KNOWN} & set(seen.traits)


def test_a_dear_call_at_night_to_where_nobody_called_looks_like_fraud() -> None:
    """From the very first one on; and it teaches nothing."""
    calls = [
        a_call(SATURDAY_NIGHT + hour * 3600, GAMBIA, 3600, THIEF, str(hour)) for hour in range(30)
    ]
    assert {each.look for each in looked_at(calls)} == {Look.FRAUD}
    assert Trait.LONG in last(calls).traits


def test_an_unclear_call_at_night_teaches_nothing() -> None:
    """There was nobody to ask."""
    early = moment("2026-12-08 20:00")
    calls = [a_call(early, ITALY, 1), a_call(early + DAY_S, ITALY, 1)]
    assert [each.look for each in looked_at(calls)] == [Look.UNCLEAR] * 2
    assert Trait.NEW_NUMBER in last(calls).traits


def test_an_attack_that_goes_on_into_monday_is_no_habit_then() -> None:
    """In office hours it is unclear; but whose phone was just used by a thief teaches nothing."""
    calls = [a_call(SATURDAY_NIGHT, GAMBIA, 3600, THIEF)]
    begins = moment("2026-12-14 07:59")
    calls += [a_call(begins + each * 600, GAMBIA, 60, THIEF) for each in range(60)]
    looks = [each.look for each in looked_at(calls)]
    assert looks[:2] == [Look.FRAUD, Look.FRAUD]
    assert Look.LEGITIMATE not in looks


def _in_a_row(count: int, gap_s: float, to: Callable[[int], str], talked_s: int = 60) -> Looked:
    return last([a_call(MONDAY + each * gap_s, to(each), talked_s) for each in range(count)])


def _same(_: int) -> str:
    return ITALY


def _block(turn: int) -> str:
    return f"9003906123456{turn:02}"


def _spread(turn: int) -> str:
    return f"900390612{turn:03}678"


@pytest.mark.parametrize(
    ("trait", "seen", "other"),
    [
        (Trait.AT_ONCE, _in_a_row(3, 1, _same), _in_a_row(2, 1, _same)),
        (Trait.BURST, _in_a_row(5, 100, _spread), _in_a_row(4, 100, _spread)),
        (Trait.SPREAD, _in_a_row(4, 400, _spread), _in_a_row(4, 400, _same)),
        (Trait.BLOCK, _in_a_row(3, 600, _block), _in_a_row(3, 2000, _block)),
        (Trait.SHORT, _in_a_row(3, 600, _same, 9), _in_a_row(3, 600, _same, 11)),
    ],
    ids=["at once", "burst", "spread", "block", "short"],
)
def test_what_calls_look_like_together(trait: Trait, seen: Looked, other: Looked) -> None:
    """As many, as fast, as alike; and not one less."""
    assert trait in seen.traits
    assert trait not in other.traits


def test_again_and_again_out_of_hours() -> None:
    """In office hours it is somebody who wants to reach somebody."""
    night = moment("2026-12-08 20:00")
    for begins, expected in ((night, True), (MONDAY, False)):
        calls = [a_call(begins + each * 900, ITALY, 300) for each in range(3)]
        assert (Trait.AGAIN in last(calls).traits) is expected
    apart = [a_call(night, ITALY, 300), a_call(night + 60, ITALY, 300)]
    assert Trait.AGAIN not in last([*apart, a_call(night + RECENT_S + 120, ITALY, 300)]).traits


def test_who_always_calls_much_makes_no_burst() -> None:
    """It is more than half as many again as ever before that counts."""
    calls = []
    for day in range(4):
        count = (4, 6, 9, 14)[day]
        begins = MONDAY + day * DAY_S
        calls += [a_call(begins + each * 40, ITALY, 30) for each in range(count)]
    assert [Trait.BURST in each.traits for each in looked_at(calls)] == [False] * 32 + [True]
    again = [*calls, *(a_call(MONDAY + 4 * DAY_S + each * 40, ITALY, 30) for each in range(14))]
    assert not any(Trait.BURST in each.traits for each in looked_at(again)[-14:])


# ----------------------------------------------------------------------------- months


@pytest.mark.parametrize("seed", [1, 2])
def test_a_month_with_a_weekend_attack(seed: int) -> None:
    """No call of the attack looks legitimate; under 0.5 % of the honest ones look like fraud."""
    attack = leaked_month.attack()
    stolen = {each.call for each in attack}
    calls = sorted([*leaked_month.honest(seed), *attack])
    looks = Counter(
        (call.call in stolen, seen.look)
        for call, seen in zip(calls, looked_at(calls), strict=True)
    )
    assert len(calls) > 10_000
    assert looks[True, Look.FRAUD] == len(attack)
    assert looks[False, Look.FRAUD] < 0.005 * (len(calls) - len(attack))
    assert looks[False, Look.UNCLEAR] < 0.02 * (len(calls) - len(attack))


ATTACKS = {
    "by day, at once": (attacks.clinic, datetime(2026, 12, 14, 10, tzinfo=LONDON), 0.95),
    "one after another": (attacks.drip, datetime(2026, 12, 11, 20, tzinfo=LONDON), 0.9),
    "a test first": (attacks.burst, datetime(2026, 12, 11, 21, tzinfo=LONDON), 1.0),
}


@pytest.mark.parametrize(("made", "begins", "share"), ATTACKS.values(), ids=ATTACKS)
def test_other_attacks_that_were_published(
    made: Callable[[], attacks.Attack], begins: datetime, share: float
) -> None:
    """None of their calls looks legitimate, and nearly all look like fraud."""
    attack = leaked_month.attack(made(), THIEF, begins)
    stolen = {each.call for each in attack}
    calls = sorted([*leaked_month.honest(), *attack])
    looks = Counter(
        seen.look
        for call, seen in zip(calls, looked_at(calls), strict=True)
        if call.call in stolen
    )
    assert looks[Look.LEGITIMATE] == 0
    assert looks[Look.FRAUD] >= share * len(attack)
