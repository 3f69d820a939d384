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


class Table:
    """The windows of many, of whom no more than so many are remembered.

    Where there is no room, the one that was not heard of for the longest goes, unless its window
    is half full: then the next one does. Where all of some that were looked at are, whoever comes
    is not remembered, and what was over before goes first.

    Args:
        different: Whether different things are counted, and not each.
    """

    def __init__(self, count: int, within_s: float, most: int, *, different: bool) -> None:
        self.count = count
        self.within_s = within_s
        self.most = most
        self._different = different
        self._pairs: OrderedDict[Hashable, Pair] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pairs)

    def add(
        self, whom: Hashable, at: float, what: int, address: int, *, proven: bool
    ) -> Pair | None:
        """Count something for one; None where it comes too late to count."""
        pair = self._pairs.get(whom)
        is_new = pair is None
        if pair is None:
            pair = Pair(self._window())
        moment = (at, _number(), what, address)
        if not pair.all.add(moment):
            return None
        if proven:
            if pair.proven is None:
                pair.proven = self._window()
            pair.proven.add(moment)
        if not is_new:
            self._pairs.move_to_end(whom)
        elif len(self._pairs) < self.most or self._makes_room(at):
            self._pairs[whom] = pair
        return pair

    def get(self, whom: Hashable) -> Pair | None:
        """Return what is counted for one."""
        return self._pairs.get(whom)

    def clear(self) -> None:
        """Forget everybody."""
        self._pairs.clear()

    def _window(self) -> Window:
        return Window(self.count, self.within_s, tried={} if self._different else None)

    def _makes_room(self, now: float) -> bool:
        """Forget somebody, if there is one who may be."""
        for _ in range(min(LOOKED_AT, len(self._pairs))):
            whom, pair = next(iter(self._pairs.items()))
            window = pair.all
            near = self.count > 1 and 2 * len(window.moments) >= self.count
            if not near or window.newest < now - self.within_s:
                del self._pairs[whom]
                return True
            self._pairs.move_to_end(whom)
        return False
