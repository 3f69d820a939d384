"""Which sites there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import StoreError
from fastagi.stores.redis.sites import AGAIN_S, KEY, Sites

if TYPE_CHECKING:
    from fastagi.stores.redis.script import Steps


async def test_a_site_is_named_once_and_again_now_and_then(steps: Steps) -> None:
    """Should the server have forgotten it."""
    now = [0.0]
    sites = Sites(steps, lambda: now[0])
    await asyncio.gather(*(sites.name("office") for _ in range(20)))
    await sites.name("hotel")
    assert await sites.all() == ["hotel", "office"]
    await steps.client.delete(KEY)
    await sites.name("office")
    assert await sites.all() == []
    now[0] = AGAIN_S
    await sites.name("office")
    assert await sites.all() == ["office"]


async def test_a_site_that_is_known_goes_on_without_who_keeps_the_names(
    steps: Steps, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new one does not: nobody would ever find it again."""
    now = [0.0]
    sites = Sites(steps, lambda: now[0])
    await sites.name("office")
    now[0] = AGAIN_S

    async def away(*_: object) -> None:
        raise StoreError("away")

    monkeypatch.setattr(steps, "guarded", away)
    await sites.name("office")
    with pytest.raises(StoreError):
        await sites.name("hotel")
    monkeypatch.undo()
    await steps.client.delete(KEY)
    await sites.name("office")  # again, as soon as that can be done
    assert await sites.all() == ["office"]
