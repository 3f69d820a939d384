"""Single calls, and whose calls would have been refused."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.model import Reason
from fastagi.replay.examples import NUMBERS, PEOPLE, PEOPLE_MOST, Dearest, People, Writer, because
from fastagi.replay.judged import OR, Effect, Under
from tests.unit.replay.samples import (
    AT_HOME,
    FRAUD,
    ITALY,
    LEGITIMATE,
    LONDON,
    REFUSED,
    THROUGH,
    a_call,
    judged,
)

PLAIN = Writer(LONDON, 0)
CUT = Under(Effect.CUT, "a" + OR + "b", Reason.ALLOWED, 1)
ASKED = Under(Effect.STEPPED_UP, "abroad", Reason.ALLOWED, 1)


def test_a_call_is_written_down() -> None:
    """With what became of it, and why it looks as it does."""
    written = PLAIN.example(judged(a_call(dialled=ITALY), REFUSED, other=CUT))
    assert dataclasses.asdict(written) == {
        "time": "2026-12-07 10:00:00",
        "extension": "101",
        "number": "+390612345678",
        "country": "IT",
        "talked_s": 60,
        "was": 1_000_000,
        "effect": "refused",
        "because": "abroad (wrong-code)",
        "other": "cut by a or b",
        "look": "legitimate",
        "why": "a number at home that costs little; the extension called the number before",
        "place": "Master.csv:1",
    }


def test_numbers_are_masked_but_inside_ones() -> None:
    """As in the record of decisions."""
    masking = Writer(LONDON, 4)
    assert masking.example(judged(a_call(dialled=ITALY))).number == "+39061234xxxx"
    assert masking.example(judged(a_call(dialled="104"))).number == "104"
    assert PLAIN.example(judged(a_call(dialled="9"))).number == "9"


def test_what_is_foreign_is_made_fit() -> None:
    """No terminal and no page does anything with it."""
    call = a_call(extension="\x1b[2J<b>")._replace(place="a\x1b\n:1")
    written = PLAIN.example(judged(call))
    assert (written.extension, written.place) == ("??2J?b?", "a??:1")


def test_what_decided_is_said_once() -> None:
    """A lockout is its own reason; what is let through needs none."""
    assert because(THROUGH) == "at-home"
    assert because(REFUSED) == "abroad (wrong-code)"
    assert because(REFUSED._replace(rule="locked-out", reason=Reason.LOCKED_OUT)) == "locked-out"


@given(st.lists(st.one_of(st.none(), st.integers(0, 50))))
def test_those_that_cost_most_are_kept(costs: list[int | None]) -> None:
    """Of equal ones the first."""
    kept = Dearest(3)
    for turn, was in enumerate(costs):
        kept.add(judged(a_call(extension=str(turn)), was=was))
    order = sorted(range(len(costs)), key=lambda turn: (-(costs[turn] or 0), turn))
    assert [int(each.extension) for each in kept.written(PLAIN)] == order[:3]


def test_whose_calls_would_have_been_refused() -> None:
    """Most refused first; those that are only asked for a code come last; thieves never."""
    people = People()
    for extension, under, seen in (
        *([("101", ASKED, None)] * 9),
        ("102", REFUSED, None),
        *([("103", REFUSED, None)] * 2),
        ("103", CUT, None),
        ("104", THROUGH, None),
        ("105", REFUSED, FRAUD),
    ):
        call = a_call(extension=extension, dialled=ITALY)
        people.add(judged(call, under, seen=seen or LEGITIMATE), PLAIN)
    told = people.told()
    assert [(each.extension, each.refused, each.cut, each.stepped_up) for each in told] == [
        ("103", 2, 1, 0),
        ("102", 1, 0, 0),
        ("101", 0, 0, 9),
    ]
    assert told[0].rules == ["abroad", "a or b"]
    assert told[0].numbers == ["+390612345678"]
    assert people.beyond == 0


def test_only_some_numbers_and_people_are_shown() -> None:
    """Of very many, those who are refused first are remembered."""
    people = People()
    for last in range(NUMBERS + 2):
        call = a_call(dialled=f"{AT_HOME[:-1]}{last}", extension="100")
        people.add(judged(call, REFUSED), PLAIN)
    for extension in range(1000, 1000 + PEOPLE_MOST):
        people.add(judged(a_call(extension=str(extension)), REFUSED), PLAIN)
    told = people.told()
    assert len(told[0].numbers) == NUMBERS
    assert len(told) == PEOPLE
    assert people.beyond == PEOPLE_MOST - PEOPLE
