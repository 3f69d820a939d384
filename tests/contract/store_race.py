"""A process that takes and releases slots as fast as it can, and a checker of what came of it.

Run as a program it is the process: `store_race.py URL SLOTS ROUNDS NAME` says that it is ready,
waits for a line on stdin, races, and writes its history to stdout, one line an operation: when it
was asked, when it was answered, what was asked of which call, and the answer. Times are
CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from fastagi.errors import StoreError
from fastagi.stores.opening import open_store
from fastagi.stores.store import Hold, Taken
from tests.contract.store_kinds import NODE, SITE, a_lease

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastagi.stores.store import Store

CALLERS = 8
"""Callers at one time in each process."""

READY = "ready\n"


@dataclass(frozen=True)
class Event:
    """One operation, as whoever asked saw it.

    Attributes:
        what: `take` or `release`.
        answer: Of a `take`: `taken`, `full`, or `unknown` where the store failed. Of a `release`:
            `freed`, `nothing`, or `unknown` where the store failed before, or the `take` did.
    """

    asked: float
    answered: float
    what: str
    call: str
    answer: str


def over_admission(history: Iterable[Event], slots: int) -> tuple[str, ...]:
    """Return calls that held more than all slots at one moment; none if all is well.

    A call surely holds its slot from the answer of its `take` until it asks to release it.
    """
    edges: list[tuple[float, int, str]] = []
    for event in history:
        if event.answer == "taken":
            edges.append((event.answered, 1, event.call))
        elif event.what == "release":
            edges.append((event.asked, 0, event.call))  # 0: at one moment, ends come first
    holding: set[str] = set()
    for _, begins, call in sorted(edges):
        if begins:
            holding.add(call)
        else:
            holding.discard(call)
        if len(holding) > slots:
            return tuple(sorted(holding))
    return ()


def false_refusal(history: Iterable[Event], slots: int) -> str | None:
    """Return a call that was refused though at no moment all slots can have been taken, if any.

    A slot may be taken from when a `take` is asked that is not refused, until its release is
    answered.
    """
    asked: dict[str, float] = {}
    edges: list[tuple[float, int]] = []
    refused: list[Event] = []
    for event in sorted(history, key=lambda each: each.asked):
        if event.answer == "full":
            refused.append(event)
        elif event.what == "take":
            asked[event.call] = event.asked
        else:
            edges += [(asked.pop(event.call), 1), (event.answered, -1)]
    edges += [(at, 1) for at in asked.values()]
    levels, level = [(float("-inf"), 0)], 0
    for at, change in sorted(edges, key=lambda edge: (edge[0], -edge[1])):
        level += change
        levels.append((at, level))
    full = [
        (start, end)
        for (start, level), (end, _) in pairwise([*levels, (float("inf"), 0)])
        if level >= slots
    ]
    for event in refused:
        if not any(start <= event.answered and event.asked <= end for start, end in full):
            return event.call
    return None


def race(url: str, *, processes: int, slots: int, rounds: int) -> list[Event]:
    """Let processes race for the slots of one limit; return what all of them saw."""
    command = [sys.executable, "-m", "tests.contract.store_race", url, str(slots), str(rounds)]
    racing = [
        subprocess.Popen(
            [*command, f"p{number}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(processes)
    ]
    for process in racing:
        assert process.stdout is not None
        assert process.stdout.readline() == READY
    for process in racing:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    written = [process.communicate()[0] for process in racing]
    assert [process.returncode for process in racing] == [0] * processes
    return [Event(*json.loads(line)) for lines in written for line in lines.splitlines()]


async def _run(url: str, slots: int, rounds: int, name: str) -> Sequence[Event]:
    store = open_store(url)
    await store.ready()
    print(READY, end="", flush=True)
    sys.stdin.readline()
    seen: list[Event] = []

    async def call(call: str) -> None:
        asked = time.monotonic()
        answer = await _take(store, call, slots)
        seen.append(Event(asked, time.monotonic(), "take", call, answer))
        if answer != "full":
            asked = time.monotonic()
            freed = await _release(store, call)
            freed = "unknown" if answer == "unknown" else freed
            seen.append(Event(asked, time.monotonic(), "release", call, freed))

    async def caller(number: int) -> None:
        for count in range(rounds):
            await call(f"{name}-{number}-{count}")

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    await store.close()
    return seen


async def _take(store: Store, call: str, slots: int) -> str:
    try:
        answer = await store.take(a_lease(call, Hold("raced", "101", slots)), 0.0)
    except StoreError:  # a disk that stalls for too long, say
        return "unknown"
    return "taken" if isinstance(answer, Taken) else "full"


async def _release(store: Store, call: str) -> str:
    """Release until it is sure that the call holds nothing, as the story of a call does."""
    try:
        return "freed" if await store.release(SITE, call, None, NODE, 0.0) else "nothing"
    except StoreError:
        await _release(store, call)
        return "unknown"


if __name__ == "__main__":
    for event in asyncio.run(_run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])):
        print(json.dumps([event.asked, event.answered, event.what, event.call, event.answer]))
