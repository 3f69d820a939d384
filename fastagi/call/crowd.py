"""How many calls of one extension may be at a prompt at one time.

A person keys one code at a time. Without a bound one stolen password could hold a prompt on every
RTP port that Asterisk has.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import TYPE_CHECKING, Final

from fastagi.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST: Final = 8
"""Of one extension, in one worker: a person's few phones, and calls that were just hung up."""


class Crowd:
    """Counts who is at a prompt."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._asked: Counter[tuple[str, str]] = Counter()

    @contextlib.contextmanager
    def place(self, site: str, extension: str) -> Iterator[None]:
        """Hold a place at a prompt.

        Raises:
            BusyError: The extension has them all.
        """
        whose = (site, extension)
        if self._asked[whose] >= self._most:
            raise BusyError(f"`{extension}` is at {self._most} prompts already")
        self._asked[whose] += 1
        try:
            yield
        finally:
            self._asked[whose] -= 1
            if not self._asked[whose]:
                del self._asked[whose]
