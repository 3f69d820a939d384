"""A line in which many sites wait for one thing, and take turns.

First come, first served within a site; between sites one of each at a time. So whoever sends a
thousand waits for a thousand of their own, and keeps another waiting for one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Generic, TypeVar

from fastagi.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Item = TypeVar("Item")


class FairLine(Generic[Item]):
    """What waits, by whose it is; not bounded by itself."""

    def __init__(self) -> None:
        self._of: OrderedDict[str, deque[Item]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, whose: str, item: Item) -> None:
        """Have something wait."""
        self._of.setdefault(whose, deque()).append(item)
        self._count += 1

    def take(self) -> Item:
        """Return what is next: the oldest of whoever's turn it is.

        Raises:
            IndexError: Nothing waits.
        """
        if not self._count:
            raise IndexError("nothing waits")
        whose, items = self._of.popitem(last=False)
        item = items.popleft()
        self._count -= 1
        if items:
            self._of[whose] = items  # behind all others
        return item

    def remove(self, whose: str, item: Item) -> None:
        """Have something wait no more.

        Raises:
            ValueError: It does not.
        """
        items = self._of.get(whose, deque())
        items.remove(item)
        self._dropped(whose)

    def make_room(self, whose: str) -> Item | None:
        """Drop the newest of whoever has most waiting, for one more of somebody who has less.

        Returns:
            What was dropped; None where nobody has more than they would have then.
        """
        most = max(self._of, key=lambda each: len(self._of[each]), default=whose)
        if len(self._of.get(most, ())) <= len(self._of.get(whose, ())) + 1:
            return None
        item = self._of[most].pop()
        self._dropped(most)
        return item

    def _dropped(self, whose: str) -> None:
        self._count -= 1
        if not self._of[whose]:
            del self._of[whose]


class Turns:
    """A few places that sites take turns at; for one event loop.

    Args:
        places: How many there are.
        waiting: How many may wait for one; None for no bound.
        patience_s: How long one waits; None for no bound.
    """

    def __init__(
        self, places: int, waiting: int | None = None, patience_s: float | None = None
    ) -> None:
        self._free = places
        self._waiting = waiting
        self._patience_s = patience_s
        self._line: FairLine[asyncio.Future[None]] = FairLine()

    @contextlib.asynccontextmanager
    async def place(self, site: str) -> AsyncIterator[None]:
        """Wait for a place, and hold it.

        Raises:
            BusyError: As `enter`.
        """
        await self.enter(site)
        try:
            yield
        finally:
            self.leave()

    async def enter(self, site: str) -> None:
        """Wait for a place, and take it until `leave`.

        Raises:
            BusyError: Too many wait, and most of them are the site's; or no turn came in time.
        """
        if self._free:
            self._free -= 1
            return
        try:
            async with asyncio.timeout(self._patience_s):
                await self._turn(site)
        except TimeoutError as error:
            raise BusyError("too many wait: no turn came in time") from error

    async def _turn(self, site: str) -> None:
        turn = self._stand_in_line(site)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with contextlib.suppress(ValueError):  # its turn came, and was passed on
                    self._line.remove(site, turn)
            elif turn.exception() is None:  # it had just got its turn
                self.leave()
            raise

    def leave(self) -> None:
        """Give a place to whoever is next."""
        while len(self._line):
            turn = self._line.take()
            if not turn.done():  # else nobody waits for it any more
                turn.set_result(None)
                return
        self._free += 1

    def _stand_in_line(self, site: str) -> asyncio.Future[None]:
        if self._waiting is not None and len(self._line) >= self._waiting:
            dropped = self._line.make_room(site)
            if dropped is None:
                raise BusyError("too many wait")
            if not dropped.done():
                dropped.set_exception(BusyError("too many wait, and most of them are this site's"))
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.put(site, turn)
        return turn
