"""How often each of very many names came, in bounded memory.

Who attacks chooses the names: a hundred thousand addresses, or numbers. The frequent ones stay;
of the rare ones it is known how often they came together, and a name that comes again after it
was dropped begins anew: what is told of a name is never too much.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

MOST: Final = 10_000
"""Names that are counted by themselves."""


class Frequent:
    """Counts.

    Attributes:
        names: The names that are counted by themselves.
        dropped: How often names came that no longer are.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.names: Counter[str] = Counter()
        self.dropped = 0

    def add(self, name: str, times: int = 1) -> None:
        """Count a name; of none, nothing."""
        if not name:
            return
        self.names[name] += times
        if len(self.names) > self._most:
            kept = Counter(dict(self.names.most_common(max(1, self._most // 2))))
            self.dropped += self.names.total() - kept.total()
            self.names = kept

    def top(self, count: int) -> list[tuple[str, int]]:
        """Return the most frequent ones, those that are equal by name."""
        return sorted(self.names.items(), key=lambda each: (-each[1], each[0]))[:count]

    def beyond(self, count: int) -> int:
        """Return how often names came that `top` does not name."""
        return self.names.total() + self.dropped - sum(times for _, times in self.top(count))
