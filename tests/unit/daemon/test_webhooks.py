"""The chores that serve webhooks."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from fastagi.daemon.hooks import hooks_of
from fastagi.daemon.webhooks import begin_webhooks
from fastagi.events.turn import KIND
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from fastagi.settings import Settings


async def test_each_is_served_until_the_end(hooked: Settings) -> None:
    """And its turn is another's then."""
    store = open_store("sqlite://:memory:")
    async with AsyncExitStack() as opened:
        begin_webhooks(hooked, store, time.time, opened)
        while not (turns := await store.records("~", KIND, "", 9, time.time())):
            pass
        assert [each.key for each in turns] == [f"webhook-{hooks_of(hooked)[0].name}"]
    assert await store.records("~", KIND, "", 9, time.time()) == []
    await store.close()
