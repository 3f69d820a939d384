"""`figures`: values against thresholds, as data and in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.policy.explain import explain
from fastagi.policy.figures import Figure, in_words, of_limit, of_rule
from fastagi.policy.model import (
    Factor,
    Facts,
    Limit,
    Per,
    Reason,
    Rule,
    Scope,
    Then,
    Unit,
    Verdict,
)
from fastagi.policy.used import Used, with_used
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import HOME, MINUTES, ROME, call, policy_of, priced

CHEAP = Tariff(60, 310_000, 60, 310_000)


def _limit(**parts: object) -> Limit:
    return Limit("l", Scope(), Per.EXTENSION, within_s=86_400, **parts)  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(
    ("limit", "used", "words"),
    [
        (
            _limit(budgets=((Unit.SPEND, 20_000_000),)),
            Used(units={Unit.SPEND: 12_400_000}),
            "12.40 of 20.00 GBP used, this call needs at least 0.31 GBP",
        ),
        (_limit(calls=2), Used(calls=2), "2 of 2 calls up"),
        (_limit(calls=1), Used(), "0 of 1 call up"),
        (_limit(price=500_000), None, "0.31 GBP a minute, of 0.50 GBP at most"),
        (
            _limit(budgets=((Unit.SECONDS, 3_600),)),
            Used(units={Unit.SECONDS: 750}),
            "12m30s of 1h used, this call needs at least 1m",
        ),
        (
            _limit(budgets=((Unit.ATTEMPTS, 9), (Unit.NUMBERS, 3))),
            Used(units={Unit.NUMBERS: 3}),
            "0 of 9 attempts used; 3 of 3 different numbers used",
        ),
        (_limit(budgets=((Unit.SPEND, 20_000_000),)), None, ""),
        (_limit(duration_s=60), Used(), ""),
    ],
)
def test_what_is_known_of_a_limit_is_said(limit: Limit, used: Used | None, words: str) -> None:
    """Used, of so much, and what the call takes; nothing where nothing is known."""
    assert in_words(of_limit(limit, CHEAP, "GBP", used)) == words


def test_without_a_price_nobody_knows_what_a_call_needs() -> None:
    """What is used is said all the same."""
    limit = _limit(budgets=((Unit.SPEND, 20_000_000),), price=1)
    spend, price = of_limit(limit, None, "GBP", Used(units={Unit.SPEND: 1_000_000}))
    assert in_words([spend, price]) == "1.00 of 20.00 GBP used"
    assert (spend.needs, price.value) == (None, None)


def test_what_is_remembered_is_held_against_the_rule() -> None:
    """Twelve minutes of thirty."""
    rule = Rule("a", Scope(), Then.PIN_TOTP, remember_s=1_800)
    pin, totp = of_rule(rule, {Factor.PIN: 720.5})
    assert (pin.value, pin.threshold, totp.value) == (720, 1_800, None)
    assert in_words([pin, totp]) == "pin shown 12m ago, remembered for 30m"
    assert not list(of_rule(Rule("a", Scope(), Then.PIN), {Factor.PIN: 1.0}))


def test_a_figure_is_data_whose_money_is_text() -> None:
    """No reader makes floats of it."""
    assert Figure(Unit.SPEND, 12_400_000, 20_000_000, "GBP", 310_000).as_json() == {
        "what": "spend",
        "value": "12.40",
        "threshold": "20.00",
        "needs": "0.31",
        "unit": "GBP",
    }
    assert Figure("calls", None, 2, needs=1).as_json() == {
        "what": "calls",
        "value": None,
        "threshold": 2,
        "needs": 1,
        "unit": "",
    }


@pytest.mark.parametrize(
    ("figure", "brief"),
    [
        (Figure(Unit.SPEND, 12_400_000, 20_000_000, "GBP", 310_000), "spend 12.40 of 20.00 GBP"),
        (Figure("calls", None, 2), "calls ? of 2"),
        (Figure("pin", 720, 1_800, "s"), "pin 12m of 30m"),
    ],
)
def test_a_figure_fits_into_a_column(figure: Figure, brief: str) -> None:
    """What is not known is a question mark."""
    assert figure.brief == brief


LIMITS = """
[[rule]]
name = "a"
then = "allow"
when = "office"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "money"
per = "extension"
spend = "20.00"
within = "24h"
"""


def test_an_explanation_has_figures_and_hours() -> None:
    """Also without a store: what a limit gives, and what the call needs of it."""
    policy = priced(LIMITS, {"39": MINUTES})
    told = explain(policy, call(policy, ROME), Facts())
    assert told.rules[0].hours == ("office",)
    assert told.limits[0].figures == (Figure("calls", None, 2, "", 1),)
    assert told.limits[1].figures == (Figure("spend", None, 20_000_000, "GBP", 1_200_000),)


def test_what_is_used_is_in_the_words_where_it_is_known() -> None:
    """And only there."""
    policy = priced(LIMITS, {"39": MINUTES})
    used = {"two": Used(1), "money": Used(units={Unit.SPEND: 12_400_000})}
    two, money = explain(policy, call(policy, ROME), Facts(), used).limits
    assert two.why.endswith("; 1 of 2 calls up")
    assert money.why.endswith("; 12.40 of 20.00 GBP used, this call needs at least 1.20 GBP")


@pytest.mark.parametrize(
    ("used", "limit", "reason", "why", "summary"),
    [
        (
            {"two": Used(2)},
            "two",
            Reason.LIMIT_REACHED,
            "all its slots are taken: 2 of 2 calls up",
            "denied by limit `two`: as many calls are up as it lets be",
        ),
        (
            {"money": Used(units={Unit.SPEND: 19_000_000})},
            "money",
            Reason.BUDGET_REACHED,
            "too little of it is left for the call: "
            "19.00 of 20.00 GBP used, this call needs at least 1.20 GBP",
            "denied by limit `money`: too little of it is left",
        ),
    ],
)
def test_what_the_store_refuses_is_explained(
    used: dict[str, Used], limit: str, reason: Reason, why: str, summary: str
) -> None:
    """The rule lets it through, and the limit decides."""
    policy = priced(LIMITS, {"39": MINUTES})
    request = call(policy, ROME)
    came_to = with_used(explain(policy, request, Facts()).decision, used, 60)
    told = explain(policy, request, Facts(), used, came_to=came_to)
    assert (told.decision.rule, told.decision.reason) == (limit, reason)
    assert told.summary == summary
    (step,) = (each for each in told.limits if each.decides)
    assert (step.name, step.why) == (limit, why)
    assert told.rules[0].why.endswith("says `allow`")
    assert not told.rules[0].decides


def test_a_limit_of_which_nothing_is_known_says_only_that_it_is_full() -> None:
    """The store told that much, and no more."""
    policy = policy_of(LIMITS.partition('[[limit]]\nname = "money"')[0])
    request = call(policy, HOME)
    came_to = with_used(explain(policy, request, Facts()).decision, {"two": Used(2)})
    (step,) = explain(policy, request, Facts(), came_to=came_to).limits
    assert step.why == "all its slots are taken"


@pytest.mark.parametrize("reason", [Reason.STORE_DOWN, Reason.WRONG_CODE])
def test_what_came_after_the_policy_is_said(reason: Reason) -> None:
    """The store, or the caller, had the last word."""
    policy = policy_of('[[rule]]\nname = "a"\nthen = "pin"\nremember = "30m"\n')
    request = call(policy, HOME)
    facts = Facts(proven_s={Factor.PIN: 2_000})
    decided = explain(policy, request, facts).decision
    came_to = replace(decided, verdict=Verdict.DENY, reason=reason)
    told = explain(policy, request, facts, came_to=came_to)
    assert told.summary.startswith("denied: ")
    assert "pin shown 33m20s ago, remembered for 30m" in told.rules[0].why
    assert told.rules[0].decides
