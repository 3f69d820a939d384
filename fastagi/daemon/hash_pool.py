"""Threads for PIN checks, and a bound on how many may wait for one.

An Argon2id check takes some 20 ms of a core and 19 MiB on purpose. In threads of their own such
checks do not stop the event loop; bounded, a flood of guesses cannot take all cores and memory;
and where the machine is busy, voice and calls come first. Sites take turns: a flood at one of them
has its own refused, and nobody else's.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from fastagi.errors import BusyError
from fastagi.fair_line import Turns

if TYPE_CHECKING:
    from collections.abc import Callable

Found = TypeVar("Found")

THREADS: Final = 2
"""Checks at one time, in all workers together: two cores and 38 MiB at most."""

WAITING: Final = 32
"""Checks that may wait for a thread; at 20 ms a check the last of them waits under a second."""

NICER: Final = 10
"""How much more the threads yield to others than the rest of the service; nice(2)."""


class HashPool:
    """A `fastagi.call.ports.HashPool`: few threads, few places to wait, and then `BusyError`.

    For one event loop.

    Args:
        workers: How many workers have one each.
        waiting: Checks that may wait in this one.
    """

    def __init__(self, workers: int = 1, waiting: int = WAITING) -> None:
        threads = max(1, THREADS // workers)
        self._turns = Turns(threads, waiting)
        self._executor = ThreadPoolExecutor(
            threads, thread_name_prefix="hash", initializer=_yield_to_others
        )

    async def run(self, check: Callable[[], Found], site: str) -> Found:
        """Run the check in a thread.

        A caller who hangs up while waiting leaves the queue; a check that runs already keeps its
        place until it is through, so that hanging up early buys no additional guesses.

        Raises:
            BusyError: Too many checks are waiting, and most of them are the site's.
        """
        try:
            await self._turns.enter(site)
        except BusyError as error:
            raise BusyError("too many PINs are being checked at once") from error
        loop = asyncio.get_running_loop()
        checked = self._executor.submit(check)

        def end(_: object) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(self._turns.leave)

        checked.add_done_callback(end)
        return await asyncio.wrap_future(checked)

    def close(self) -> None:
        """Let the threads end; checks that still wait are dropped."""
        self._executor.shutdown(wait=False, cancel_futures=True)


def _yield_to_others() -> None:
    """Have the calling thread yield; on Linux alone a thread has a priority of its own."""
    if sys.platform == "linux":
        nice = os.getpriority(os.PRIO_PROCESS, 0) + NICER
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), nice)
