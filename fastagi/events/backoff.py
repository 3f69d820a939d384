"""How long to wait before somebody is told again who did not take it in."""

from __future__ import annotations

import random
from typing import Final

FIRST_PAUSE_S: Final = 5.0
"""Before the second try; it doubles with each, a random part of it less …"""

PAUSE_AT_MOST_S: Final = 3600.0
"""… up to this."""


def pause_s(tries: int, at_most_s: float = PAUSE_AT_MOST_S) -> float:
    """Return how long to wait, in seconds.

    Args:
        tries: How often it was tried before, 0 for never.
        at_most_s: The longest.
    """
    longest_s = min(FIRST_PAUSE_S * 2.0 ** min(tries, 20), at_most_s)
    return longest_s * random.uniform(0.5, 1.0)  # noqa: S311 - guards nothing
