"""The page on testing: what it shows is read, holds, and names every key there is."""

from __future__ import annotations

import re
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from fastagi.policy.case_document import CallTable, ExpectTable, SiteOverride
from fastagi.policy.case_file import load_case_file, read_cases
from fastagi.policy.files import cases_path
from fastagi.policy.loading import load
from fastagi.policy.sequence_document import DialTable, Keys, OutcomeTable, StepTable
from fastagi.policy.sequences import HAPPENINGS_MAX
from fastagi.rehearsal.mutation import mutate
from fastagi.rehearsal.suite import run_suite

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text()
BLOCKS = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
OFFICE = ROOT / "policies" / "office.toml"


@pytest.mark.parametrize("block", BLOCKS)
def test_what_is_shown_holds_on_the_office(block: str) -> None:
    """Whoever copies it beside the sample has a case or a sequence that passes."""
    report = run_suite(load(OFFICE), read_cases(block, Path("page.cases.toml")))
    assert report.problems == ()
    assert report.passed


def test_there_are_blocks_of_both() -> None:
    """The pattern finds what it is to find."""
    assert [block.count("[[case]]") for block in BLOCKS] == [1, 2, 0]
    assert BLOCKS[-1].count("[[sequence]]") == 2


@pytest.mark.parametrize(
    "key",
    sorted(
        field.alias or name
        for table in (CallTable, ExpectTable, SiteOverride, DialTable, OutcomeTable, StepTable)
        for name, field in table.model_fields.items()
    ),
)
def test_every_key_is_named(key: str) -> None:
    """In backticks, alone or with a value."""
    assert re.search(rf"`{key}(`| = )", PAGE), key


@pytest.mark.parametrize("word", Keys)
def test_every_word_of_keys_is_named(word: Keys) -> None:
    """What a caller can key."""
    assert f"`{word}`" in PAGE


def test_the_bound_is_the_one_that_holds() -> None:
    """So that nobody counts in vain."""
    assert f"at most {HAPPENINGS_MAX:,} things happen" in PAGE


def test_the_slip_that_is_shown_is_one_that_the_command_shows() -> None:
    """Of the office without the case that notices it."""
    file = load_case_file(cases_path(OFFICE))
    rest = tuple(each for each in file.cases if each.expect.rule != "eight-abroad")
    policy = load(OFFICE)
    mutation = mutate(policy, run_suite(policy, replace(file, cases=rest)))
    (survivor,) = mutation.survivors
    example = survivor.example
    assert example is not None
    told = f"policies/office.toml:{survivor.mutant.line}: {survivor.mutant.what}, and no case"
    assert told in PAGE
    assert f"      {example.instead} then; this case would notice:\n" in PAGE
    assert textwrap.indent(example.case, "      ") in PAGE


def test_the_story_that_is_shown_is_one_that_the_command_shows() -> None:
    """Of the sequence on the page, where it expects another rule."""
    block = BLOCKS[-1].replace('rule = "abroad" }', 'rule = "abroad-at-night" }', 1)
    report = run_suite(load(OFFICE), read_cases(block, Path("policies/office.cases.toml")))
    failed = next(each for each in report.sequences if not each.passed)
    assert f"FAIL  {failed.sequence.name}\n" in PAGE
    for line in (*failed.story, f"policies/office.cases.toml:{failed.line}: {failed.why}"):
        assert f"      {line}\n" in PAGE
