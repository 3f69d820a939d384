"""The service is asked so often and no more, and left alone when it fails."""

from __future__ import annotations

import pytest

from fastagi.lookups.pacing import BURST_S, FAILURES, PAUSE_AT_MOST_S, PAUSE_S, Breaker, Pace


def test_a_burst_comes_at_once_and_the_rest_in_turn() -> None:
    """Sixty a minute: ten at once, then one a second."""
    pace = Pace(60)
    assert [pace.turn(100.0) for _ in range(12)] == [0.0] * int(BURST_S) + [1.0, 2.0]
    assert pace.turn(1000.0) == 0.0


def test_of_one_a_minute_the_first_comes_at_once() -> None:
    """And the second a minute later."""
    pace = Pace(1)
    assert [pace.turn(0.0), pace.turn(0.0)] == [0.0, 60.0]


def test_three_failures_in_a_row_are_enough() -> None:
    """Then it is left alone, for longer each time, and not for ever."""
    breaker = Breaker(lambda: 0.0)
    paused = [breaker.failed(0.0) for _ in range(FAILURES + 2)]
    assert paused == [0.0, 0.0, PAUSE_S, 2 * PAUSE_S, 4 * PAUSE_S]
    for _ in range(50):
        breaker.failed(0.0)
    assert breaker.pause(0.0) == PAUSE_AT_MOST_S
    assert breaker.pause(PAUSE_AT_MOST_S) == 0.0
    doubts = [breaker.is_in_doubt]
    breaker.succeeded()
    doubts.append(breaker.is_in_doubt)
    assert doubts == [True, False]
    assert breaker.failed(0.0) == 0.0


def test_many_gates_do_not_come_back_at_once() -> None:
    """A random part of the pause is taken off."""
    breaker = Breaker(lambda: 1.0)
    assert [breaker.failed(0.0) for _ in range(FAILURES)][-1] == PAUSE_S / 2


@pytest.mark.parametrize(
    ("asked_s", "pause_s"), [(0.0, PAUSE_S), (120.0, 120.0), (1e9, PAUSE_AT_MOST_S)]
)
def test_a_pause_that_it_asks_for_is_kept_within_bounds(asked_s: float, pause_s: float) -> None:
    """At the first time, too; nobody is sent away for a year."""
    assert Breaker(lambda: 0.0).failed(0.0, asked_s) == pause_s
