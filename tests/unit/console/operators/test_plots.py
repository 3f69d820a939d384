"""The last day as a plot."""

from __future__ import annotations

from fastagi.console.operators.plots import HEIGHT, STEP, draw
from fastagi.decision_log.recent import SLOT_S, SLOTS, Slot

NOW = 1_767_607_200.0 + 100


def slot(ago: int, verdict: str = "allow", reason: str = "rule", site: str = "office") -> Slot:
    """Return a quarter of an hour, so many before the last."""
    return Slot(1_767_607_200 - ago * SLOT_S, site, verdict, reason)


def test_the_fullest_quarter_of_an_hour_fills_the_height() -> None:
    """One bar stands on the other, and both on the ground; the last is now's."""
    plot = draw({slot(0): 6, slot(0, "deny", "no-rule"): 2, slot(1): 4}, NOW)
    assert (plot.most, plot.allowed, plot.denied) == (8, 10, 2)
    assert (len(plot.bars), plot.width) == (SLOTS, SLOTS * STEP)
    last, before = plot.bars[-1], plot.bars[-2]
    assert (last.allowed_y, last.allowed_height) == (HEIGHT / 4, HEIGHT * 3 / 4)
    assert (last.denied_y, last.denied_height) == (0, HEIGHT / 4)
    assert (before.allowed_height, before.denied_height) == (HEIGHT / 2, 0)


def test_a_day_without_decisions_is_flat() -> None:
    """And divides by nothing."""
    plot = draw({}, NOW)
    assert (plot.most, plot.reasons) == (0, [])
    assert {bar.allowed_height for bar in plot.bars} == {0}


def test_reasons_are_those_of_denials_most_often_first() -> None:
    """Of a site, or of all; older ones than a day's are not in it."""
    counts = {
        slot(0, "deny", "no-rule"): 1,
        slot(5, "deny", "wrong-code"): 2,
        slot(3, "deny", "no-rule", "branch"): 4,
        slot(SLOTS, "deny", "locked-out"): 8,
        slot(-1, "deny", "locked-out"): 8,
    }
    assert draw(counts, NOW).reasons == [("no-rule", 5), ("wrong-code", 2)]
    assert draw(counts, NOW, "office").reasons == [("wrong-code", 2), ("no-rule", 1)]


def test_every_sixth_hour_is_named() -> None:
    """Where it begins."""
    hours = draw({}, NOW).hours
    assert len(hours) == 4
    assert all(at % 21_600 == 0 for _, at in hours)
