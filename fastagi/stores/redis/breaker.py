"""Not asking a server that is away: who asked would wait, and be told the same."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Final

from fastagi.errors import StoreError
from fastagi.stores.redis.client import FAULTS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

FAILURES: Final = 3
"""In a row, after which the server counts as away."""

PAUSE_S: Final = 0.1
"""Before it is asked whether it is back; doubles each time …"""

PAUSE_AT_MOST_S: Final = 5.0
"""… up to this. Each is shortened by up to a half, so that not all gates ask at once."""


class Breaker:
    """Counts failures, and asks by itself whether a server that is away is back.

    Args:
        probe: Asks the server anything; raises while it is away.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        probe: Callable[[], Awaitable[object]],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._probe = probe
        self._sleep = sleep
        self._failures = 0
        self._why = ""
        self._probing: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody is let through to the server."""
        return self._probing is not None

    def check(self) -> None:
        """Let whoever asks through.

        Raises:
            StoreError: The server is away; it is being asked whether it is back.
        """
        if self._probing is not None:
            raise StoreError(
                f"the store is away ({self._why}); it is asked again without you until it is back"
            )

    def succeeded(self) -> None:
        """Take note of an answer."""
        self._failures = 0

    def failed(self, why: str) -> None:
        """Take note that there was none, and why: whoever is told to wait is told that, too."""
        self._failures += 1
        self._why = why
        if self._failures >= FAILURES and self._probing is None:
            self._probing = asyncio.get_running_loop().create_task(self._wait_until_back())

    async def close(self) -> None:
        """Ask no more."""
        if self._probing is not None:
            self._probing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._probing

    async def _wait_until_back(self) -> None:
        pause_s = PAUSE_S
        while True:
            await self._sleep(pause_s * (0.5 + secrets.randbelow(501) / 1000))
            try:
                await self._probe()
            except FAULTS:
                pause_s = min(2 * pause_s, PAUSE_AT_MOST_S)
            else:
                self._failures, self._probing = 0, None
                return
