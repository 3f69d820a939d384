"""Traps: whoever touches one is refused before any rule is read; an emergency call never is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering.number import Category
from fastagi.numbering.pattern import Pattern
from fastagi.policy.cases import load_cases, run
from fastagi.policy.decision import decide, decide_without_store, every_decision
from fastagi.policy.explain import explain
from fastagi.policy.model import Facts, Honeypot, Reason, Stage, Verdict
from fastagi.policy.traps import NAME, is_touched, is_trap
from tests.unit.policy.samples import call, policy_of

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy

TRAPS = """
[honeypot]
extensions = ["299", "66X", "trap-1"]
to         = ["prefix:+882", "prefix:+44207946"]

[[watch]]
name = "touched"
sign = "honeypot"
per  = "address"
then = ["tell"]

[[rule]]
name = "all"
to   = ["internal", "national", "mobile", "international", "satellite", "shared-cost"]
then = "allow"
without_store = "allow"
"""
POLICY = policy_of(TRAPS)


@pytest.mark.parametrize(
    ("extension", "dialled", "touched"),
    [
        ("101", "299", True),  # an inside number
        ("101", "298", False),
        ("101", "661", True),  # no inside number of the site, and yet a trap
        ("101", "671", False),
        ("101", "9299", False),  # outside is another number
        ("101", "9008821234567", True),
        ("101", "902079460001", True),
        ("101", "902079470001", False),
        ("299", "102", True),
        ("299", "902079470001", True),
        ("trap-1", "102", True),
        ("299", "nonsense", True),
        ("101", "trap-1", True),
        ("stranger", "299", True),
        ("stranger", "102", False),
    ],
)
def test_a_trap_is_touched_from_it_or_by_calling_it(
    extension: str, dialled: str, *, touched: bool
) -> None:
    """Whoever that is; and it is the same by whatever way a call is judged."""
    asked = call(POLICY, dialled, extension)
    decision = decide(POLICY, asked, Facts())
    assert is_touched(POLICY, extension, asked.number) is touched
    assert (decision.rule == NAME) is touched
    if touched:
        assert (decision.verdict, decision.reason) == (Verdict.DENY, Reason.RULE)
        assert decide_without_store(POLICY, asked) is None
        assert list(every_decision(POLICY, asked, Facts())) == [decision]
        assert decision.asks == ()
        assert not decision.puts_brake_on


@pytest.mark.parametrize(
    "facts",
    [
        Facts(overridden=True),
        Facts(signed_in=True),
        Facts(locked_out=True),
        Facts(braked=Stage.SITE),
        Facts(watched=frozenset({"touched"})),
    ],
    ids=["overridden", "signed in", "locked out", "braked", "watched"],
)
def test_nothing_that_is_known_of_a_call_makes_a_trap_none(facts: Facts) -> None:
    """No override lifts it, and no lockout hides that it was touched."""
    asked = call(POLICY, "9008821234567")
    assert decide(POLICY, asked, facts).rule == NAME


def emergency_numbers(policy: Policy) -> list[str]:
    """Return all that a phone may dial for help."""
    numbers = sorted(policy.plan.emergency_numbers)
    return [
        each for number in numbers for each in (number, f"{policy.site.outside_prefix}{number}")
    ]


@given(
    st.sampled_from(["101", "299", "stranger", "999"]),
    st.sampled_from(emergency_numbers(POLICY)),
    st.lists(st.sampled_from(["XXX", "XXXX", "9XXX", "999", "112", "_[19]XX"]), max_size=4),
)
def test_an_emergency_call_is_never_trapped(
    extension: str, dialled: str, patterns: list[str]
) -> None:
    """Though the very number were a trap, and whoever calls sat in one."""
    honeypot = replace(POLICY.honeypot, extensions=tuple(map(Pattern, patterns)))
    policy = replace(POLICY, honeypot=honeypot)
    asked = call(policy, dialled, extension)
    assert asked.number.category is Category.EMERGENCY
    assert not is_touched(policy, extension, asked.number)
    assert decide(policy, asked, Facts()).verdict is Verdict.ALLOW


@given(
    st.sampled_from(["101", "201", "299", "stranger"]),
    st.sampled_from(["102", "299", "902079470001", "9008821234567", "nonsense", "999"]),
)
def test_traps_only_ever_make_a_decision_stricter(extension: str, dialled: str) -> None:
    """What touches none is decided as if there were none."""
    without = replace(POLICY, honeypot=Honeypot())
    asked = call(POLICY, dialled, extension)
    with_them, bare = decide(POLICY, asked, Facts()), decide(without, asked, Facts())
    assert with_them == bare or with_them.verdict is Verdict.DENY
    assert not is_touched(without, extension, asked.number)


def test_an_account_is_a_trap_or_not() -> None:
    """For whoever hears that somebody tries to register as it."""
    accounts = ["299", "661", "trap-1", "trap-2", "101", "", "299\n"]
    assert [each for each in accounts if is_trap(POLICY, each)] == ["299", "661", "trap-1"]


def test_it_is_said_that_a_call_was_trapped() -> None:
    """And the rule that fits says by what it is outdone."""
    found = explain(POLICY, call(POLICY, "299"), Facts())
    assert found.summary == "denied: `101`, or what it dials, is a trap (`[honeypot]`)"
    assert [each.why for each in found.rules] == ["fits by `internal`; but `honeypot` decides"]


def test_a_case_may_be_one_of_a_trap(tmp_path: Path) -> None:
    """So a change of the policy that opens it is refused."""
    cases = tmp_path / "test.cases.toml"
    cases.write_text(
        '[[case]]\nname = "a lure"\n'
        'call = { from = "101", dial = "299", at = 2026-01-05T10:00:00 }\n'
        'expect = { verdict = "deny", rule = "honeypot", reason = "rule" }\n'
    )
    assert run(POLICY, load_cases(cases)).failed == ()
    opened = replace(POLICY, honeypot=Honeypot())
    assert len(run(opened, load_cases(cases)).failed) == 1
