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
