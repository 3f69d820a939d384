"""`outcome`: two calls come to the same, or it is said what is otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fastagi.answers.outcome import Budget, Outcome, Slots, bounds, changes, how, outcome_of
from fastagi.policy.decision import decide
from fastagi.policy.model import Factor, Facts, Per, Reason, Then, Unit, Verdict
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import MINUTES, ROME, call, policy_of, priced

ALLOWED = Outcome(
    Verdict.ALLOW,
    "r",
    Reason.ALLOWED,
    Then.ALLOW,
    (),
    0,
    3600,
    (Slots("two", Per.EXTENSION, 2, only_counts=False),),
    (Budget("day", Per.SITE, Unit.ATTEMPTS, 5, 86400, only_counts=True),),
    None,
    (),
    (),
    without_store=False,
    puts_brake_on=False,
)


def _denied(reason: Reason, then: Then | None = Then.DENY) -> Outcome:
    return replace(ALLOWED, verdict=Verdict.DENY, reason=reason, then=then)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (ALLOWED, "allowed, by rule `r`"),
        (replace(ALLOWED, then=None, reason=Reason.INTERNAL), "allowed (internal)"),
        (replace(ALLOWED, then=Then.SIGN_IN), "allowed while signed in, by rule `r`"),
        (
            replace(ALLOWED, verdict=Verdict.CHALLENGE, asks=(Factor.PIN, Factor.TOTP)),
            "after PIN and one-time code, by rule `r`",
        ),
        (_denied(Reason.RULE), "refused: rule `r`"),
        (_denied(Reason.RULE, None), "refused: a trap"),
        (_denied(Reason.NO_RULE, None), "refused: no rule lets it through"),
        (_denied(Reason.INVALID_NUMBER, None), "refused: nobody's number, as far as is known"),
        (
            _denied(Reason.INVALID_NUMBER),
            "refused: nobody's number, as far as is known; rule `r`",
        ),
        (_denied(Reason.UNKNOWN_EXTENSION, None), "refused: no phone of the site"),
        (_denied(Reason.SIGN_IN_REQUIRED), "refused: rule `r` asks for a sign-in"),
        (
            _denied(Reason.CANNOT_CHALLENGE),
            "refused: rule `r` asks for a code, and another would hear the prompt",
        ),
        (
            _denied(Reason.OFF_NET),
            "refused: rule `r` does not let it through for somebody outside",
        ),
        (_denied(Reason.TOO_DEAR), "refused: too dear for limit `r`"),
        (
            _denied(Reason.NO_PRICE),
            "refused: limit `r` is on money, and nobody says what it costs",
        ),
        (_denied(Reason.LOCKED_OUT), "refused: locked-out"),
    ],
)
def test_what_comes_of_a_call_is_said(outcome: Outcome, words: str) -> None:
    """Whether, how, by what."""
    assert how(outcome) == words


RULES = """
[[rule]]
name = "abroad"
to = ["international"]
then = "pin"
remember = "1h"
[[limit]]
name = "two"
per = "extension"
calls = 2
spend = "5.00"
within = "24h"
"""


def test_a_decision_is_an_outcome_without_whose_call_it_is() -> None:
    """Of two extensions the same comes."""
    policy = priced(RULES, {"39": MINUTES})
    one, other = (
        outcome_of(decide(policy, call(policy, ROME, each), Facts())) for each in ("101", "102")
    )
    assert one == other
    assert one.limits == ("two",)
    assert one.in_brief == replace(one, tariff=None, seconds=0)
    assert bounds([one], policy) == "for 4m at most, at 1.20 GBP a minute, under `two`"
    cheap = replace(one, tariff=Tariff(60, 0, 60, 0), seconds=7200)
    assert bounds([cheap, one], policy).startswith("for 4m to 2h at most, at 0.00 GBP to 1.20 GBP")
    assert bounds([_denied(Reason.RULE)], policy_of()).startswith("for 1h at most, under `two`")
    refused = replace(ALLOWED, seconds=0, slots=(), budgets=())
    assert bounds([refused], policy_of()) == ""


DAY = """
[[limit]]
name = "day"
per = "site"
attempts = 5
within = "24h"
{}
"""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("", ""),
        ("shadow = true", " (under `shadow`: only counts)"),
        ('then = "watch"', " (only counts, for `over:`)"),
        ('then = "brake"', " (puts the brake on)"),
    ],
)
def test_a_limit_that_refuses_nothing_is_told_as_what_it_is(more: str, words: str) -> None:
    """What is under `shadow` changes nothing; what puts the brake on does."""
    both = (policy_of(), policy_of(DAY.format(more)))
    before = replace(ALLOWED, budgets=())
    assert changes(before, ALLOWED, both) == [
        f"limit `day`: none → 5 attempts in 24h per site{words}"
    ]


def test_what_bounds_otherwise_is_said() -> None:
    """Limits, length, price, memory, and what is under `shadow`."""
    both = (policy_of(DAY.format("shadow = true")), priced("", {}))
    assert changes(ALLOWED, ALLOWED, both[:1] * 2) == []
    after = replace(
        ALLOWED,
        seconds=600,
        remember_s=60,
        slots=(Slots("two", Per.EXTENSION, 3, only_counts=False),),
        budgets=(),
        tariff=MINUTES,
        over=("dear",),
        shadows=(("trial", Then.DENY),),
        without_store=True,
        puts_brake_on=True,
    )
    assert changes(ALLOWED, after, both) == [
        "limit `two`: 2 at a time per extension → 3 at a time per extension",
        "limit `day`: 5 attempts in 24h per site (under `shadow`: only counts) → none",
        "lasts at most 1h → 10m",
        "a code is remembered for 0s → 1m",
        "costs unknown → 1.20 GBP a minute",
        "under `shadow` it would have been refused by nothing → `dear`",
        "under `shadow` rules would have said nothing → `trial: deny`",
        "while the store is away it is refused → passes",
        "puts the brake on: no → yes",
    ]
