"""Calls as lines of CSV, of which no cell is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.model import Reason
from fastagi.replay.examples import Writer
from fastagi.replay.judged import Effect, Judged, Under
from fastagi.replay.lines import COLUMNS, Lines, harmless
from tests.unit.replay.samples import ITALY, LONDON, REFUSED, THROUGH, a_call, judged

CUT = Under(Effect.CUT, "longest-dear", Reason.ALLOWED, 250_000)


def written(*calls: Judged, mask: int = 0) -> list[dict[str, str]]:
    """Write calls, and read them back."""
    file = io.StringIO()
    lines = Lines(file, Writer(LONDON, mask))
    for each in calls:
        lines.add(each)
    file.seek(0)
    return list(csv.DictReader(file))


def test_a_call_that_differs_is_a_line() -> None:
    """With all that is known of it; a price that nobody knows is left out."""
    (line,) = written(judged(a_call(dialled=ITALY), CUT))
    assert tuple(line) == COLUMNS
    assert (line["time"], line["number"], line["effect"]) == (
        *("2026-12-07 10:00:00", "+390612345678"),
        "cut",
    )
    assert (line["cost_as_it_was"], line["cost_still"], line["other_rule"]) == ("1.00", "0.25", "")
    (line,) = written(judged(under=REFUSED, was=None))
    assert line["cost_as_it_was"] == ""


def test_a_call_that_is_as_it_was_is_none() -> None:
    """Unless it differs under the other policy."""
    assert written(judged(), judged(other=THROUGH)) == []
    (line,) = written(judged(other=REFUSED))
    assert (line["effect"], line["other_effect"], line["other_rule"]) == (
        *("as it was", "refused"),
        "abroad",
    )
    assert (line["other_reason"], line["other_cost_still"]) == ("wrong-code", "0.00")


def test_numbers_are_masked() -> None:
    """As everywhere."""
    (line,) = written(judged(a_call(dialled=ITALY), REFUSED), mask=4)
    assert line["number"] == "+39061234xxxx"


@pytest.mark.parametrize("cell", ["=1+1", "+1+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "+39|cmd"])
def test_a_formula_is_text(cell: str) -> None:
    """A spreadsheet shows the apostrophe, or hides it, and computes nothing."""
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "101", "+390612345678", "+39061234xxxx", "a=b"])
def test_what_is_none_stays_as_it_is(cell: str) -> None:
    """A number in E.164 is one to a spreadsheet, too."""
    assert harmless(cell) == cell


@given(st.text(), st.text())
def test_whatever_a_record_says_no_cell_begins_a_formula(extension: str, place: str) -> None:
    """And each call stays one line of as many cells."""
    call = a_call(extension=extension)._replace(place=place)
    (line,) = written(judged(call, REFUSED))
    assert None not in line
    for name, cell in line.items():
        if name != "number":
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")), name
