"""A watcher that runs, and what the service said."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.watcher import bypass, forgeries, releases, suspects, watch
from tests.doubles.manager import Manager
from tests.unit.watcher.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from structlog.typing import EventDict


@pytest.fixture
def service_said() -> Iterator[list[EventDict]]:
    """What the service said, as it says it."""
    with capture_logs() as said:
        yield said


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """All pauses are short."""
    monkeypatch.setattr(watch, "TURN_S", 0.01)
    monkeypatch.setattr(watch, "LOCKOUTS_S", 0.01)
    monkeypatch.setattr(releases, "GRACE_S", 0.02)
    monkeypatch.setattr(suspects, "RETRY_S", 0.02)
    monkeypatch.setattr(bypass, "UNDIALLED_S", 0.05)
    monkeypatch.setattr(forgeries, "TELL_EVERY_S", 0.0)
    monkeypatch.setattr(watch, "BACKOFF_S", (0.01, 0.02))
    monkeypatch.setattr(bypass, "PATIENCE_S", 0.03)


@pytest.fixture
async def world(quick: None) -> AsyncIterator[World]:
    """A watcher that is running."""
    async with Manager() as manager:
        seen = World(manager)
        running = asyncio.create_task(seen.watcher.run())
        yield seen
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
