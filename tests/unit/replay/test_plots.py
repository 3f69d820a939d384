"""What the page of a replay draws."""

from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from fastagi.attacks.plots import HEIGHT, WIDTH
from fastagi.replay import plots
from fastagi.replay.report import Named, Ranked, Sums
from tests.unit.replay.samples import month

COUNTS = st.lists(
    st.lists(st.integers(0, 10_000), min_size=24, max_size=24), min_size=7, max_size=7
)


def test_days_are_drawn_by_what_would_have_come_of_calls() -> None:
    """All calls of all days are in it."""
    report = month()
    plot = plots.over_days(report)
    assert plot.kinds == ["as it was", "asked for a code", "cut", "refused"]
    assert plot.title == "calls by day"
    assert sum(bar.count for bar in plot.bars) == report.parts.total.calls
    assert all(bar.y >= 0 and bar.y + bar.height <= HEIGHT + 0.2 for bar in plot.bars)


def test_of_many_days_several_go_into_one_bar() -> None:
    """Of years, even."""
    report = month()
    days = [Named(f"{turn:05}", Sums(calls=1)) for turn in range(3 * plots.BARS - 1)]
    parts = dataclasses.replace(report.parts, days=days)
    plot = plots.over_days(dataclasses.replace(report, parts=parts))
    assert len(plot.bars) <= plots.BARS
    assert (plot.title, plot.most) == ("calls by 3 days", 3)
    assert sum(bar.count for bar in plot.bars) == len(days)


@given(COUNTS)
def test_a_week_has_an_hour_for_each(counts: list[list[int]]) -> None:
    """What is not nothing shows, and what is most shows most."""
    week = plots.week(counts)
    flat = [count for row in counts for count in row]
    assert len(week.cells) == 7 * 24
    for cell, count in zip(week.cells, flat, strict=True):
        assert (cell.shade > 0) is (count > 0)
        assert (cell.shade == plots.SHADES) or count < max(flat) or not count
        assert cell.label.endswith(f": {count} refused")
        assert cell.x + week.size <= week.width
    assert week.label.startswith(f"{sum(flat)} refused")


def test_the_hour_of_most_refusals_is_named() -> None:
    """For who cannot see it; midnight ends the day."""
    counts = [[0] * 24 for _ in range(7)]
    counts[4][23] = 5
    assert plots.week(counts).label == ("5 refused by the hour of the week; most on Fri 23–24, 5")


def test_bars_are_as_long_as_what_was_changed() -> None:
    """Beside the longest; those of which nothing was changed are left out."""
    ranked = Ranked(
        [
            Named("a", Sums(calls=9, refused=4, cut=2, stepped_up=2)),
            Named("b", Sums(calls=9, stepped_up=4)),
            Named("c", Sums(calls=1000, stepped_up=0)),
        ],
        Sums(),
    )
    a, b = plots.bars(ranked)
    assert a.bar == [("refused", 0.0, 50.0), ("cut", 50.0, 25.0), ("asked for a code", 75.0, 25.0)]
    assert b.bar == [("asked for a code", 0.0, 50.0)]
    assert plots.bars(Ranked([], Sums())) == []


def test_money_is_drawn_over_the_time_of_the_attack() -> None:
    """Both lines end at what it came to, and the table too."""
    report = month()
    (attack,) = report.attacks
    curve = plots.curve(report, attack)
    assert curve.was.split()[-1] == f"{WIDTH}.0,0.0"
    assert curve.still.split()[-1] == f"{WIDTH}.0,{plots.CURVE_HEIGHT}.0"
    assert curve.table[-1][1] == curve.most
    assert len(curve.table) <= 26
    assert curve.ticks[0] == (0.0, "Fri 19:00")


def test_a_short_attack_has_seconds() -> None:
    """And one of a moment is no line, but can be drawn."""
    report = month()
    at = report.attacks[0].first
    short = dataclasses.replace(report.attacks[0], money=[(at + 10, 5, 5)], was=5, out=5)
    curve = plots.curve(report, short)
    assert curve.ticks[0] == (0.0, "19:00:00")
    none = plots.curve(report, dataclasses.replace(short, money=[]))
    assert none.table == [("19:00:00", "0.00 GBP", "0.00 GBP")]
