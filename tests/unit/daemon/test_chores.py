"""What a process does beside what it is there for."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from fastagi.daemon.chores import begin_chore, end_chores, orphaned

if TYPE_CHECKING:
    import pytest
    from structlog.typing import EventDict


async def test_a_chore_that_breaks_is_told(told: list[EventDict]) -> None:
    """With its name; whoever began it goes on."""

    async def break_at_once() -> None:
        raise ZeroDivisionError

    chore = begin_chore("sweep", break_at_once())
    await asyncio.wait([chore])
    await asyncio.sleep(0)
    assert [(line["event"], line["chore"]) for line in told] == [("chore-broke", "sweep")]


async def test_chores_end_when_they_are_told_to(told: list[EventDict]) -> None:
    """None is left behind, and none complains."""
    chores = [begin_chore("wait", asyncio.sleep(60)) for _ in range(2)]
    await end_chores(chores)
    assert all(each.cancelled() for each in chores)
    assert told == []


def test_an_orphan_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a supervisor there is no watchdog, and the port must be free."""
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    orphaned()
    assert ended == [1]
