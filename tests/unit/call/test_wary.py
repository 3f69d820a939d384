"""Whom the gate is wary of, should the store go away."""

from __future__ import annotations

import pytest

from fastagi.call import wary
from fastagi.call.ending import Ending, refused
from fastagi.call.wary import FOR_S, Wary
from fastagi.policy.model import Reason, Verdict

ALLOWED = Ending(Verdict.ALLOW, "at-home", Reason.ALLOWED)


@pytest.mark.parametrize(
    "reason", [Reason.LOCKED_OUT, Reason.LIMIT_REACHED, Reason.BUDGET_REACHED]
)
def test_who_was_refused_a_moment_ago_is_remembered(reason: Reason) -> None:
    """For a minute, and that extension of that site alone."""
    known = Wary()
    known.note("office", "101", refused(reason), 1000.0)
    assert known.of("office", "101", 1000.0 + FOR_S - 1) is reason
    assert known.of("office", "101", 1000.0 + FOR_S) is None
    assert known.of("office", "102", 1000.0) is None
    assert known.of("hotel", "101", 1000.0) is None


def test_who_was_let_through_since_is_not() -> None:
    """The newest word of the store counts."""
    known = Wary()
    known.note("office", "101", refused(Reason.LIMIT_REACHED), 1000.0)
    known.note("office", "101", ALLOWED, 1001.0)
    assert known.of("office", "101", 1002.0) is None


def test_a_wrong_number_is_no_reason() -> None:
    """It says nothing of the next call."""
    known = Wary()
    known.note("office", "101", refused(Reason.INVALID_NUMBER), 1000.0)
    assert known.of("office", "101", 1000.0) is None


def test_a_clock_that_is_set_back_keeps_nobody_out_for_ever() -> None:
    """An hour's step is more than a minute, whichever way."""
    known = Wary()
    known.note("office", "101", refused(Reason.LOCKED_OUT), 5000.0)
    assert known.of("office", "101", 1400.0) is None


def test_it_remembers_a_bounded_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest ones."""
    monkeypatch.setattr(wary, "MOST", 2)
    known = Wary()
    for extension in ("101", "102", "101", "103"):
        known.note("office", extension, refused(Reason.LOCKED_OUT), 1000.0)
    told = [known.of("office", each, 1000.0) for each in ("101", "102", "103")]
    assert told == [Reason.LOCKED_OUT, None, Reason.LOCKED_OUT]


def test_a_site_with_very_many_forgets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another's thief is not forgotten by what is refused here."""
    monkeypatch.setattr(wary, "MOST", 3)
    known = Wary()
    known.note("hotel", "666", refused(Reason.LOCKED_OUT), 1000.0)
    for extension in ("101", "102", "103", "104"):
        known.note("office", extension, refused(Reason.LIMIT_REACHED), 1000.0)
    assert known.of("hotel", "666", 1001.0) is Reason.LOCKED_OUT
    there = [known.of("office", each, 1001.0) for each in ("101", "102", "103", "104")]
    assert there == [None, None, Reason.LIMIT_REACHED, Reason.LIMIT_REACHED]
    known.note("hotel", "666", ALLOWED, 1002.0)
    assert known.of("hotel", "666", 1002.0) is None
