"""How many requests a token has."""

from __future__ import annotations

import pytest

from fastagi.console.api import pace
from fastagi.console.api.pace import Pace


def test_a_burst_and_then_a_steady_pace() -> None:
    """Two at once, and one every two seconds."""
    bounded = Pace(0.5, 2)
    assert [bounded.wait_s("a", 0.0) for _ in range(3)] == [0, 0, 2]
    assert [bounded.wait_s("a", 1.0), bounded.wait_s("a", 2.0), bounded.wait_s("a", 2.0)] == [
        1,
        0,
        2,
    ]
    assert bounded.wait_s("b", 2.0) == 0
    assert [bounded.wait_s("a", 1e6) for _ in range(3)] == [0, 0, 2]


def test_what_rests_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what does not is not, or else it would have its burst again."""
    monkeypatch.setattr(pace, "MOST", 2)
    bounded = Pace(1.0, 1)
    assert bounded.wait_s("rests", 0.0) == 0
    assert bounded.wait_s("busy", 9.5) == 0
    assert bounded.wait_s("new", 10.0) == 0
    assert bounded.wait_s("busy", 10.0) == 1
    assert set(bounded._buckets) == {"busy", "new"}


def test_who_comes_when_there_is_no_room_shares_what_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Many addresses buy nothing, and hold up nobody who was there before."""
    monkeypatch.setattr(pace, "MOST", 2)
    bounded = Pace(1.0, 2)
    for name in ("first", "second"):
        assert [bounded.wait_s(name, 0.0) for _ in range(3)] == [0, 0, 1]
    assert [bounded.wait_s(f"new-{each}", 0.5) for each in range(4)] == [0, 0, 1, 1]
    assert len(bounded._buckets) == 3
    assert bounded.wait_s("first", 1.0) == 0
    assert [bounded.wait_s(f"new-{each}", 5.0) for each in range(2)] == [0, 0]
    assert set(bounded._buckets) == {"new-0", "new-1"}


def test_what_was_taken_may_be_given_back() -> None:
    """And there are no more of it than there were."""
    bounded = Pace(1.0, 1)
    assert bounded.wait_s("a", 0.0) == 0
    bounded.give_back("a")
    bounded.give_back("a")
    assert [bounded.wait_s("a", 0.0) for _ in range(2)] == [0, 1]
    bounded.give_back("nobody")
    assert not bounded.knows("nobody")


def test_whoever_took_is_known_until_forgotten() -> None:
    """To be known is to have taken."""
    bounded = Pace(1.0, 1)
    assert not bounded.knows("a")
    bounded.wait_s("a", 0.0)
    assert bounded.knows("a")
    bounded.forget("a")
    bounded.forget("a")
    assert not bounded.knows("a")
