"""A process whose calls reserve more and more, and that tells what each has, until it is killed.

`store_budget_victim.py URL`: a line on stdout is a call, and the seconds that were acknowledged.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from dataclasses import replace

from fastagi.errors import StoreError
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.store import Taken
from tests.contract.store_budget_race import LEASE, SPEND
from tests.contract.store_kinds import SITE

CALLERS = 8
MANY = 2**40
BUDGETS = (
    replace(SPEND, most=MANY),
    Budget("raced", "101", Unit.SECONDS, MANY, 10**6),
    Budget("raced", "101", Unit.ATTEMPTS, MANY, 10**6),
)


async def _run(url: str) -> None:
    store = open_store(url)
    numbers = itertools.count()

    async def caller() -> None:
        while True:
            lease = replace(LEASE, call=f"call-{next(numbers)}", budgets=BUDGETS)
            try:
                answer = await store.take(lease, 0.0)
                assert isinstance(answer, Taken)
                print(lease.call, answer.lease.seconds, flush=True)
                longer = await store.extend(SITE, lease.call, lease.number, lease.node, 240, 0.0)
                assert longer is not None
                print(lease.call, longer.lease.seconds, flush=True)
            except StoreError:
                await asyncio.sleep(0.1)  # a busy machine was late: not acknowledged, so not told

    await asyncio.gather(*(caller() for _ in range(CALLERS)))


if __name__ == "__main__":
    asyncio.run(_run(sys.argv[1]))
