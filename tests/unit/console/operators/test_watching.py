"""Who watches, and whether they still may."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fastagi.console.operators import watching
from fastagi.console.operators.watching import Watchers
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console


class Sessions:
    """Sessions that live, until a test says otherwise."""

    def __init__(self) -> None:
        self.asked = 0
        self.alive = True
        self.away = False

    async def __call__(self, key: str, ports: object, *, watching: bool) -> object:
        """Return one."""
        assert watching
        self.asked += 1
        await asyncio.sleep(0)
        if self.away:
            raise StoreError("away")
        return self if self.alive else None


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> Sessions:
    """Sessions, and a clock that a test can wait for."""
    monkeypatch.setattr(watching, "LOOKED_AFTER_S", 0.05)
    monkeypatch.setattr(watching, "UNKNOWN_S", 0.3)
    made = Sessions()
    monkeypatch.setattr("fastagi.console.operators.entering.session_of", made)
    return made


async def test_one_look_is_for_all_its_pages(console: Console, sessions: Sessions) -> None:
    """And there is none before it is time."""
    watchers = Watchers(console.world.ports)
    with watchers.watching("a"), watchers.watching("a"):
        assert await watchers.may("a") is True
        assert sessions.asked == 0
        await asyncio.sleep(0.06)
        assert await asyncio.gather(*(watchers.may("a") for _ in range(50))) == [True] * 50
        assert sessions.asked == 1


async def test_what_is_over_is_over_for_all_its_pages(
    console: Console, sessions: Sessions
) -> None:
    """At once; and for no other session."""
    watchers = Watchers(console.world.ports)
    with watchers.watching("a"), watchers.watching("b"):
        await asyncio.sleep(0.06)
        assert await watchers.may("b") is True
        sessions.alive = False
        assert await watchers.may("a") is False
        assert await watchers.may("a") is False
        assert await watchers.may("b") is True
        assert sessions.asked == 2


async def test_what_is_not_known_is_over_after_a_while(
    console: Console, sessions: Sessions
) -> None:
    """And lives again if it is known in time."""
    watchers = Watchers(console.world.ports)
    sessions.away = True
    with watchers.watching("a"):
        await asyncio.sleep(0.12)
        assert await watchers.may("a") is None
        sessions.away = False
        await asyncio.sleep(0.06)
        assert await watchers.may("a") is True
        sessions.away = True
        await asyncio.sleep(0.35)
        assert await watchers.may("a") is False


async def test_who_has_left_is_forgotten(console: Console, sessions: Sessions) -> None:
    """With the last page."""
    watchers = Watchers(console.world.ports)
    with watchers.watching("a"):
        with watchers.watching("a"):
            pass
        assert await watchers.may("a") is True
    with pytest.raises(KeyError):
        await watchers.may("a")
    assert "'a'" not in repr(watchers)
