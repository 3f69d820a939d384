"""Who guessed lately, of all sites: nobody who does is a friend, whatever he has a password for.

By address, of IPv6 by /64; only what is proven to come from there.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

GUESSES: Final = 10
GUESSES_WITHIN_S: Final = 3_600
"""After so many wrong passwords, or unknown accounts, a right one befriends no address."""

TOLD_AGAIN_S: Final = 60.0

GUESSERS_MOST: Final = 20_000
"""That are remembered; who was not heard of for the longest goes first."""


class Guessers:
    """The latest guesses of each address."""

    def __init__(self) -> None:
        self._of: OrderedDict[int, tuple[float, ...]] = OrderedDict()
        self._found: OrderedDict[int, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._of)

    def add(self, place: int, at: float) -> bool:
        """Count a guess; whether it is to be told of now that somebody there guesses."""
        times = (*self._of.get(place, ()), at)[-GUESSES:]
        self._of[place] = times
        self._of.move_to_end(place)
        if len(self._of) > GUESSERS_MOST:
            self._of.popitem(last=False)
        if len(times) < GUESSES or at - times[0] > GUESSES_WITHIN_S:
            return False
        told = self._found.get(place)
        if told is not None and 0 <= at - told < TOLD_AGAIN_S:
            return False
        self._found[place] = at
        self._found.move_to_end(place)
        if len(self._found) > GUESSERS_MOST:
            self._found.popitem(last=False)
        return True

    def knows(self, place: int, now: float) -> bool:
        """Whether somebody there guesses, or did within the hour."""
        times = self._of.get(place, ())
        is_enough = len(times) == GUESSES and times[-1] - times[0] <= GUESSES_WITHIN_S
        return is_enough and now - times[-1] <= GUESSES_WITHIN_S
