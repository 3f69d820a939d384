"""The last day as a plot: how many calls were let through and denied in each quarter of an hour.

It is drawn here, as SVG, and needs neither a script nor a style of its own. Next to it stand the
same numbers as words, for those who cannot see it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.decision_log.recent import SLOT_S, SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.decision_log.recent import Slot

HEIGHT: Final = 120
STEP: Final = 8
"""Of each quarter of an hour, in the picture's own measure."""

REASONS: Final = 12
"""Reasons that are listed by themselves."""

HOUR_SLOTS: Final = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One quarter of an hour: two bars, one on the other, measured from the top left."""

    at: float
    x: int
    allowed: int
    denied: int
    allowed_y: float
    allowed_height: float
    denied_y: float
    denied_height: float


@dataclass(frozen=True, slots=True)
class Plot:
    """The day.

    Attributes:
        most: The most decisions of one quarter of an hour, which fill the height.
        hours: Where a full hour begins, and its moment.
        reasons: Why calls were denied, most often first.
    """

    bars: Sequence[Bar]
    hours: Sequence[tuple[int, float]]
    width: int
    height: int
    most: int
    allowed: int
    denied: int
    reasons: Sequence[tuple[str, int]]


def draw(counts: Mapping[Slot, int], now: float, site: str = "") -> Plot:
    """Draw the day that ends now.

    Args:
        counts: Decisions by quarter of an hour.
        now: When it ends.
        site: Of this site only; empty for all.
    """
    last = int(now) // SLOT_S * SLOT_S
    first = last - (SLOTS - 1) * SLOT_S
    allowed: Counter[int] = Counter()
    denied: Counter[int] = Counter()
    reasons: Counter[str] = Counter()
    for slot, count in counts.items():
        if site in {"", slot.site} and first <= slot.at <= last:
            if slot.verdict == "allow":
                allowed[slot.at] += count
            else:
                denied[slot.at] += count
                reasons[slot.reason] += count
    slots = range(first, last + 1, SLOT_S)
    most = max(allowed[at] + denied[at] for at in slots)
    scale = HEIGHT / max(1, most)
    bars = []
    for place, at in enumerate(slots):
        high, higher = allowed[at] * scale, denied[at] * scale
        bars.append(
            Bar(
                at,
                place * STEP,
                allowed[at],
                denied[at],
                round(HEIGHT - high, 1),
                round(high, 1),
                round(HEIGHT - high - higher, 1),
                round(higher, 1),
            )
        )
    hours = [
        (bar.x, bar.at)
        for bar in bars
        if int(bar.at) % (HOUR_SLOTS * SLOT_S) == 0 and int(bar.at) // 3600 % 6 == 0
    ]
    return Plot(
        bars,
        hours,
        SLOTS * STEP,
        HEIGHT,
        most,
        allowed.total(),
        denied.total(),
        reasons.most_common(REASONS),
    )
