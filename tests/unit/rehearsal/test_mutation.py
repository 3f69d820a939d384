"""`mutation`: a slip that no case notices survives, with a case that would."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from fastagi.policy.case_file import load_case_file, read_cases
from fastagi.policy.files import cases_path
from fastagi.policy.loading import load
from fastagi.policy.mutants import deletions, slips
from fastagi.rehearsal.mutation import Mutation, mutate
from fastagi.rehearsal.suite import notices, run_suite
from tests.unit.policy.samples import HOME, policy_of

POLICY = policy_of("""
[[rule]]
name = "abroad"
to = ["international"]
then = "pin"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
[[rule]]
name = "never"
to = ["international"]
then = "totp"
[[limit]]
name = "two"
per = "extension"
calls = 2
""")
FILE = Path("p.cases.toml")


def _case(verdict: str, rule: str, more: str = "", dial: str = HOME) -> str:
    return (
        f'[[case]]\nname = "{verdict} {rule}"\nexpect = {{ verdict = "{verdict}", '
        f'rule = "{rule}" }}\n'
        f'call = {{ from = "101", dial = "{dial}", at = "2026-01-05T10:10:00"{more} }}\n'
    )


SEQUENCE = f"""
[[sequence]]
name = "two at a time"
start = "2026-01-05T10:00:00"
call = {{ from = "101", dial = "{HOME}", talks = "1m" }}
step = [
  {{ call = {{}}, times = 2, expect = {{ verdict = "allow" }} }},
  {{ call = {{}}, expect = {{ rule = "two" }} }},
]
"""


def _mutated(*cases: str) -> Mutation:
    return mutate(POLICY, run_suite(POLICY, read_cases("".join(cases), FILE)))


def test_a_part_that_nobody_misses_survives() -> None:
    """With a case that would, where there is one: none of a rule that is never reached."""
    mutation = _mutated(_case("allow", "home"))
    found = {each.mutant.what: each.example for each in mutation.undeleted}
    assert list(found) == ["delete rule `abroad`", "delete rule `never`", "delete limit `two`"]
    assert found["delete rule `never`"] is None
    assert "used = { two = { calls = 2 } }" in str(found["delete limit `two`"])


def test_what_the_example_says_is_noticed_from_then_on() -> None:
    """Copied beside the policy, as it is."""
    cases = [_case("allow", "home")]
    survivors = _mutated(*cases).survivors
    cases += [
        each.example.case.replace('name   = "', f'name = "{place} ') + "\n"
        for place, each in enumerate(survivors)
        if each.example
    ]
    left = _mutated(*cases)
    assert [each.mutant.what for each in left.survivors] == ["delete rule `never`"]
    assert left.tried == left.noticed + len(left.survivors) + left.alike


def test_a_sequence_notices_as_a_case_does() -> None:
    """Where it lets happen what the slip changes."""
    of_two = {"delete limit `two`", "double what limit `two` gives"}
    without = {each.mutant.what for each in _mutated(_case("allow", "home")).survivors}
    assert of_two <= without
    with_it = {each.mutant.what for each in _mutated(_case("allow", "home"), SEQUENCE).survivors}
    assert not of_two & with_it


def test_slips_that_make_no_difference_are_only_counted() -> None:
    """Two neighbours that never fit the same call."""
    mutation = _mutated(_case("allow", "home"))
    assert "swap rules `abroad` and `home`" not in [x.mutant.what for x in mutation.survivors]
    assert mutation.alike >= 2


@pytest.mark.parametrize("name", ["call-centre", "home-office", "hotel", "office"])
def test_cases_that_are_passed_over_would_notice_nothing(name: str) -> None:
    """Only those are tried that a slip may matter to; all of them notice as much."""
    file = Path(__file__).parents[3] / "policies" / f"{name}.toml"
    policy, written = load(file), load_case_file(cases_path(file))
    cases_only = replace(written, sequences=())
    noticed = [notices(each.policy, cases_only) for each in (*deletions(policy), *slips(policy))]
    mutation = mutate(policy, run_suite(policy, cases_only))
    assert (mutation.noticed, mutation.tried) == (sum(noticed), len(noticed))


def test_a_case_that_fails_notices_nothing() -> None:
    """It would fail on any slip."""
    assert _mutated(_case("deny", "home")).noticed == 0
