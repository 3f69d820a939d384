"""Every policy that ships: its cases notice whatever is deleted, and whatever else is a slip.

Who copies a sample copies tests that hold it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.policy.case_file import CaseDocument, load_case_file
from fastagi.policy.files import cases_path
from fastagi.policy.loading import load
from fastagi.policy.mutants import Part, deletions
from fastagi.rehearsal.coverage import unreached
from fastagi.rehearsal.mutation import mutate
from fastagi.rehearsal.suite import run_suite
from fastagi.toml_lines import parse
from tests.policies.test_cases import SAMPLE, SHIPPED


@pytest.mark.parametrize("file", [*SHIPPED, SAMPLE], ids=lambda file: file.stem)
def test_every_case_and_sequence_holds(file: Path) -> None:
    """Else the service would not start on it."""
    report = run_suite(load(file), load_case_file(cases_path(file)))
    assert report.problems == ()


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_there_are_sequences_that_show_it(file: Path) -> None:
    """Two at least."""
    assert len(load_case_file(cases_path(file)).sequences) >= 2


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_everything_in_it_is_reached(file: Path) -> None:
    """Rules, limits, watches that hold calls, the brake, traps."""
    policy = load(file)
    report = run_suite(policy, load_case_file(cases_path(file)))
    assert [str(each) for each in unreached(policy, report)] == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_nothing_in_it_can_be_deleted_unnoticed(file: Path) -> None:
    """Nor is any slip left of which a call tells."""
    policy = load(file)
    mutation = mutate(policy, run_suite(policy, load_case_file(cases_path(file))))
    assert [each.mutant.what for each in mutation.survivors] == []
    assert mutation.noticed >= len(policy.rules) + len(policy.limits)


def test_what_is_deleted_is_every_rule_and_every_limit() -> None:
    """By name, so that the tests above try what they say."""
    for file in SHIPPED:
        policy = load(file)
        named = [(each.part, each.name) for each in deletions(policy)]
        assert {name for part, name in named if part is Part.RULE} == {
            each.name for each in policy.rules
        }
        assert {name for part, name in named if part is Part.LIMIT} == {
            each.name for each in policy.limits
        }


@pytest.mark.parametrize("file", [*SHIPPED, SAMPLE], ids=lambda file: file.stem)
def test_the_cases_have_the_shape_that_editors_are_told(file: Path) -> None:
    """What is loaded table by table is also right as one document, of which the schema is."""
    CaseDocument.model_validate(parse(cases_path(file).read_bytes()).data)
