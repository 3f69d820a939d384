"""A process that spends from one budget as fast as it can, and a checker of what came of it.

Run as a program it is the process: `store_budget_race.py URL ROUNDS NAME SEED` says it is ready,
waits for a line on stdin, races, and writes its history to stdout, one line a step: when it was
asked, when it was answered, which call, and how much of the budget the call has then, at least and
at most. Times are CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.errors import StoreError
from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.store import Taken
from tests.contract.store_kinds import SITE, a_lease
from tests.contract.store_race import at_the_start, started

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.stores.store import Lease, Store

CALLERS: Final = 6
"""Callers at one time in each process."""

TARIFF: Final = Tariff(30, 50_001, 6, 10_007)

SPEND: Final = Budget("raced", "101", Unit.SPEND, 1_700_003, 10**6)
"""Enough for four calls of those that race at one time, and a part of a fifth."""

LEASE: Final = replace(
    a_lease("", expires=10_000.0), seconds=120, longest_s=240, budgets=(SPEND,), tariff=TARIFF
)


@dataclass(frozen=True)
class Step:
    """What one step of one call came to, as whoever asked saw it.

    Attributes:
        least: What the call has of the budget from `asked` on where it gave back, else from
            `answered` on: for sure.
        most: What it has at most.
    """

    asked: float
    answered: float
    call: str
    least: int
    most: int


def most_spent(history: Iterable[Step]) -> int:
    """Return the most that was surely used or reserved of the budget at any one moment."""
    has: dict[str, int] = {}
    edges: list[tuple[float, int, str, int]] = []
    for step in sorted(history, key=lambda each: each.answered):
        grows = step.least > has.get(step.call, 0)
        # At one moment what gives back comes first: the other was let in after that.
        edges.append((step.answered if grows else step.asked, int(grows), step.call, step.least))
        has[step.call] = step.least
    level, most, now = 0, 0, dict[str, int]()
    for _, _, call, least in sorted(edges):
        level += least - now.get(call, 0)
        now[call] = least
        most = max(most, level)
    return most


def left_over(history: Iterable[Step]) -> tuple[int, int]:
    """Return what all calls have of the budget in the end: at least, and at most."""
    last = {step.call: step for step in sorted(history, key=lambda each: each.answered)}
    return sum(each.least for each in last.values()), sum(each.most for each in last.values())


def race(url: str, *, processes: int, rounds: int) -> list[Step]:
    """Let processes race for one budget; return what all of them saw."""
    words = [[url, str(rounds), f"p{number}", str(number)] for number in range(processes)]
    with started("store_budget_race", *words) as racing:
        written = [process.communicate()[0] for process in racing]
        assert [process.returncode for process in racing] == [0] * processes
    return [Step(*json.loads(line)) for lines in written for line in lines.splitlines()]


async def _run(url: str, rounds: int, name: str, seed: int) -> Sequence[Step]:
    store = await at_the_start(url)
    seen: list[Step] = []

    async def caller(number: int) -> None:
        dice = random.Random(f"{seed} {number}")  # noqa: S311 - nothing secret
        for count in range(rounds):
            lease = replace(LEASE, call=f"{name}-{number}-{count}", least_s=dice.choice([1, 60]))
            await _call(store, lease, dice, seen)

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    await store.close()
    return seen


async def _call(store: Store, lease: Lease, dice: random.Random, seen: list[Step]) -> None:
    """Ask, go on for a while, talk for a moment or not at all; of a few nothing more is heard."""
    longest = TARIFF.cost(lease.longest_s)
    asked = time.monotonic()
    try:
        answer = await store.take(lease, 0.0)
    except StoreError:  # a disk that stalls for too long, say
        seen.append(Step(asked, time.monotonic(), lease.call, 0, longest))
        return
    if not isinstance(answer, Taken):
        return
    reserved = TARIFF.cost(answer.lease.seconds)
    seen.append(Step(asked, time.monotonic(), lease.call, reserved, reserved))
    for seconds in (160, 240):
        asked = time.monotonic()
        try:
            longer = await store.extend(SITE, lease.call, lease.number, lease.node, seconds, 0.0)
        except StoreError:
            seen.append(Step(asked, time.monotonic(), lease.call, reserved, longest))
            return
        assert longer is not None
        reserved = TARIFF.cost(longer.lease.seconds)
        seen.append(Step(asked, time.monotonic(), lease.call, reserved, reserved))
    if dice.random() < 0.01:
        return
    talked_s = dice.choice([0] * 30 + [1])
    used = TARIFF.cost(talked_s)
    asked = time.monotonic()
    try:
        await store.release(SITE, lease.call, None, None, 0.0, talked_s)
    except StoreError:
        seen.append(Step(asked, time.monotonic(), lease.call, used, reserved))
    else:
        seen.append(Step(asked, time.monotonic(), lease.call, used, used))


def main(url: str, rounds: str, name: str, seed: str) -> None:
    """Race, and tell."""
    for step in asyncio.run(_run(url, int(rounds), name, int(seed))):
        print(json.dumps([step.asked, step.answered, step.call, step.least, step.most]))


if __name__ == "__main__":
    main(*sys.argv[1:])
