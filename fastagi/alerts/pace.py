"""Who may be told now: of a flood little, of what is new at once. No clock, no I/O.

Messages are paid for from a bucket that fills over the hour. A kind that was not told for an hour
pays nothing: a thief who has a thousand phones locked out cannot keep anybody from hearing that a
call passed the gate by. Of several kinds that wait, the one goes first that was tried longest ago,
so that what a server refuses does not hold up the rest.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from fastagi.alerts.kind import Kind
from fastagi.events.backoff import pause_s

if TYPE_CHECKING:
    from collections.abc import Collection

BURST: Final = 5.0
"""Messages at once, after a rest."""

HOUR_S: Final = 3600.0

PAUSE_AT_MOST_S: Final = 900.0
"""The longest between two tries of who takes nothing in: at the end of an outage people wait."""


class Pace:
    """Of one target, as one gate keeps it; all moments are of a clock that may be set back."""

    def __init__(self, per_hour: float) -> None:
        self._per_hour = per_hour
        self._burst = min(BURST, per_hour)
        self._left = self._burst
        self._filled_at = -math.inf
        self._told: dict[Kind, float] = {}
        self._tried: dict[Kind, float] = {}
        self._failures = 0
        self._paused_until = -math.inf

    def next(self, kinds: Collection[Kind], now: float) -> Kind | None:
        """Return of which kind to tell now, of those of which something waits; None of none."""
        self._fill(now)
        if now < self._paused_until:
            return None
        may = [each for each in Kind if each in kinds and self._may(each, now)]
        return min(may, key=lambda each: self._tried.get(each, -math.inf), default=None)

    def took(self, kind: Kind, now: float) -> None:
        """Take note that a message was taken in."""
        self._left = max(0.0, self._left - 1.0)
        self._told[kind] = self._tried[kind] = now
        self._failures = 0

    def refused(self, kind: Kind, now: float) -> None:
        """Take note that a message was not taken in: all that waits, waits."""
        self._tried[kind] = now
        self._paused_until = now + pause_s(self._failures, PAUSE_AT_MOST_S)
        self._failures += 1

    def _may(self, kind: Kind, now: float) -> bool:
        return self._left >= 1.0 or now - self._told.get(kind, -math.inf) >= HOUR_S

    def _fill(self, now: float) -> None:
        passed_s = now - self._filled_at
        if passed_s < 0:  # the clock was set back: what was noted lies ahead of it
            self._told.clear()
            self._tried.clear()
            self._paused_until = -math.inf
            passed_s = 0.0
        self._filled_at = now
        self._left = min(self._burst, self._left + passed_s * self._per_hour / HOUR_S)
