"""`coverage`: what no case reaches is named, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.policy.case_file import read_cases
from fastagi.policy.mutants import Part
from fastagi.rehearsal.coverage import Unreached, passing, unreached
from fastagi.rehearsal.suite import run_suite
from tests.unit.policy.samples import HOME, ROME, policy_of

POLICY = policy_of("""
[[rule]]
name = "many"
when = "over:burst"
then = "deny"
[[rule]]
name = "trial"
to = ["country:IT"]
then = "deny"
shadow = true
[[rule]]
name = "home"
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "long"
duration = "30m"
[[limit]]
name = "burst"
per = "extension"
attempts = 3
within = "1h"
then = "watch"
[[limit]]
name = "hits"
per = "extension"
to = ["international"]
attempts = 2
within = "1h"
then = "brake"
[[watch]]
name = "guessed"
sign = "guessing"
then = ["step-up"]
[brake]
for = "1h"
[honeypot]
extensions = ["299"]
""")
EVERYTHING = {
    "rule `many`",
    "rule `trial`",
    "rule `home`",
    "limit `two`",
    "limit `long`",
    "limit `burst`",
    "limit `hits`",
    "watch `guessed`",
    "the brake",
    "`extensions` of the honeypot",
}


def _reached(text: str) -> set[str]:
    report = run_suite(POLICY, read_cases(text, Path("p.cases.toml")))
    return EVERYTHING - {str(each) for each in unreached(POLICY, report)}


def _case(expect: str, call: str = "", dial: str = HOME, sender: str = "101") -> str:
    at = '"2026-01-05T10:10:00"'
    return (
        f'[[case]]\nname = "c"\nexpect = {{ {expect} }}\n'
        f'call = {{ from = "{sender}", dial = "{dial}", at = {at}{call and ", "}{call} }}\n'
    )


HOME_RULE = 'verdict = "allow", rule = "home"'


@pytest.mark.parametrize(
    ("case", "reached"),
    [
        (_case(HOME_RULE), {"rule `home`"}),
        (_case(HOME_RULE, dial=ROME), {"rule `home`", "rule `trial`"}),
        (_case(HOME_RULE + ', duration = "30m"'), {"rule `home`", "limit `long`"}),
        (
            _case(HOME_RULE + ', limits = ["two", "long", "burst"]'),
            {"rule `home`", "limit `two`", "limit `long`", "limit `burst`"},
        ),
        (
            _case('verdict = "deny", rule = "two"', "used = { two = { calls = 2 } }"),
            {"limit `two`"},
        ),
        (
            _case('verdict = "deny", rule = "many"', "used = { burst = { attempts = 3 } }"),
            {"rule `many`", "limit `burst`"},
        ),
        (
            _case(HOME_RULE, 'watched = ["guessed"]', dial="907400123456"),
            {"rule `home`"},  # a mobile at home is nothing that a step-up touches
        ),
        (
            _case('verdict = "pin+totp", rule = "home"', 'watched = ["guessed"]', dial=ROME),
            {"rule `home`", "rule `trial`", "watch `guessed`"},
        ),
        (
            _case('verdict = "deny", rule = "brake"', "used = { hits = { attempts = 2 } }", ROME),
            {"rule `trial`", "limit `hits`", "the brake"},
        ),
        (
            _case('verdict = "deny", rule = "honeypot"', sender="299"),
            {"`extensions` of the honeypot"},
        ),
        (_case('verdict = "allow", rule = "emergency"', dial="999"), set()),
    ],
)
def test_what_a_case_reaches(case: str, reached: set[str]) -> None:
    """A limit only where the case would miss it."""
    assert _reached(case) == reached


def test_what_a_sequence_reaches() -> None:
    """The limits that decide, those that rules ask for, the brake that is put on."""
    text = (
        '[[sequence]]\nname = "s"\nstart = "2026-01-05T10:00:00"\n'
        f'call = {{ from = "101", dial = "{ROME}" }}\n'
        'step = [\n  { call = { talks = "1h" }, times = 2, expect = { verdict = "allow" } },\n'
        '  { call = {}, expect = { rule = "two" } },\n'
        '  { after = "1h", call = { from = "102" }, times = 2, expect = { verdict = "allow" } },\n'
        '  { call = { from = "102" }, expect = { rule = "brake" } },\n'
        "]\n"
    )
    assert _reached(text) == {
        "rule `trial`",
        "rule `home`",
        "limit `two`",
        "limit `hits`",
        "the brake",
    }


def test_what_is_no_call_of_the_policy_reaches_nothing() -> None:
    """An emergency, a sign-in."""
    text = (
        '[[sequence]]\nname = "s"\nstart = "2026-01-05T10:00:00"\nstep = [\n'
        '  { call = { from = "101", dial = "999" }, expect = { rule = "emergency" } },\n'
        '  { sign-in = "101", expect = { reason = "signed-in" } },\n]\n'
    )
    assert _reached(text) == set()


def test_a_case_that_fails_misses_no_limit() -> None:
    """It fails with the limit and without."""
    case = _case('verdict = "deny", rule = "home", limits = []')
    report = run_suite(POLICY, read_cases(case, Path("p.cases.toml")))
    assert passing(report).cases == ()
    assert {str(x) for x in unreached(POLICY, report)} == EVERYTHING - {"rule `home`"}


def test_each_is_named_with_its_line() -> None:
    """In the policy's order."""
    report = run_suite(POLICY, read_cases(_case(HOME_RULE), Path("p.cases.toml")))
    first = unreached(POLICY, report)[0]
    assert first == Unreached(Part.RULE, "many", POLICY.rules[0].line)
