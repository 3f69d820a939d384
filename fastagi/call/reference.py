"""The four digits that a refused caller hears, and the operator looks the decision up by."""

from __future__ import annotations

import secrets
from collections import deque
from typing import Final

DIGITS: Final = 4
RECENT: Final = 1000
"""References that are not given again until so many others were: a tenth of all there are."""


class References:
    """Gives out references, at random, so that one does not tell how many calls there are."""

    def __init__(self) -> None:
        self._order: deque[str] = deque()
        self._recent: set[str] = set()

    def next(self) -> str:
        """Return a reference that was not given out lately."""
        while (reference := f"{secrets.randbelow(10**DIGITS):0{DIGITS}}") in self._recent:
            pass
        self._recent.add(reference)
        self._order.append(reference)
        if len(self._order) > RECENT:
            self._recent.discard(self._order.popleft())
        return reference
