"""Which sites there are."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

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
