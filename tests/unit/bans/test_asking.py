"""How the store is asked: not for ever, and a page at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fastagi.bans import asking
from fastagi.errors import StoreError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from fastagi.stores.store import Store

NOW = 1_800_000_000.0


async def test_a_store_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asked is told that nothing is known."""
    monkeypatch.setattr(asking, "PATIENCE_S", 0.01)
    with pytest.raises(StoreError, match="did not answer"):
        await asking.soon(asyncio.Event().wait())


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5])
async def test_all_pages_are_read(
    store: Store, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """However many there are; none that is over, or of another kind."""
    monkeypatch.setattr(asking, "PAGE", 2)
    for n in range(count):
        await store.put_record(EVERYWHERE, "x", Record(str(n), "", NOW + 60), None, NOW)
    await store.put_record(EVERYWHERE, "x", Record("over", "", NOW), None, NOW - 1)
    await store.put_record(EVERYWHERE, "y", Record("other", "", NOW + 60), None, NOW)
    assert [each.key for each in await asking.pages(store, "x", NOW)] == [
        str(n) for n in range(count)
    ]
