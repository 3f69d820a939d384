"""What happens now, read once for all who look."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.console.operators import board as boards
from fastagi.console.operators.board import Board
from fastagi.console.operators.ports import Backstage
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from fastagi.console.operators.board import Seen
    from tests.unit.console.operators.backstage import Console


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading is fresh for a moment that a test can wait for."""
    monkeypatch.setattr(boards, "FRESH_S", 0.05)


def board_of(console: Console) -> tuple[Board, ShakyStore]:
    """Return a board, and the store it reads."""
    store = ShakyStore(console.store)
    ports = replace(console.world.ports, store=store.store)
    return Board(Backstage(ports, console.decisions, None)), store


async def test_many_who_look_at_once_share_one_reading(console: Console) -> None:
    """And whoever looks right after has the same."""
    board, store = board_of(console)
    store.slow_s = 0.01
    seen = await asyncio.gather(*(board.look() for _ in range(100)))
    assert store.asked.count("live") == 1
    assert all(each is seen[0] for each in seen)
    assert await board.look() is seen[0]
    await asyncio.sleep(0.06)
    assert await board.look() is not seen[0]
    assert store.asked.count("live") == 2


async def test_many_who_watch_share_one_reading(console: Console) -> None:
    """Each hears of a call that comes, and of its end; the store is asked no more often."""
    board, store = board_of(console)
    heard = [0] * 50

    async def watch(place: int) -> None:
        async with contextlib.aclosing(board.watch()) as readings:
            async for seen in readings:
                heard[place] = max(heard[place], len(seen.calls))
                if heard[place] and not seen.calls:
                    return

    watching = [asyncio.create_task(watch(place)) for place in range(50)]
    await asyncio.sleep(0.1)
    assert board.watchers == 50
    lease = await console.call()
    await asyncio.sleep(0.2)
    assert heard == [1] * 50
    await console.store.release("office", lease.call, None, None, console.now)
    await asyncio.wait_for(asyncio.gather(*watching), 10)
    assert board.watchers == 0
    asked = store.asked.count("live")
    assert asked < 50
    await asyncio.sleep(0.15)
    assert store.asked.count("live") == asked


async def test_who_is_slow_misses_some_and_holds_nobody_up(console: Console) -> None:
    """There is no queue."""
    board, _ = board_of(console)
    async with (
        contextlib.aclosing(board.watch()) as slow,
        contextlib.aclosing(board.watch()) as quick,
    ):
        first = await anext(slow)
        for _ in range(4):
            last = await anext(quick)
        assert await anext(slow) is last
        assert first is not last


async def test_who_has_changed_something_sees_it(console: Console) -> None:
    """A reading that is under way may have begun before it."""
    board, store = board_of(console)
    await board.look()
    lease = await console.call()
    assert [each.call for each in (await board.look_anew()).calls] == [lease.call]
    store.slow_s = 0.1
    await asyncio.sleep(0.06)
    begun = asyncio.create_task(board.look())
    await asyncio.sleep(0.05)
    await console.call(call="7.7", number="+1")
    calls: Seen = await board.look_anew()
    assert {each.call for each in calls.calls} == {lease.call, "7.7"}
    await begun


async def test_who_goes_away_in_the_middle_ends_no_reading(console: Console) -> None:
    """Others wait for it."""
    board, store = board_of(console)
    store.slow_s = 0.05
    leaves = asyncio.create_task(board.look())
    stays = asyncio.create_task(board.look())
    await asyncio.sleep(0.01)
    leaves.cancel()
    assert (await stays).trouble == ""
    assert store.asked.count("live") == 1


async def test_trouble_is_told_and_passes(console: Console) -> None:
    """What cannot be read is not known; decisions are read all the same."""
    board, store = board_of(console)
    await console.call()
    console.decide()
    store.away = True
    seen = await board.look_anew()
    assert (seen.trouble, seen.calls, len(seen.decisions)) == ("away", (), 1)
    store.away = False
    seen = await board.look_anew()
    assert (seen.trouble, len(seen.calls)) == ("", 1)


async def test_a_record_that_cannot_be_read_is_told_to_the_log(console: Console) -> None:
    """And all else is shown."""
    console.decisions.mkdir()
    board, _ = board_of(console)
    await console.call()
    with capture_logs() as logs:
        seen = await board.look()
    assert len(seen.calls) == 1
    assert [each["event"] for each in logs] == ["decisions-unreadable"]
