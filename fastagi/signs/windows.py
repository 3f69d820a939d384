"""Sliding windows: what was counted lately, for each of many whom it is counted for.

A window holds the latest moments, as many as it takes to be full and no more, so it is known
exactly whether it is full, however much comes. What is forgotten makes a count smaller, never
larger: a count that is too large would have somebody pay for what he did not do.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count as numbers
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable

Moment: TypeAlias = tuple[float, int, int, int]
"""When; the number of it, so that no two are alike; what was tried; from which address."""

AGAIN_S: Final = 60.0
"""How long nothing more is said of a window that is full and was told of."""

WHOM: Final = (200, 20_000)
"""Addresses or networks that one watch remembers, at least and at most."""

ACCOUNTS_MAX: Final = 50_000
"""Accounts that one watch remembers: they exist, so there are not more of them than phones."""

LOOKED_AT: Final = 4
"""Windows looked at for one that may go, where there is no room."""

_number = numbers(1).__next__


@dataclass(slots=True)
class Window:
    """The latest moments of one.

    Attributes:
        moments: In their order; no more than `count`.
        burst: How many came since it is full without a break; those in it, where it is not.
        began: When the first of these came.
    """

    count: int
    within_s: float
    moments: list[Moment] = field(default_factory=list)
    tried: dict[int, Moment] | None = None
    burst: int = 0
    began: float = 0.0
    told: float | None = None

    @property
    def is_full(self) -> bool:
        """Whether `count` moments lie within the seconds."""
        return len(self.moments) >= self.count

    @property
    def newest(self) -> float:
        """The last moment; there is one."""
        return self.moments[-1][0]

    @property
    def addresses(self) -> int:
        """From how many addresses those came that are held; 0 where that is not known."""
        return len({each[3] for each in self.moments if each[3]})

    def add(self, moment: Moment) -> bool:
        """Count a moment; False where it comes too late to lie within the seconds.

        Where different things are counted, one that is there already stands at its last moment.
        """
        at, _, what, _ = moment
        moments, tried = self.moments, self.tried
        if moments and at < moments[-1][0] - self.within_s:
            return False
        was_full = len(moments) >= self.count
        if tried is not None and (before := tried.get(what)) is not None:
            if at >= before[0]:
                del moments[bisect_left(moments, before)]
                insort(moments, moment)
                tried[what] = moment
        else:
            insort(moments, moment)
            if tried is not None:
                tried[what] = moment
        first = moments[-1][0] - self.within_s
        while moments[0][0] < first or len(moments) > self.count:
            gone = moments.pop(0)
            if tried is not None:
                del tried[gone[2]]
        if len(moments) < self.count or tried is not None or not was_full:
            self.burst, self.began = len(moments), moments[0][0]
        else:
            self.burst += 1
        return True

    def is_due(self) -> bool:
        """Whether it is to be told of; from then on it was."""
        if not self.is_full or (self.told is not None and self.newest - self.told < AGAIN_S):
            return False
        self.told = self.newest
        return True

    def still(self, now: float) -> list[Moment]:
        """Return those moments that lie within the seconds before another moment."""
        return [each for each in self.moments if now - self.within_s <= each[0]]


@dataclass(slots=True)
class Pair:
    """What is counted for one: all of it, and what is proven to be his.

    They are apart, as anybody could push out the proven by what he writes into packets.
    """

    all: Window
    proven: Window | None = None

    @property
    def told_by(self) -> Window:
        """The one to tell by: what is proven where there was no room for all of it."""
        return self.all if self.proven is None or self.all.is_full else self.proven


class Table:
    """What is counted for many; and apart from it, with places of its own, what is proven.

    So whoever makes up addresses may fill the one, and takes no place in the other.

    Args:
        most: How many are remembered of each at most.
        different: Whether different things are counted, and not each.
    """

    def __init__(self, count: int, within_s: float, most: int, *, different: bool) -> None:
        self.most = most
        self._all = _Windows(count, within_s, different=different)
        self._proven = _Windows(count, within_s, different=different)

    def __len__(self) -> int:
        return max(len(self._all), len(self._proven))

    def add(
        self, whom: Hashable, at: float, what: int, address: int, *, proven: bool
    ) -> Pair | None:
        """Count something for one; None where it comes too late to count."""
        moment = (at, _number(), what, address)
        window = self._all.add(whom, moment, self.most)
        if window is None:
            return None
        if proven:
            return Pair(window, self._proven.add(whom, moment, self.most))
        return Pair(window, self._proven.get(whom))

    def get(self, whom: Hashable) -> Pair | None:
        """Return what is counted for one."""
        window, proven = self._all.get(whom), self._proven.get(whom)
        if window is None:
            return None if proven is None else Pair(proven, proven)
        return Pair(window, proven)

    def clear(self) -> None:
        """Forget everybody."""
        self._all.clear()
        self._proven.clear()


class _Windows:
    """The windows of many, of whom no more than so many are remembered.

    Where there is no room, the one that was not heard of for the longest goes, unless its window
    is half full: then the next one does. Where all of some that were looked at are, whoever comes
    is not remembered, and what was over before goes first.
    """

    def __init__(self, count: int, within_s: float, *, different: bool) -> None:
        self._count = count
        self._within_s = within_s
        self._different = different
        self._of: OrderedDict[Hashable, Window] = OrderedDict()
        self.get = self._of.get
        self.clear = self._of.clear

    def __len__(self) -> int:
        return len(self._of)

    def add(self, whom: Hashable, moment: Moment, most: int) -> Window | None:
        """Count a moment for one; None where it comes too late to count."""
        window = self._of.get(whom)
        is_new = window is None
        if window is None:
            tried: dict[int, Moment] | None = {} if self._different else None
            window = Window(self._count, self._within_s, tried=tried)
        if not window.add(moment):
            return None
        if not is_new:
            self._of.move_to_end(whom)
        elif len(self._of) < most or self._makes_room(moment[0]):
            self._of[whom] = window
        return window

    def _makes_room(self, now: float) -> bool:
        """Forget somebody, if there is one who may be."""
        for _ in range(min(LOOKED_AT, len(self._of))):
            whom, window = next(iter(self._of.items()))
            near = self._count > 1 and 2 * len(window.moments) >= self._count
            if not near or window.newest < now - self._within_s:
                del self._of[whom]
                return True
            self._of.move_to_end(whom)
        return False
