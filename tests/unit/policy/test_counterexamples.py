"""`counterexamples`: a case is found that a slip breaks, or none is told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering.number import Number
from fastagi.numbering.plan import NumberingPlan
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.case_file import CaseFile, read_cases
from fastagi.policy.cases import holds, run
from fastagi.policy.counterexamples import PRICED_MAX, Search
from fastagi.policy.loading import load
from fastagi.policy.model import Policy
from fastagi.policy.mutants import Mutant, deletions, slips
from tests.unit.policy.samples import HERE, MINUTES, SITE, policy_of, rates_of

ROOT = Path(__file__).parents[3]
FILE = Path("p.cases.toml")
READ = NumberingPlan.read
SAMPLES = [
    ROOT / "policies" / f"{name}.toml"
    for name in ("call-centre", "home-office", "hotel", "office", "service-desk", "web-phones")
]


def _all(policy: Policy) -> list[Mutant]:
    return [*deletions(policy), *slips(policy)]


def _found(policy: Policy, what: str, cases: str = "") -> str | None:
    written = read_cases(cases, FILE) if cases else CaseFile(FILE)
    mutant = next(each for each in _all(policy) if each.what == what)
    example = Search(policy, written.cases).find(mutant)
    return None if example is None else example.case


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_each_case_holds_on_the_policy_and_fails_on_the_slip(file: Path) -> None:
    """Whoever copies it has a case that notices; of no cases at all, one is found for most."""
    policy = load(file)
    search = Search(policy, ())
    mutants = _all(policy)
    found = 0
    for mutant in mutants:
        example = search.find(mutant)
        if example is None:
            continue
        found += 1
        (case,) = read_cases(example.case, FILE).cases
        assert [each.why for each in run(policy, [case]).failed] == [], example.case
        assert not holds(mutant.policy, case), (mutant.what, example.case)
        assert example.instead
    assert found >= 0.8 * len(mutants)


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
then = "deny"
[[limit]]
name = "long"
to = ["national"]
duration = "30m"
""")


def test_where_no_call_comes_to_something_else_none_is_told() -> None:
    """Two neighbours that never fit one call may stand in any order; the last is never reached."""
    assert _found(POLICY, "swap rules `abroad` and `home`") is None
    assert _found(POLICY, "delete rule `never`") is None


def test_the_calls_of_the_cases_are_tried_first() -> None:
    """Whoever wrote them knows them; those of another site are none of this one."""
    cases = """
[[case]]
name = "elsewhere"
site = { country = "FR" }
call = { from = "101", dial = "90123456789", at = "2026-01-05T10:10:00" }
expect = { verdict = "allow", rule = "home" }
[[case]]
name = "here"
call = { from = "101", dial = "902079460000", at = "2026-07-06T11:11:00", off_net = true }
expect = { verdict = "allow", rule = "home" }
"""
    found = str(_found(POLICY, "delete limit `long`", cases))
    assert "off_net" not in found  # somebody outside is denied, limit or not
    cases = cases.replace("off_net", "transferred")
    assert _found(POLICY, "delete limit `long`", cases) == (
        "[[case]]\n"
        'name   = "101 calls 902079460000"\n'
        'call   = { from = "101", dial = "902079460000", at = "2026-07-06T11:11:00", '
        "transferred = true }\n"
        'expect = { verdict = "allow", rule = "home", duration = "30m" }'
    )


def test_long_lists_and_sheets_are_no_reason_to_wait() -> None:
    """A few numbers of each are tried."""
    many = {f"44{each}": MINUTES for each in range(2_000_000, 2_000_000 + PRICED_MAX + 1)}
    rules = '[[rule]]\nname = "home"\nto = ["list:long"]\nthen = "allow"\n'
    site = SITE + '[lists]\nlong = "rates.csv"\n'
    loaded = policy_of(rules, site=site, source=HERE / "p.toml")
    long = PrefixTable(f"4420{each}" for each in range(70_000_000, 70_050_000))
    policy = replace(loaded, lists={"long": long}, rates=rates_of(many))
    seen: list[str] = []

    def read(plan: NumberingPlan, dialled: str) -> Number:
        seen.append(dialled)
        return READ(plan, dialled)

    with patch.object(NumberingPlan, "read", read):
        assert _found(policy, "delete rule `home`") is not None
    assert len(seen) < 10_000


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    """Of the second, the offset is written."""
    cases = """
[[case]]
name = "again"
call = { from = "101", dial = "902079460000", at = "2026-10-25T01:30:00Z" }
expect = { verdict = "allow", rule = "home" }
"""
    assert 'at = "2026-10-25T01:30:00+00:00"' in str(_found(POLICY, "delete limit `long`", cases))


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_was_dialled_is_written_so_that_it_is_read_back(dialled: str) -> None:
    """And nothing in it reaches a terminal that acts on it."""
    policy = policy_of('[[rule]]\nname = "r"\nto = ["invalid"]\nthen = "deny"\n')
    text = json.dumps(dialled, ensure_ascii=False).replace("\x7f", "\\u007f")
    cases = (
        f'[[case]]\nname = "c"\ncall = {{ from = "101", dial = {text}, at = '
        '"2026-01-05T10:10:00" }\nexpect = { verdict = "deny", rule = "r" }\n'
    )
    example = _found(policy, "delete rule `r`", cases)
    if example is None or policy.plan.read(dialled).category != "invalid":
        return
    assert all(each.isprintable() for each in example.replace("\n", ""))
    (case,) = read_cases(example, FILE).cases
    assert case.call.dial == policy.plan.read(dialled).dialled
