"""What was found is remembered for a time, and nobody pushes it out."""

from __future__ import annotations

import pytest

from fastagi.lookups import findings as room
from fastagi.lookups.findings import FAILED_S, Finding, Findings
from fastagi.lookups.subject import Kind, Subject

CUBA = Subject(Kind.NUMBER, "5355512345")
FOUND, DUE = Finding(is_found=True, is_due=False), Finding(is_found=True, is_due=True)
NOT_FOUND = Finding(is_found=False, is_due=False)


def kept(chance: float = 0.0) -> Findings:
    """Return what remembers a hundred seconds, or ten."""
    return Findings(100.0, 10.0, lambda: chance)


def test_what_was_not_found_is_asked_anew_in_time() -> None:
    """Not before."""
    known = kept()
    assert known.of(CUBA, 0.0) is None
    known.note(CUBA, 0.0, is_found=False)
    assert known.of(CUBA, 9.9) == NOT_FOUND
    assert known.of(CUBA, 10.0) is None


def test_what_was_found_counts_until_the_service_clears_it() -> None:
    """That it is time to ask anew lets no call through meanwhile; a long silence does, at last."""
    known = kept()
    known.note(CUBA, 0.0, is_found=True)
    assert known.of(CUBA, 99.9) == FOUND
    assert known.of(CUBA, 100.0) == known.of(CUBA, 199.9) == DUE
    assert known.of(CUBA, 200.0) is None
    known.note(CUBA, 200.0, is_found=True)
    known.note(CUBA, 300.0, is_found=False)
    assert known.of(CUBA, 301.0) == NOT_FOUND


def test_what_failed_is_left_alone_and_what_is_known_stays() -> None:
    """A service that is away clears nobody."""
    known = kept()
    known.note_failure(CUBA, 0.0)
    assert known.of(CUBA, FAILED_S - 1) == NOT_FOUND
    assert known.of(CUBA, FAILED_S) is None
    known.note(CUBA, 100.0, is_found=True)
    known.note_failure(CUBA, 200.0)
    assert known.of(CUBA, 201.0) == FOUND
    assert known.of(CUBA, 200.0 + FAILED_S) == DUE


def test_what_another_found_counts_here() -> None:
    """Whatever was found here before; and it makes nothing last longer."""
    known = kept()
    known.note(CUBA, 0.0, is_found=False)
    known.learn(CUBA, 1.0, 50.0)
    assert known.of(CUBA, 50.9) == FOUND
    known.learn(CUBA, 2.0, 500.0)
    assert known.of(CUBA, 51.0) == DUE


def test_not_all_is_asked_anew_at_once() -> None:
    """Up to a tenth is taken off its time."""
    known = kept(chance=1.0)
    known.note(CUBA, 0.0, is_found=False)
    assert known.of(CUBA, 8.9) == NOT_FOUND
    assert known.of(CUBA, 9.0) is None


def test_what_is_not_reported_pushes_out_nothing_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many numbers are dialled; and neither grows without an end."""
    monkeypatch.setattr(room, "FOUND_MOST", 3)
    monkeypatch.setattr(room, "NOT_FOUND_MOST", 5)
    known = kept()
    known.note(CUBA, 0.0, is_found=True)
    for number in range(100):
        known.note(Subject(Kind.NUMBER, str(number)), 1.0, is_found=False)
    assert known.of(CUBA, 2.0) == FOUND
    assert len(known) == 1 + 5
    for number in range(100):
        known.note(Subject(Kind.ADDRESS, str(number)), 1.0, is_found=True)
    assert len(known) == 3 + 5
