"""`suite`: cases and sequences are tried together, and what fails is told with its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fastagi.policy.case_file import CaseFile, read_cases
from fastagi.rehearsal.suite import notices, run_suite
from tests.unit.policy.samples import HOME, policy_of

POLICY = policy_of("""
[[rule]]
name = "home"
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
""")
FILE = Path("p.cases.toml")


def _case(rule: str, more: str = "", name: str = "c") -> str:
    return (
        f'[[case]]\nname = "{name}"\n'
        f'call = {{ from = "101", dial = "{HOME}", at = "2026-01-05T10:10:00"{more} }}\n'
        f'expect = {{ verdict = "allow", rule = "{rule}" }}\n'
    )


def _sequence(rule: str) -> str:
    return (
        '[[sequence]]\nname = "s"\nstart = "2026-01-05T10:00:00"\n'
        f'step = [\n{{ call = {{ from = "101", dial = "{HOME}", talks = "1m" }} , times = 2 }},\n'
        f'{{ call = {{ from = "101", dial = "{HOME}" }}, expect = {{ rule = "{rule}" }} }},\n]\n'
    )


def _read(*texts: str) -> CaseFile:
    return read_cases("".join(texts), FILE)


def test_what_holds_is_counted() -> None:
    """Of both."""
    report = run_suite(POLICY, _read(_case("home"), _sequence("two")))
    assert (report.passed, report.problems) == (2, ())
    assert run_suite(POLICY, _read(_case("home"))).passed == 1


def test_what_fails_is_a_problem_with_its_line() -> None:
    """A sequence's is the step that failed; a name reaches no terminal that acts on it."""
    report = run_suite(POLICY, _read(_case("hoem", name="\\u001b[2J"), _sequence("home")))
    assert [str(each) for each in report.problems] == [
        "p.cases.toml:1: case `\\x1b[2J` fails: "
        "there is no rule `hoem`; did you mean `home`?; rule is `home`, not `hoem`",
        "p.cases.toml:10: sequence `s` fails: step 2 (at 10:00:00): rule is `two`, not `home`",
    ]


def test_another_policy_is_noticed_by_what_comes_out_otherwise() -> None:
    """By a case or by a sequence."""
    gone = replace(POLICY, limits=())
    assert not notices(POLICY, _read(_case("home"), _sequence("two")))
    assert notices(gone, _read(_case("home"), _sequence("two")))
    assert not notices(gone, _read(_case("home")))
    assert notices(replace(POLICY, rules=()), _read(_case("home")))


def test_a_name_alone_notices_nothing() -> None:
    """A case that only mentions a limit comes to the same without it."""
    mentions = _read(_case("home", ", used = { two = { calls = 1 } }"))
    assert run_suite(POLICY, mentions).problems == ()
    assert not notices(replace(POLICY, limits=()), mentions)
