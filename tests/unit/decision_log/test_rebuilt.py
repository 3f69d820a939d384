"""`decision_log.rebuilt`: a line read back, whatever somebody wrote into it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.decision_log.judged import Judged, matches
from fastagi.decision_log.rebuilt import rebuild
from fastagi.errors import NotOnRecord
from fastagi.policy.limits import tariff_of
from fastagi.policy.model import Facts, Unit
from fastagi.policy.used import Used
from tests.unit.decision_log.past_calls import BASE, RATES, Call, calls, line_of
from tests.unit.policy.samples import HOME, ROME, call, policy_of

ALIKE = """
[[rule]]
name = "seven"
to = ["prefix:+390612345677"]
then = "allow"
[[rule]]
name = "eight"
to = ["prefix:+390612345678"]
then = "deny"
"""


def _line(dialled: str = HOME, mask: int = 4) -> dict[str, object]:
    return dict(line_of(Call(BASE, call(BASE, dialled), Facts()), mask))


@given(calls())
def test_without_a_mask_it_is_the_very_question(one: Call) -> None:
    """Request and facts come back as they were, but for digits that the trunk never got."""
    then = rebuild(line_of(one, 0), one.policy)
    assert then.facts == one.facts
    assert then.request.number.number == one.request.number.number
    assert then.request.number.categories == one.request.number.categories
    assert then.request.at == one.request.at
    assert then.shown is None


@given(calls(), st.sampled_from([1, 2, 3, 4]))
def test_a_masked_number_gets_digits_that_come_to_the_same(one: Call, mask: int) -> None:
    """Matched and priced alike; its own digits are nowhere."""
    then = rebuild(line_of(one, mask), one.policy)
    number, was = then.request.number, one.request.number
    assert matches(one.policy, number) == matches(one.policy, was)
    assert tariff_of(one.policy, then.request) == tariff_of(one.policy, one.request)
    if then.shown is not None:
        assert (then.shown.number or then.shown.dialled).endswith("x")


def test_prefixes_that_read_alike_are_all_told() -> None:
    """One question for each, as the line has no more than what they begin with."""
    policy = policy_of(ALIKE)
    entry = line_of(Call(policy, call(policy, ROME), Facts()), 4)
    then = rebuild(entry, policy)
    found = {str(matches(policy, each.number)) for each in (then.request, *then.others)}
    assert found == {f"['prefix:+39061234567{last}']" for last in (7, 8)}
    assert len(then.others) == 1
    assert not rebuild(line_of(Call(policy, call(policy, ROME), Facts()), 0), policy).others


def test_what_was_used_comes_back() -> None:
    """By limit and unit."""
    request = call(BASE, HOME)
    judged = Judged(BASE, request, Facts(), (("l", "spend", 5),), "spend", True)
    then = rebuild(line_of(Call(BASE, request, Facts()), 4, judged=judged), BASE)
    assert (then.used, then.full, then.again) == (
        {"l": Used(units={Unit.SPEND: 5})},
        "spend",
        True,
    )


def test_an_emergency_call_needs_no_facts() -> None:
    """It was judged before any."""
    entry = {**_line("999"), "facts": None}
    assert rebuild(entry, BASE).request.number.number == "999"
    with pytest.raises(NotOnRecord, match="not on this line"):
        rebuild({**_line(), "facts": None}, BASE)
    for moment in (None, "x", "9999-99-99"):
        assert rebuild({**entry, "time": moment}, BASE).request.at.timestamp() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"extension": None, "category": "sport"},
        {"address": "not one"},
        {"facts": {"at": "yesterday"}},
        {"facts": {"at": float("nan")}},
        {"facts": {"at": 1e300}},
        {"facts": {}},
        {"facts": {"at": 1.0, "shown": "pin"}},
        {"facts": {"at": 1.0, "shown": ["sword"]}},
        {"facts": {"at": 1.0, "proven": []}},
        {"facts": {"at": 1.0, "proven": {"pin": "long ago"}}},
        {"facts": {"at": 1.0, "braked": "universe"}},
        {"facts": {"at": 1.0, "used": {"l": {"ducats": 3}}}},
        {"facts": {"at": 1.0, "to": ["nowhere"]}},
        {"facts": {"at": 1.0, "transport": "pigeon"}},
    ],
)
def test_a_line_that_nobody_can_read_is_said_to_be_one(wrong: dict[str, object]) -> None:
    """It may be of a later version, or tampered with."""
    with pytest.raises(NotOnRecord, match="cannot be read"):
        rebuild(_line(mask=0) | wrong, BASE)


def test_what_no_digits_come_to_is_not_made_up() -> None:
    """A policy that is not the one of then, or a line that is not whole."""
    entry = _line(ROME)
    entry["facts"] = {"at": 1.0, "to": ["prefix:+39", "list:home"]}
    with pytest.raises(NotOnRecord, match="last digits"):
        rebuild(entry, BASE)


def test_more_digits_than_can_be_tried_are_found_by_the_prefixes_that_speak_of_them() -> None:
    """Those of the lists are tried before all."""
    policy = replace(BASE, rates=RATES)
    entry = line_of(Call(policy, call(policy, ROME), Facts()), 10)
    then = rebuild(entry, policy)
    assert then.request.number.number == "+390612345678"
