"""What an extension, and its whole site, used to do: in bounded memory.

Of each extension as many numbers are remembered as people call, and of the site a hundred
thousand; what was not called longest is forgotten first, and so are extensions. What looks like
fraud teaches nothing, nor does its extension for half a day: else an attack would be a habit by
its second day.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from typing import Final, NamedTuple

EXTENSIONS: Final = 20_000
NUMBERS: Final = 400
"""Numbers of one extension that are remembered."""
SITE_NUMBERS: Final = 100_000

SETTLES_S: Final = 12 * 3600.0
"""A number counts as known half a day after it was first called: not within one attack."""

RECENT: Final = 64
"""Dear calls of an extension that are looked at again, …"""
RECENT_S: Final = 6 * 3600.0
"""… of so long."""


class Recent(NamedTuple):
    """A dear call a while ago."""

    at: float
    ends: float
    number: str
    block: str
    talked_s: int
    new: bool


class Seen:
    """When names were first called; those that were not called longest are forgotten first."""

    __slots__ = ("_first", "_most")

    def __init__(self, most: int) -> None:
        self._first: OrderedDict[str, float] = OrderedDict()
        self._most = most

    def note(self, name: str, at: float) -> None:
        """Remember a name."""
        first = self._first
        if name in first:
            first.move_to_end(name)
            return
        first[name] = at
        if len(first) > self._most:
            first.popitem(last=False)

    def since(self, name: str, at: float) -> float:
        """Return for how long a name has been known, in seconds; -1 where it is not."""
        first = self._first.get(name)
        return -1.0 if first is None else max(0.0, at - first)


class Habit:
    """What one extension used to do.

    Attributes:
        numbers: Those that it called.
        countries: Likewise.
        recent: Its dear calls of the last hours, whatever they looked like.
        busiest: The most dear calls it made within ten minutes on a day before, of those that did
            not look like fraud.
        fraud_at: When its last call was that looked like fraud.
    """

    __slots__ = ("_day", "_today", "busiest", "countries", "fraud_at", "numbers", "recent")

    def __init__(self) -> None:
        self.numbers = Seen(NUMBERS)
        self.countries: dict[str, float] = {}
        self.recent: deque[Recent] = deque(maxlen=RECENT)
        self.busiest = 0
        self.fraud_at = -math.inf
        self._day = ""
        self._today = 0

    def pace(self, count: int, day: str) -> None:
        """Take in how many dear calls there were within ten minutes; it counts from tomorrow."""
        if day != self._day:
            self.busiest = max(self.busiest, self._today)
            self._day, self._today = day, 0
        self._today = max(self._today, count)

    def forget(self, at: float) -> None:
        """Drop what was too long ago."""
        recent = self.recent
        while recent and at - recent[0].at > RECENT_S and recent[0].ends <= at:
            recent.popleft()


class Habits:
    """What everybody used to do.

    Attributes:
        numbers: Dear numbers that anybody here called.
        countries: When anybody here first called a country.
        began: When the first call was; None before it.
    """

    def __init__(self, most: int = EXTENSIONS) -> None:
        self.numbers = Seen(SITE_NUMBERS)
        self.countries: dict[str, float] = {}
        self.began: float | None = None
        self._most = most
        self._of: OrderedDict[str, Habit] = OrderedDict()

    def of(self, extension: str) -> Habit:
        """Return what an extension used to do."""
        habit = self._of.get(extension)
        if habit is not None:
            self._of.move_to_end(extension)
            return habit
        habit = self._of[extension] = Habit()
        if len(self._of) > self._most:
            self._of.popitem(last=False)
        return habit
