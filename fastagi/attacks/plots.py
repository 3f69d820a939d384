"""Bars over days, as the report's page draws them: SVG without a script or a style of its own.

One plot for each sign, all over the same days: so nothing hangs on telling thirteen colours apart.
Next to each stand the same numbers as a table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.attacks.report import Report

HEIGHT: Final = 60
WIDTH: Final = 720
"""In the picture's own measure."""
TICKS: Final = 6
"""Days that are written below, at most."""
LEAST: Final = 2.0
"""Height of what is not nothing."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One of a day, measured from the top left; of two, the second stands on the first."""

    day: str
    kind: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """Some counts over days.

    Attributes:
        label: All of it in a sentence, for who cannot see it.
        most: The most of one day, which fills the height.
        ticks: Where days are written below.
        kinds: What the bars are, in the order in which they stand on one another.
    """

    title: str
    label: str
    bars: Sequence[Bar]
    most: int
    ticks: Sequence[tuple[float, str]]
    kinds: Sequence[str]
    width: int = WIDTH
    height: int = HEIGHT


def draw(title: str, days: Sequence[str], counts: Sequence[tuple[str, Sequence[int]]]) -> Plot:
    """Draw counts over days.

    Args:
        title: What they are of.
        days: The days.
        counts: What the bars are, and how many on each day.
    """
    step = WIDTH / max(1, len(days))
    totals = [sum(each) for each in zip(*(of for _, of in counts), strict=True)]
    most = max(totals, default=0)
    bars = []
    for place, day in enumerate(days):
        low = float(HEIGHT)
        for kind, of in counts:
            if of[place]:
                height = max(LEAST, of[place] * HEIGHT / most)
                low = max(0.0, low - height)
                x, width = round(place * step, 1), round(max(1.0, step - 2), 1)
                bars.append(Bar(day, kind, of[place], x, round(low, 1), width, round(height, 1)))
    parts = " and ".join(f"{sum(of)} {kind}" for kind, of in counts)
    peak = days[totals.index(most)] if most else ""
    label = f"{title}: {parts}; at most {most} a day" + (f", on {peak}" if peak else "")
    every = max(1, -(-len(days) // TICKS))
    ticks = [(round(place * step, 1), day[5:]) for place, day in enumerate(days)][::every]
    return Plot(title, label, bars, most, ticks, [kind for kind, _ in counts])


def of_report(report: Report) -> list[Plot]:
    """Draw each sign that there was, and then the calls."""
    days = [each.day for each in report.days]
    signs = [
        draw(name, days, [("seen", [each.signs.get(name, 0) for each in report.days])])
        for name, _ in report.by_sign
    ]
    refused = [each.denied for each in report.days]
    through = [each.allowed for each in report.days]
    return [*signs, draw("calls", days, [("let through", through), ("refused", refused)])]
