"""`used`: what comes of a decision when something of its budgets is used already."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.decision import decide
from fastagi.policy.model import Decision, Facts, Reason, Unit, Verdict
from fastagi.policy.used import Used, used_up, with_used
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import MINUTES, ROME, call, priced

RULES = """
[[rule]]
name = "all"
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "day"
per = "extension"
spend = "20.00"
minutes = 60
attempts = 40
numbers = 10
countries = 3
within = "24h"
"""

REASONS = {"two": Reason.LIMIT_REACHED, "day": Reason.BUDGET_REACHED}


def _decision(rules: str = RULES, tariff: Tariff = MINUTES) -> Decision:
    policy = priced(rules, {"39": tariff})
    return decide(policy, call(policy, ROME), Facts())


@pytest.mark.parametrize(
    ("used", "seconds"),
    [
        ({}, 960),
        ({"two": Used(calls=1)}, 960),
        ({"another": Used(calls=9)}, 960),
        ({"day": Used(units={Unit.SPEND: 800_000})}, 960),
        ({"day": Used(units={Unit.SPEND: 800_001})}, 900),
        ({"day": Used(units={Unit.SPEND: 18_800_000})}, 60),
        ({"day": Used(units={Unit.SECONDS: 3599})}, 1),
        ({"day": Used(units={Unit.SPEND: 17_000_000, Unit.SECONDS: 3000})}, 120),
        ({"day": Used(units={Unit.ATTEMPTS: 39, Unit.NUMBERS: 9, Unit.COUNTRIES: 2})}, 960),
    ],
)
def test_what_is_left_is_how_long_the_call_may_last(used: dict[str, Used], seconds: int) -> None:
    """Money in whole increments that can be paid."""
    decision = with_used(_decision(), used)
    assert (decision.verdict, decision.seconds) == (Verdict.ALLOW, seconds)


@pytest.mark.parametrize(
    ("used", "limit"),
    [
        ({"two": Used(calls=2)}, "two"),
        ({"day": Used(units={Unit.SPEND: 18_800_001})}, "day"),
        ({"day": Used(units={Unit.SPEND: 10**12})}, "day"),
        ({"day": Used(units={Unit.SECONDS: 3600})}, "day"),
        ({"day": Used(units={Unit.ATTEMPTS: 40})}, "day"),
        ({"day": Used(units={Unit.NUMBERS: 10})}, "day"),
        ({"day": Used(units={Unit.COUNTRIES: 3})}, "day"),
        ({"day": Used(units={Unit.COUNTRIES: 3}), "two": Used(calls=2)}, "two"),
    ],
)
def test_where_nothing_is_left_the_limit_is_reached(used: dict[str, Used], limit: str) -> None:
    """By the first that is full, and nothing is claimed."""
    denied = with_used(_decision(), used)
    assert denied == Decision(Verdict.DENY, limit, REASONS[limit])


def test_under_shadow_what_is_full_is_named_once_and_denies_nothing() -> None:
    """Whatever of it is full."""
    decision = _decision(RULES.replace("calls = 2", "calls = 2\nshadow = true") + "shadow = true")
    full = {Unit.SPEND: 20_000_000, Unit.ATTEMPTS: 40}
    passed = with_used(decision, {"two": Used(calls=2), "day": Used(units=full)})
    assert (passed.verdict, passed.over) == (Verdict.ALLOW, ("two", "day"))
    assert passed.seconds == decision.seconds


def test_a_call_that_is_asked_for_a_code_takes_nothing_yet() -> None:
    """It finds out once the code is keyed, as in the store."""
    decision = _decision(RULES.replace('"allow"', '"pin"'))
    assert with_used(decision, {"day": Used(units={Unit.ATTEMPTS: 40})}) == decision


def test_a_limit_is_used_up_once_one_of_its_units_is() -> None:
    """Not before; and what nobody says anything of is not."""
    policy = priced(RULES, {"39": MINUTES})
    for units, full in (
        ({Unit.ATTEMPTS: 39, Unit.NUMBERS: 9}, set()),
        ({Unit.ATTEMPTS: 40}, {"day"}),
        ({Unit.COUNTRIES: 4}, {"day"}),
    ):
        assert used_up(policy, {"day": Used(units=units), "two": Used(calls=2)}) == full
    assert used_up(policy, {}) == set()


def test_a_free_call_needs_no_money() -> None:
    """Nor does one whose price a limit on trial does not know."""
    decision = _decision(tariff=Tariff(60, 0, 60, 0))
    spent = {"day": Used(units={Unit.SPEND: 20_000_000})}
    assert with_used(decision, spent).seconds == 3600
    policy = priced(RULES + "shadow = true", {})
    unpriced = decide(policy, call(policy, ROME), Facts())
    assert with_used(unpriced, spent).over == ("day",)


@given(
    st.dictionaries(st.sampled_from(Unit), st.integers(0, 10**8)),
    st.sampled_from(Unit),
    st.integers(0, 10**8),
    st.integers(0, 3),
)
def test_who_used_more_never_gets_more(
    units: dict[Unit, int], unit: Unit, more: int, calls: int
) -> None:
    """Of anything."""
    decision = _decision()
    before = with_used(decision, {"day": Used(units=units), "two": Used(calls=calls)})
    used = units | {unit: units.get(unit, 0) + more}
    after = with_used(decision, {"day": Used(units=used), "two": Used(calls=calls)})
    assert after.seconds <= before.seconds <= decision.seconds
    assert (after.verdict is Verdict.ALLOW) is (after.seconds > 0)


def test_too_little_for_the_least_is_none_at_all() -> None:
    """As the store has it: nobody is let through to be cut off in mid-sentence."""
    decision = _decision()
    for left_s, verdict in ((60, Verdict.ALLOW), (59, Verdict.DENY)):
        used = {"day": Used(units={Unit.SECONDS: 3600 - left_s})}
        assert with_used(decision, used, least_s=60).verdict is verdict
