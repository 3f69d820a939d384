"""docs/shadow.md says what is on record, and what the command says."""

from __future__ import annotations

import json
import re
from pathlib import Path

from fastagi.decision_log.record import Record, fields_of
from fastagi.policy.model import Reason, Verdict
from fastagi.shadows.background import MOST_WAITING
from fastagi.shadows.differences import Difference, Kind, Tally, line
from fastagi.shadows.succession import KEPT
from fastagi.shadows.sums import ENOUGH_DAYS

PAGE = (Path(__file__).parents[2] / "docs" / "shadow.md").read_text()
RECORD = Record(
    at=0.0,
    site="office",
    call="1.1",
    extension="101",
    verdict=Verdict.ALLOW,
    reason=Reason.ALLOWED,
    rule="at-home",
    reference="4071",
)


def test_every_kind_is_explained_and_no_other() -> None:
    """In their order."""
    table = PAGE.partition("| kind | |")[2]
    assert re.findall(r"^\| `([^`]*)`", table, re.MULTILINE) == [str(each) for each in Kind]


def test_what_a_line_has_besides_is_named() -> None:
    """Of a call, and of how many there were."""
    call = json.loads(line(Difference(Kind.OTHER, RECORD, RECORD), 0))
    tally = json.loads(line(Tally("o", "v", 0.0), 0))
    for key in (*(call.keys() - fields_of(RECORD, 0).keys()), *tally):
        assert f"`{key}`" in PAGE or key in {"time", "site", "policy"}


def test_figures_are_those_of_the_code() -> None:
    """Whoever reads them counts on them."""
    assert f"a line of {MOST_WAITING:,}" in PAGE
    assert f"fewer than {ENOUGH_DAYS} days" in PAGE
    assert f"`office.toml{KEPT}`" in PAGE
