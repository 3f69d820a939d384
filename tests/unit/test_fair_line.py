"""Sites take turns, and nobody's flood keeps another waiting."""

from __future__ import annotations

import asyncio

import pytest

from fastagi.errors import BusyError
from fastagi.fair_line import FairLine, Turns


def test_sites_take_turns_and_each_is_served_in_order() -> None:
    """Whoever has a thousand waiting waits for their own."""
    line: FairLine[str] = FairLine()
    for whose, item in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"), ("c", "c1")):
        line.put(whose, item)
    assert len(line) == 5
    assert [line.take() for _ in range(5)] == ["a1", "b1", "c1", "a2", "a3"]
    with pytest.raises(IndexError):
        line.take()


def test_the_newest_of_whoever_has_most_makes_room() -> None:
    """Not for one who would have as many; and what leaves the line is not served."""
    line: FairLine[str] = FairLine()
    for item in ("a1", "a2", "a3"):
        line.put("a", item)
    assert line.make_room("a") is None
    assert line.make_room("b") == "a3"
    line.put("b", "b1")
    assert line.make_room("b") is None
    line.remove("a", "a1")
    line.remove("b", "b1")
    with pytest.raises(ValueError, match="not in deque"):
        line.remove("a", "a1")
    assert [line.take(), len(line)] == ["a2", 0]
    assert line.make_room("a") is None


async def test_a_place_is_given_to_whoever_is_next() -> None:
    """One of each site in turn; and back, once all are through."""
    turns, order = Turns(1), []

    async def one(site: str) -> None:
        async with turns.place(site):
            order.append(site)
            await asyncio.sleep(0)

    await asyncio.gather(*(one(site) for site in ("a", "a", "a", "b")))
    assert order == ["a", "a", "b", "a"]
    await turns.enter("c")
    turns.leave()


async def test_a_flood_has_its_own_refused() -> None:
    """The line is full of one site's: the newest of these goes, and the other stands in it."""
    turns = Turns(1, 2)
    await turns.enter("a")
    waiting = [asyncio.ensure_future(turns.enter("a")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await turns.enter("a")
    other = asyncio.ensure_future(turns.enter("b"))
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="most of them are this site's"):
        await waiting[1]
    for each in (waiting[0], other):
        turns.leave()
        await each
    turns.leave()
    await turns.enter("c")


async def test_who_gives_up_leaves_the_line() -> None:
    """Also in the moment in which the turn came, which then is the next one's."""
    turns = Turns(1)
    await turns.enter("a")
    first, second, third = (asyncio.ensure_future(turns.enter(site)) for site in "abc")
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    turns.leave()  # it is the second's now, who hears of it with the next turn of the loop
    second.cancel()
    await third
    assert first.cancelled()
    assert second.cancelled()
    turns.leave()
    await turns.enter("d")


async def test_a_turn_that_does_not_come_is_not_waited_for() -> None:
    """Whoever stood in line for too long is refused, and gone from it."""
    turns = Turns(1, patience_s=0.01)
    await turns.enter("a")
    with pytest.raises(BusyError, match="no turn came in time"):
        await turns.enter("b")
    turns.leave()
    await turns.enter("c")
