"""Threads for PIN checks, and a bound on how many may wait for one.

An Argon2id check takes some 50 ms of a core and 64 MiB on purpose. In threads of their own such
checks do not stop the event loop; bounded, a flood of guesses cannot take all cores and memory.
"""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from fastagi.errors import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS: Final = 2
"""Checks at one time: with 64 MiB each, 128 MiB at most."""

WAITING: Final = 32
"""Checks that may wait for a thread; at 50 ms a check the last of them waits under a second."""


class HashPool:
    """A `fastagi.call.ports.HashPool`: few threads, few places to wait, and then `BusyError`."""

    def __init__(self, threads: int = THREADS, waiting: int = WAITING) -> None:
        self._places = threading.BoundedSemaphore(threads + waiting)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="hash")

    async def run(self, check: Callable[[], bool]) -> bool:
        """Run the check in a thread.

        A caller who hangs up while waiting leaves the queue; a check that runs already keeps its
        place until it is through, so that hanging up early buys no additional guesses.

        Raises:
            BusyError: Too many checks are waiting.
        """
        if not self._places.acquire(blocking=False):
            raise BusyError("too many PINs are being checked at once")
        checked = self._executor.submit(check)
        checked.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(checked)

    def close(self) -> None:
        """Let the threads end; checks that still wait are dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)
