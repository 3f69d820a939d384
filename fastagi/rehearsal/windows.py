"""What is used of budgets, in memory: a running sum for each window, and when what of it ends.

In the words of `stores.budgets`. Time only goes forward, and a limit has one length of its window:
so what ends first was charged first, but for calls that ask once more, and is found at the front.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict, deque
from operator import itemgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.stores.budgets import Unit

Name = tuple[str, str, "Unit"]
"""What is counted under: limit, key and unit, as `Budget.window`."""


class Sum:
    """Of a unit that adds up: what live calls have reserved, and what those that are over used."""

    __slots__ = ("_over", "_used")

    def __init__(self) -> None:
        self._used = 0
        self._over: deque[tuple[float, int]] | None = None

    def used(self, now: float) -> int:
        """Return how much is used; what counts no more is dropped."""
        over = self._over
        while over and over[0][0] <= now:
            self._used -= over.popleft()[1]
        return self._used

    def reserve(self, amount: int) -> None:
        """Charge what a live call may use up; below 0, give a part of it back."""
        self._used += amount

    def settle(self, reserved: int, used: int, until: float) -> None:
        """Charge what a call used, until a moment, in the place of what it had reserved."""
        self._used += used - reserved
        if used:
            if self._over is None:  # most windows of numbers are charged once; a deque is large
                self._over = deque()
            if self._over and until < self._over[-1][0]:  # of a call that asks once more
                insort(self._over, (until, used))
            else:
                self._over.append((until, used))

    def is_over(self, now: float) -> bool:
        """Tell whether nothing is in it any more."""
        return self.used(now) == 0 and not self._over


class Items:
    """Of a unit that counts different items: until when each counts."""

    __slots__ = ("_until",)

    def __init__(self) -> None:
        self._until = OrderedDict[str, float]()  # a dict finds its first item ever more slowly

    def used(self, now: float) -> int:
        """Return how many there are; what counts no more is dropped."""
        until = self._until
        while until:
            first = next(iter(until))
            if now < until[first]:
                break
            del until[first]
        return len(until)

    def has(self, item: str) -> bool:
        """Tell whether an item is there, of those that `used` counted."""
        return item in self._until

    def add(self, item: str, until: float) -> None:
        """Let an item count until a moment, or for as long as it does already."""
        before = self._until.pop(item, until)
        last = next(reversed(self._until), None)
        self._until[item] = until = max(until, before)
        if last is not None and until < self._until[last]:  # of a call that asks once more
            self._until = OrderedDict(sorted(self._until.items(), key=itemgetter(1)))

    def is_over(self, now: float) -> bool:
        """Tell whether nothing is in it any more."""
        return self.used(now) == 0
