"""Every policy that ships, and the design's sample: it loads, and its cases hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.policy import cases
from fastagi.policy.checking import check
from fastagi.policy.document import Document
from fastagi.policy.files import cases_path
from fastagi.policy.loading import load
from fastagi.toml_lines import parse

ROOT = Path(__file__).parents[2]
SHIPPED = sorted(
    each for each in (ROOT / "policies").glob("*.toml") if not each.name.endswith(".cases.toml")
)
SAMPLE = Path(__file__).parent / "design" / "policy.toml"
"""The sample of the design, with stubs of the files that it names."""


def _name(policy: Path) -> str:
    return policy.stem


def test_there_are_six() -> None:
    """The glob finds what it is to find."""
    assert [each.stem for each in SHIPPED] == [
        "call-centre",
        "home-office",
        "hotel",
        "office",
        "service-desk",
        "web-phones",
    ]


@pytest.mark.parametrize("file", [*SHIPPED, SAMPLE], ids=_name)
def test_every_case_holds(file: Path) -> None:
    """Each verdict is given, and by the rule that must give it."""
    report = cases.run(load(file), cases.load_cases(cases_path(file)))
    assert [(each.case.name, each.why) for each in report.failed] == []


@pytest.mark.parametrize("file", SHIPPED, ids=_name)
def test_every_rule_is_reached_by_a_case(file: Path) -> None:
    """A rule that no case reaches might do anything."""
    report = cases.run(load(file), cases.load_cases(cases_path(file)))
    assert report.unreached_rules == ()


@pytest.mark.parametrize("file", SHIPPED, ids=_name)
def test_the_service_starts_on_it_and_nothing_is_odd(file: Path) -> None:
    """Who copies a sample copies no mistake."""
    policy = load(file)
    assert check(policy) == ()


@pytest.mark.parametrize("file", [*SHIPPED, SAMPLE], ids=_name)
def test_the_whole_document_has_the_shape_that_editors_are_told(file: Path) -> None:
    """What is loaded table by table is also right as one document, of which the schema is."""
    Document.model_validate(parse(file.read_bytes()).data)


def test_what_is_odd_in_the_sample_is_told_by_line() -> None:
    """The sample shows the whole format, so a few of its lines do nothing."""
    assert [
        (each.line, each.what.partition(";")[0].partition(":")[0]) for each in check(load(SAMPLE))
    ] == [
        (9, "`1XX` takes in emergency number `112`, which always goes out"),
        (24, "no rule and no limit speaks of `office`"),
        (57, "rule `new-country` is never reached"),
    ]
