"""A process that takes and releases slots as fast as it can, and a checker of what came of it.

Run as a program it is the process: `store_race.py URL SLOTS ROUNDS NAME SITE` says it is ready,
waits for a line on stdin, races, and writes its history to stdout, one line an operation: when it
was asked, when it was answered, what was asked of which call, and the answer. Times are
CLOCK_MONOTONIC, which all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import contextlib
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
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
    from typing import TypeVar

    from fastagi.stores.store import Store

    Answer = TypeVar("Answer")

CALLERS = 8
"""Callers at one time in each process."""

READY = "ready\n"

START_S = 30.0
"""How long a store may take to answer at first, while every core is busy with starting."""


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
    most = most_held(history)
    return most if len(most) > slots else ()


def most_held(history: Iterable[Event]) -> tuple[str, ...]:
    """Return the calls that surely held a slot at the moment at which the most did."""
    edges: list[tuple[float, int, str]] = []
    for event in history:
        if event.answer == "taken":
            edges.append((event.answered, 1, event.call))
        elif event.what == "release":
            edges.append((event.asked, 0, event.call))  # 0: at one moment, ends come first
    holding: set[str] = set()
    most: tuple[str, ...] = ()
    for _, begins, call in sorted(edges):
        if begins:
            holding.add(call)
        else:
            holding.discard(call)
        if len(holding) > len(most):
            most = tuple(sorted(holding))
    return most


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


def race(
    url: str,
    *,
    processes: int,
    slots: int,
    rounds: int,
    site: str = SITE,
    amid: Callable[[], object] = lambda: None,
) -> list[Event]:
    """Let processes race for the slots of one limit; return what all of them saw.

    Args:
        url: The store.
        processes: How many race.
        slots: How many calls the limit has.
        rounds: How often each caller of each process tries.
        site: Whose limit it is.
        amid: Done while they race.
    """
    with started("store_race", *_words(url, slots, rounds, processes, site)) as racing:
        amid()
        written = [process.communicate()[0] for process in racing]
        assert [process.returncode for process in racing] == [0] * processes
    return [Event(*json.loads(line)) for lines in written for line in lines.splitlines()]


def _words(url: str, slots: int, rounds: int, processes: int, site: str) -> list[list[str]]:
    common = [url, str(slots), str(rounds)]
    return [[*common, f"p{number}", site] for number in range(processes)]


@contextlib.contextmanager
def started(program: str, *words: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Start a program of this folder for each of `words`; let all go at once when all are ready.

    None of them is left when this ends.
    """
    command = [sys.executable, "-m", f"tests.contract.{program}"]
    running = [
        subprocess.Popen(
            [*command, *each], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for each in words
    ]
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == READY
        for process in running:
            say(process, "go")
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def say(process: subprocess.Popen[str], line: str) -> None:
    """Write a line to a process."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


async def at_the_start(url: str) -> Store:
    """Open the store in a process that was `started`, and wait for the word to go."""
    store = open_store(url)
    await until_done(store.ready, START_S)
    print(READY, end="", flush=True)
    sys.stdin.readline()
    return store


async def until_done(ask: Callable[[], Awaitable[Answer]], within_s: float) -> Answer:
    """Ask until the store answers, as one that heals by itself will."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                return await ask()
            except StoreError:
                await asyncio.sleep(0.02)  # a server that is gone says so at once


async def _run(url: str, slots: int, rounds: int, name: str, site: str) -> Sequence[Event]:
    store = await at_the_start(url)
    seen: list[Event] = []

    async def call(call: str) -> None:
        asked = time.monotonic()
        answer = await take(store, call, slots, site)
        seen.append(Event(asked, time.monotonic(), "take", call, answer))
        if answer != "full":
            asked = time.monotonic()
            freed = await release(store, call, site)
            freed = "unknown" if answer == "unknown" else freed
            seen.append(Event(asked, time.monotonic(), "release", call, freed))

    async def caller(number: int) -> None:
        for count in range(rounds):
            await call(f"{name}-{number}-{count}")

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    await store.close()
    return seen


async def take(store: Store, call: str, slots: int, site: str = SITE) -> str:
    """Ask for a slot of the limit that all race for; `taken`, `full` or `unknown`."""
    lease = a_lease(call, Hold("raced", "101", slots), site=site)
    try:
        answer = await store.take(lease, 0.0)
    except StoreError:  # a disk that stalls for too long, say
        return "unknown"
    return "taken" if isinstance(answer, Taken) else "full"


async def release(store: Store, call: str, site: str = SITE) -> str:
    """Release until it is sure that the call holds nothing, as the story of a call does.

    Returns:
        `freed` or `nothing`; `unknown` where it had to be asked again.
    """
    failed = False
    while True:
        try:
            freed = await store.release(site, call, None, NODE, 0.0)
        except StoreError:
            failed = True
            await asyncio.sleep(0.02)  # a server that is gone says so at once
        else:
            return "unknown" if failed else "freed" if freed else "nothing"


def main(url: str, slots: str, rounds: str, name: str, site: str) -> None:
    """Race, and tell."""
    for event in asyncio.run(_run(url, int(slots), int(rounds), name, site)):
        print(json.dumps([event.asked, event.answered, event.what, event.call, event.answer]))


if __name__ == "__main__":
    main(*sys.argv[1:])
