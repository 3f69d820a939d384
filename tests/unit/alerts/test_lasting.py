"""Troubles that begin and end."""

from __future__ import annotations

from dataclasses import replace

from fastagi.alerts.kind import Kind
from fastagi.alerts.lasting import LASTS_S, Lasting
from tests.unit.alerts.conftest import NOW, alert

LOST = alert("pbx", "a", Kind.AMI)
BACK = alert("pbx", "b", Kind.AMI, NOW + 60, "It is watched again")


def test_what_is_over_soon_is_not_told() -> None:
    """An Asterisk was restarted."""
    lasting = Lasting()
    assert lasting.begins(LOST) == []
    assert lasting.due(NOW + LASTS_S[Kind.AMI] - 0.1) == []
    assert lasting.ends(BACK) == []
    assert lasting.due(NOW + 999) == []


def test_what_lasts_is_told_once_and_that_it_is_over() -> None:
    """With since when it was."""
    lasting = Lasting()
    lasting.begins(LOST)
    assert lasting.due(NOW + LASTS_S[Kind.AMI]) == [LOST]
    assert lasting.due(NOW + 999) == []
    (over,) = lasting.ends(BACK)
    assert (over.what, over.subject, over.do) == (
        "It is watched again",
        "pbx (over)",
        "nothing: it is over",
    )
    assert ("Since", "2027-01-15 08:00:00 UTC") in over.facts
    assert lasting.ends(BACK) == []


def test_what_needs_not_last_is_told_at_once_and_said_again_is_counted() -> None:
    """A policy that is still broken after the next change."""
    lasting = Lasting()
    first = alert("policy", "a", Kind.POLICY)
    again = replace(first, id="b", at=NOW + 5)
    assert lasting.begins(first) == [first]
    assert lasting.begins(again) == [again]


def test_that_something_is_over_that_nobody_knew_of_is_not_told() -> None:
    """The first link after a start, say."""
    assert Lasting().ends(BACK) == []
