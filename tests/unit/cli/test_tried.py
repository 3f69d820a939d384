"""`tried`: what came of a policy is a status, JSON, and tests that CI shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.cli.output import Status
from fastagi.cli.tried import Asked, Tried, as_json, as_suite
from fastagi.errors import Problem
from fastagi.policy.case_file import read_cases
from fastagi.policy.mutants import Part
from fastagi.rehearsal.coverage import Unreached
from fastagi.rehearsal.mutation import mutate
from fastagi.rehearsal.suite import SuiteReport, run_suite
from tests.unit.policy.samples import HOME, policy_of

POLICY = policy_of(
    '[[rule]]\nname = "home"\nthen = "allow"\n[[rule]]\nname = "x"\nthen = "deny"\n'
)
FILE = Path("p.toml")
UNREACHED = (Unreached(Part.RULE, "x", 23),)
ALL = Asked(mutates=True, fails_uncovered=True)


def _report(rule: str = "home") -> SuiteReport:
    text = (
        f'[[case]]\nname = "c"\nexpect = {{ verdict = "allow", rule = "{rule}" }}\n'
        f'call = {{ from = "101", dial = "{HOME}", at = "2026-01-05T10:10:00" }}\n'
    )
    return run_suite(POLICY, read_cases(text, Path("p.cases.toml")))


GOOD = Tried(FILE, report=_report())
MISSED = Tried(FILE, report=_report(), unreached=UNREACHED)
MUTATED = Tried(FILE, report=_report(), mutation=mutate(POLICY, _report()))
NO_CASES = Tried(FILE, (Problem(FILE, 0, "no cases"),))
INVALID = Tried(FILE, (Problem(FILE, 3, "no TOML"),), is_invalid=True)


@pytest.mark.parametrize(
    ("tried", "asked", "status"),
    [
        (GOOD, ALL, Status.DONE),
        (MISSED, Asked(), Status.DONE),
        (MISSED, ALL, Status.FAILED),
        (MUTATED, ALL, Status.FAILED),
        (Tried(FILE, report=_report("x")), Asked(), Status.FAILED),
        (NO_CASES, Asked(), Status.FAILED),
        (INVALID, Asked(), Status.INVALID),
    ],
)
def test_the_status_says_the_worst(tried: Tried, asked: Asked, status: Status) -> None:
    """What is reached by nothing is a failure where that is asked for."""
    assert tried.status(asked) is status


def test_programs_are_told_all_of_it() -> None:
    """And of what could not be tried, why."""
    assert as_json(INVALID) == {
        "policy": FILE,
        "problems": [{"file": FILE, "line": 3, "what": "no TOML"}],
    }
    told = as_json(MISSED)
    assert told["cases"] == [{"name": "c", "line": 1, "passed": True, "why": ""}]
    assert (told["sequences"], told["unreached_rules"]) == ([], ["x"])
    assert told["unreached"] == [{"part": "rule", "name": "x", "line": 23}]
    assert "mutation" not in told
    mutation = as_json(MUTATED)["mutation"]
    assert isinstance(mutation, dict)
    assert [(each["what"], each["part"], each["name"]) for each in mutation["survivors"]] == [
        ("delete rule `x`", "rule", "x")
    ]


def test_whatever_makes_the_status_1_is_a_test_that_fails() -> None:
    """And nothing else is."""
    for tried, asked, failed in (
        (GOOD, ALL, []),
        (MISSED, Asked(), []),
        (MISSED, ALL, ["rule `x`"]),
        (MUTATED, ALL, ["delete rule `x`"]),
        (NO_CASES, ALL, ["can be tried"]),
    ):
        tests = as_suite(tried, asked).tests
        assert [each.name for each in tests if each.why] == failed
