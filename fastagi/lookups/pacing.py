"""How often the service is asked, and when it is left alone; the time is an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

BURST_S: Final = 10.0
"""What of its requests a minute can come at once: those of so many seconds."""

FAILURES: Final = 3
"""Failures in a row after which the service is left alone …"""

PAUSE_S: Final = 30.0
"""… for so long; it doubles with each failure that follows, a random part of it less …"""

PAUSE_AT_MOST_S: Final = 3600.0
"""… up to this, which is also the most that the service can ask for."""


class Pace:
    """Keeps to so many requests a minute (ITU-T I.371, Generic Cell Rate Algorithm)."""

    def __init__(self, per_minute: int) -> None:
        self._each_s = 60.0 / per_minute
        self._burst_s = max(BURST_S, self._each_s)
        self._next_at = float("-inf")

    def turn(self, now: float) -> float:
        """Take the next turn; return how long, in seconds, it is until then."""
        self._next_at = max(self._next_at, now) + self._each_s
        return max(0.0, self._next_at - self._burst_s - now)


class Breaker:
    """Leaves a service alone that fails (a circuit breaker).

    Args:
        chance: Returns a number from 0 up to 1, each time another.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._failures = 0
        self._until = float("-inf")

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last request failed: then one at a time is enough."""
        return self._failures > 0

    def pause(self, now: float) -> float:
        """Return how long, in seconds, the service is left alone yet; 0 where it is not."""
        return max(0.0, self._until - now)

    def succeeded(self) -> None:
        """Trust the service again."""
        self._failures = 0
        self._until = float("-inf")

    def failed(self, now: float, asked_s: float | None = None) -> float:
        """Note a failure; return how long the service is left alone from now.

        Args:
            now: The moment.
            asked_s: For how long it asked to be left alone, if it did.
        """
        self._failures += 1
        pause_s = 0.0
        if self._failures >= FAILURES:
            doubled = PAUSE_S * 2.0 ** min(self._failures - FAILURES, 20)
            pause_s = min(doubled, PAUSE_AT_MOST_S) * (1 - 0.5 * self._chance())
        if asked_s is not None:
            pause_s = max(pause_s, min(max(asked_s, PAUSE_S), PAUSE_AT_MOST_S))
        self._until = max(self._until, now + pause_s)
        return self.pause(now)
