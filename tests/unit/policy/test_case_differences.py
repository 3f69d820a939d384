"""`case_differences`: what is otherwise than expected is said in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.policy.case_differences import (
    differences,
    misnamed,
    no_such_rule,
    other_names,
    shadows_of,
    used_before,
    verdict_word,
)
from fastagi.policy.case_document import ExpectTable, UsedTable
from fastagi.policy.case_file import Case, read_cases
from fastagi.policy.decision import decide
from fastagi.policy.model import Facts, Unit
from tests.unit.policy.samples import HOME, ROME, SUNDAY, call, policy_of

POLICY = policy_of("""
[[rule]]
name = "trial"
to = ["country:IT"]
then = "deny"
shadow = true
[[rule]]
name = "night"
to = ["international"]
when = "not office"
then = "sign-in"
[[rule]]
name = "abroad"
to = ["international"]
then = "pin+totp"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
shadow = true
[[limit]]
name = "burst"
per = "extension"
attempts = 5
within = "1h"
then = "watch"
""")
EXPECTED = {"verdict": "pin+totp", "rule": "abroad"}


def _differences(**expect: object) -> list[str]:
    table = ExpectTable.model_validate({**EXPECTED, **expect})
    request = call(POLICY, ROME)
    decision = decide(POLICY, request, Facts())
    return list(differences(POLICY, table, request, decision, ["two", "burst"]))


@pytest.mark.parametrize(
    ("expect", "found"),
    [
        ({}, []),
        ({"verdict": "pin"}, ["verdict is `pin+totp`, not `pin`"]),
        (
            {"rule": "home", "country": "FR"},
            ["rule is `abroad`, not `home`", "country is `IT`, not `FR`"],
        ),
        ({"limits": ["two"]}, ["limits are `two` and `burst`, not `two`"]),
        ({"limits": []}, ["limits are `two` and `burst`, not none"]),
        ({"shadows": ["trial"]}, []),
        ({"shadows": []}, ["shadows are `trial`, not none"]),
        ({"duration": "1h"}, ["duration is `4h`, not `1h`"]),
        ({"without_store": "deny"}, []),
        ({"without_store": "allow"}, ["without the store it is `deny`, not `allow`"]),
    ],
)
def test_what_is_otherwise_is_said(expect: dict[str, object], found: list[str]) -> None:
    """And nothing of what is not expected."""
    assert _differences(**expect) == found


def test_only_limits_under_shadow_are_shadows() -> None:
    """Not those that only watch, of which all may be used as well."""
    decision = decide(POLICY, call(POLICY, HOME), Facts())
    assert shadows_of(POLICY, decision, ["two", "burst"]) == ["two"]


def test_a_verdict_is_named_as_a_rule_names_it() -> None:
    """A call that is denied for the want of a sign-in asks for one."""
    for request, word in (
        (call(POLICY, ROME), "pin+totp"),
        (call(POLICY, ROME, at=SUNDAY), "sign-in"),
        (call(POLICY, HOME), "allow"),
        (call(POLICY, "900"), "deny"),
    ):
        assert verdict_word(decide(POLICY, request, Facts())) == word


def test_what_was_used_is_counted_in_the_units_of_limits() -> None:
    """Minutes as seconds, money as millionths."""
    table = UsedTable.model_validate({"calls": 1, "minutes": 2, "spend": "1.50"})
    (used,) = used_before({"x": table}).values()
    assert used.calls == 1
    assert used.units == {Unit.SECONDS: 120, Unit.SPEND: 1_500_000}


def _case(more: str, rule: str = "abroad") -> Case:
    text = (
        f'[[case]]\nname = "c"\nexpect = {{ verdict = "deny", rule = "{rule}" }}\n'
        f'call = {{ from = "101", dial = "9", at = "2026-01-05T10:10:00", {more} }}\n'
    )
    (case,) = read_cases(text, Path("p.cases.toml")).cases
    return case


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("used = { two = { calls = 1 } }", []),
        ("used = { tow = { calls = 1 } }", ["there is no limit `tow`; did you mean `two`?"]),
        ("used = { two = { minutes = 1 } }", ["limit `two` does not count `minutes`"]),
        ('over = ["burst"]', ["no rule asks for `over:burst`; there is none to name"]),
        (
            'novel = ["first-time-number"]',
            ["neither a rule nor a limit speaks of `first-time-number`"],
        ),
        ('braked = "site"', ["nothing in the policy puts a brake on; write `[brake]`"]),
        ('watched = ["x"]', ["there is no watch `x`; there is none to name"]),
    ],
)
def test_names_of_what_is_not_there_are_told(more: str, found: list[str]) -> None:
    """They would come to nothing, unnoticed."""
    assert list(misnamed(POLICY, _case(more))) == found


def test_a_watch_that_holds_no_call_is_told() -> None:
    """What it saw comes to nothing."""
    policy = policy_of('[[watch]]\nname = "w"\nsign = "guessing"\nthen = ["tell"]\n')
    (found, _) = misnamed(policy, _case('watched = ["w"]'))
    assert found == "watch `w` holds no call: it neither steps up nor locks"


def test_a_rule_that_is_not_there_is_told() -> None:
    """With what was probably meant; what decides without a rule has a name, too."""
    assert list(no_such_rule(POLICY, "none")) == []
    assert list(no_such_rule(POLICY, "abraod")) == [
        "there is no rule `abraod`; did you mean `abroad`?"
    ]


def test_names_are_compared_in_their_order() -> None:
    """And where nothing is expected, nothing is said."""
    assert list(other_names("limits", None, ["a"])) == []
    assert list(other_names("limits", ["b", "a"], ["a", "b"])) == [
        "limits are `a` and `b`, not `b` and `a`"
    ]
