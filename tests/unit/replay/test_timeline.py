"""Money over the time of an attack."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.replay.timeline import POINTS, STEP_S, Timeline

CALLS = st.lists(st.tuples(st.floats(-5, 1e7), st.integers(0, 100), st.integers(0, 100)))


def test_it_tells_both_amounts_up_to_each_step() -> None:
    """What was before it began counts as of then."""
    line = Timeline(100.0)
    line.add(100.0 + STEP_S, 5, 1)
    line.add(90.0, 2, 2)
    assert line.points() == [(100.0 + STEP_S, 2, 2), (100.0 + 2 * STEP_S, 7, 3)]


@given(CALLS)
def test_nothing_is_lost_however_long_it_is(calls: list[tuple[float, int, int]]) -> None:
    """And there are never more points than can be drawn, each later than the last."""
    line = Timeline(0.0)
    for call in calls:
        line.add(*call)
    points = line.points()
    assert len(points) <= POINTS
    assert [at for at, _, _ in points] == sorted({at for at, _, _ in points})
    if calls:
        assert points[-1][1:] == (sum(each[1] for each in calls), sum(each[2] for each in calls))
        assert points[-1][0] > max(each[0] for each in calls)
