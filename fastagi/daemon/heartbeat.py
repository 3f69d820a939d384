"""What a worker and its supervisor say to each other: single bytes over a pipe, and nothing else.

The worker's event loop writes `ALIVE` twice a second; a loop that stops turning falls silent, and
the supervisor ends it. Here live the words, the bounds and the worker's end of the pipe.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

READY: Final = b"R"
"""The worker has a policy, a store and a listener: it answers calls from now on."""

ALIVE: Final = b"."

EVERY_S: Final = 0.5
"""Seconds between two heartbeats."""

SILENT_S: Final = 3.0
"""Silence after which a worker is ended; with the supervisor's own delay callers are free in 5."""

START_S: Final = 60.0
"""What a worker may take from its start to `READY`: a list of a million prefixes takes seconds."""

DRAIN_S: Final = 20.0
"""What callers at a prompt are given to finish once SIGTERM came; then they are freed, denied."""


def say(pipe: int, word: bytes) -> bool:
    """Write one word to the supervisor.

    Returns:
        False where nobody reads the pipe any more: the supervisor is dead. A full pipe counts as
        said; the supervisor has plenty to read.
    """
    try:
        with contextlib.suppress(BlockingIOError):
            os.write(pipe, word)
    except BrokenPipeError:
        return False
    return True


async def beat(pipe: int, orphaned: Callable[[], None]) -> None:
    """Say that the event loop turns, until cancelled or until nobody listens.

    Args:
        pipe: The writing end of the worker's pipe, which must not block.
        orphaned: Called once when the supervisor is found to be dead.
    """
    while True:
        if not say(pipe, ALIVE):
            orphaned()
            return
        await asyncio.sleep(EVERY_S)
