"""Bars over days."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.attacks import plots
from tests.unit.attacks.samples import month

DAYS = [f"2026-11-{day:02}" for day in range(1, 31)]


def test_the_highest_fills_the_height() -> None:
    """And of two kinds the second stands on the first."""
    plot = plots.draw("calls", DAYS[:2], [("let through", [3, 0]), ("refused", [1, 2])])
    assert plot.most == 4
    first, second, third = plot.bars
    assert (first.y, first.height) == (15.0, 45.0)
    assert (second.y, second.height) == (0.0, 15.0)
    assert (third.day, third.kind, third.x, third.y) == ("2026-11-02", "refused", 360.0, 30.0)
    assert plot.label == ("calls: 3 let through and 3 refused; at most 4 a day, on 2026-11-01")


def test_nothing_is_drawn_of_nothing() -> None:
    """Also of no day at all."""
    plot = plots.draw("calls", DAYS, [("seen", [0] * 30)])
    assert (list(plot.bars), plot.most) == ([], 0)
    assert plot.label == "calls: 0 seen; at most 0 a day"
    assert list(plots.draw("calls", [], [("seen", [])]).bars) == []


def test_some_days_are_written_below() -> None:
    """Few enough to be read."""
    plot = plots.draw("calls", DAYS, [("seen", [1] * 30)])
    assert [day for _, day in plot.ticks] == ["11-01", "11-06", "11-11", "11-16", "11-21", "11-26"]


@given(counts=st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_every_bar_is_in_the_picture(counts: list[int]) -> None:
    """And whatever is not nothing can be seen."""
    days = DAYS[: len(counts)]
    plot = plots.draw("x", days, [("seen", counts), ("more", counts[::-1])])
    assert len(plot.bars) == 2 * sum(1 for count in counts if count)
    for bar in plot.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= plots.WIDTH + 1
        assert 0 <= bar.y <= plots.HEIGHT
        assert plots.LEAST <= bar.height <= plots.HEIGHT


def test_a_report_has_a_plot_for_each_sign_and_one_for_calls() -> None:
    """In the order in which it names them."""
    drawn = plots.of_report(month())
    assert [each.title for each in drawn] == [*(name for name, _ in month().by_sign), "calls"]
