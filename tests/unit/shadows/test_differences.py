"""How two decisions differ, and how that reads as a line."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from fastagi.decision_log.record import Record
from fastagi.numbering.number import Category
from fastagi.policy.model import Factor, Reason, Verdict
from fastagi.shadows.differences import Difference, Kind, Tally, kind_of, line

LIVE = Record(
    at=1767607800.0,
    site="office",
    call="1.1",
    extension="101",
    verdict=Verdict.ALLOW,
    reason=Reason.ALLOWED,
    rule="at-home",
    reference="4071",
    number="+390612345678",
    category=Category.INTERNATIONAL,
    reserved=1_500_000,
    policy="aaaa",
)
DENIED = replace(LIVE, verdict=Verdict.DENY, reason=Reason.RULE)
ASKED = replace(LIVE, asked=(Factor.PIN,))


@pytest.mark.parametrize(
    ("shadow", "live", "longest", "kind"),
    [
        (LIVE, LIVE, (0, 0), None),
        (LIVE, LIVE, (60, 60), None),
        (LIVE, LIVE, (0, 60), None),
        (DENIED, LIVE, (0, 60), Kind.REFUSED),
        (LIVE, DENIED, (60, 0), Kind.LET_THROUGH),
        (ASKED, LIVE, (30, 60), Kind.ASKED),
        (LIVE, ASKED, (30, 60), Kind.SPARED),
        (ASKED, ASKED, (60, 60), None),
        (LIVE, LIVE, (30, 60), Kind.SHORTENED),
        (LIVE, LIVE, (90, 60), Kind.LENGTHENED),
        (replace(LIVE, rule="other"), LIVE, (60, 60), Kind.OTHER),
        (replace(LIVE, reserved=None), LIVE, (60, 60), Kind.OTHER),
        (replace(DENIED, reason=Reason.NO_RULE), DENIED, (0, 0), Kind.OTHER),
        (DENIED, DENIED, (0, 0), None),
        (replace(DENIED, asked=(Factor.PIN,)), DENIED, (0, 0), None),
    ],
)
def test_the_gravest_of_what_differs(
    shadow: Record, live: Record, longest: tuple[int, int], kind: Kind | None
) -> None:
    """Nothing where nothing does."""
    assert kind_of(shadow, live, *longest) is kind


def test_a_difference_reads_as_a_decision_with_what_was_decided_indeed() -> None:
    """Who reads decisions finds every key where it was; an outside number stays masked."""
    inside = replace(DENIED, category=Category.INTERNAL, policy="bbbb")
    found = line(Difference(Kind.REFUSED, inside, LIVE, 0, 300), 4)
    read = json.loads(found)
    assert list(read)[:3] == ["time", "site", "node"]
    assert (read["number"], read["policy"], read["differs"]) == (
        "+39061234xxxx",
        "bbbb",
        "refused",
    )
    assert read["live"] == {
        "verdict": "allow",
        "rule": "at-home",
        "reason": "allowed",
        "asked": [],
        "seconds": 300,
        "reserved": "1.50",
        "policy": "aaaa",
    }
    without = line(Difference(Kind.REFUSED, inside, replace(LIVE, reserved=None)), 4)
    assert json.loads(without)["live"]["reserved"] == ""
    assert found.endswith("}\n")


def test_a_tally_says_how_many_there_were() -> None:
    """By kind, in order."""
    tally = Tally("office", "bbbb", 1767607800.0, 1767607860.5)
    tally.judged, tally.dropped = 3, 1
    tally.differs = {Kind.REFUSED: 1, Kind.ASKED: 2}
    assert json.loads(line(tally, 4)) == {
        "time": "2026-01-05T10:11:00.500Z",
        "site": "office",
        "policy": "bbbb",
        "since": "2026-01-05T10:10:00.000Z",
        "judged": 3,
        "differences": {"asked": 2, "refused": 1},
        "dropped": 1,
        "failed": 0,
    }
    assert Difference(Kind.OTHER, LIVE, LIVE).site == "office"
