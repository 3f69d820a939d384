"""Which sites a store keeps anything of.

They are named in a key of its own, which lies in another slot than any of them: no step may touch
it. So a site is named before anything of it is written, and named again now and then.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from fastagi.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.stores.redis.script import Steps

KEY: Final = "dialguard:sites"
"""As a site's name, too, it lies where this key lies: `dialguard:{dialguard:sites}:`."""

AGAIN_S: Final = 60.0
"""After which a site is named again, should the server have forgotten it."""


class Sites:
    """The names of all sites."""

    def __init__(self, steps: Steps, clock: Callable[[], float] = time.monotonic) -> None:
        self._steps = steps
        self._clock = clock
        self._named: dict[str, float] = {}
        self._known: set[str] = set()  # those that were named at any time
        self._naming = asyncio.Lock()  # of many callers at one moment, one names the site

    async def name(self, site: str) -> None:
        """Name a site of which something is about to be written.

        Who keeps the names may be away in a Cluster while who keeps the site is there: a site that
        was named before goes on then, and is named again with what is written next.

        Raises:
            StoreError: The server is away, and the site is new.
        """
        if self._is_named(site):
            return
        async with self._naming:
            if self._is_named(site):
                return
            try:
                await self._steps.guarded(lambda: self._steps.client.sadd(KEY, site), KEY)
            except StoreError:
                if site not in self._known:
                    raise
            else:
                self._named[site] = self._clock()
                self._known.add(site)

    def forget(self) -> None:
        """Name every site again before anything of it is written."""
        self._named.clear()

    def _is_named(self, site: str) -> bool:
        return site in self._named and self._clock() - self._named[site] < AGAIN_S

    async def all(self) -> list[str]:
        """Return the names, in order.

        Raises:
            StoreError: The server is away.
        """
        found = await self._steps.guarded(lambda: self._steps.client.smembers(KEY), KEY)
        return sorted(each.decode() for each in found)
