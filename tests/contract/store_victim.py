"""A process that takes slots and tells each that it got, until it is killed.

`store_victim.py URL SLOTS`: a line on stdout is a call whose lease was acknowledged.
"""

from __future__ import annotations

import asyncio
import itertools
import sys

from fastagi.errors import StoreError
from fastagi.stores.opening import open_store
from fastagi.stores.store import Hold, Taken
from tests.contract.store_kinds import a_lease

CALLERS = 16


def holds(slots: int) -> tuple[Hold, Hold]:
    """Return the two slots that every call takes."""
    return Hold("first", "101", slots), Hold("second", "101", slots)


async def _run(url: str, slots: int) -> None:
    store = open_store(url)
    numbers = itertools.count()

    async def caller() -> None:
        while True:
            call = f"call-{next(numbers)}"
            try:
                taken = await store.take(a_lease(call, *holds(slots)), 0.0)
            except StoreError:
                await asyncio.sleep(0.1)  # a busy machine was late: not acknowledged, so not told
            else:
                assert isinstance(taken, Taken)
                print(call, flush=True)

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1], int(sys.argv[2])))
