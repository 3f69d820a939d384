"""A million racing admissions, or as many as are asked for, and none of them one too many.

`python -m tests.contract.store_race_long KIND --admissions 1000000`: four processes race for the
slots of one limit. What they tell is checked as it comes, in the order in which it happened, and
forgotten: memory stays as small as ever. Ends with status 1 where a call too many was let in.

`python -m tests.contract.store_race_long redis-cluster --processes 3 --fail-over`: half-way the
master that keeps the site is killed. What is promised then is twice the slots, and never more.

As `store_race_long KIND --racer URL SLOTS ADMISSIONS NAME SECONDS` it is one of the processes.
Each line it writes is what a caller saw, in order: `+` a slot taken, `-` about to release it, `=`
refused, `?` the store failed; then when (CLOCK_MONOTONIC), and which call.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.contract.store_kinds import SHARED, SITE
from tests.contract.store_race import at_the_start, release, started, take
from tests.servers.cluster import HASTY_MS, Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PROCESSES: Final = 4
CALLERS: Final = 3
SLOTS: Final = 6
"""Half as many as there are callers: some wait at any time."""

HELD_S: Final = 0.001
"""How long a slot is kept: so long that all of them are taken most of the time, as else nobody
would see a call too many."""

SIGNS: Final = {"taken": "+", "full": "=", "unknown": "?"}


@dataclass(order=True, frozen=True)
class Seen:
    """What a caller saw. At one moment releases come first: `-` after `+` would be no fault."""

    at: float
    begins: bool
    sign: str
    call: str


@dataclass
class Tally:
    """What came of a race, while it goes on.

    Attributes:
        over: Admissions at which more calls than slots held one.
        most: The most calls that surely held a slot at one moment.
    """

    slots: int
    signs: Counter[str] = field(default_factory=Counter)
    over: int = 0
    most: int = 0
    _holding: set[str] = field(default_factory=set)

    def add(self, seen: Seen) -> None:
        """Count what happened next."""
        self.signs[seen.sign] += 1
        if seen.sign == "-":
            self._holding.discard(seen.call)
        elif seen.sign == "+":
            self._holding.add(seen.call)
            self.most = max(self.most, len(self._holding))
            self.over += len(self._holding) > self.slots


def tally(tellers: Iterable[Iterable[Seen]], slots: int) -> Tally:
    """Check what several processes tell, each in order, as one story."""
    result = Tally(slots)
    _tally_into(result, tellers)
    return result


def _tally_into(result: Tally, tellers: Iterable[Iterable[Seen]]) -> None:
    for seen in heapq.merge(*tellers):
        result.add(seen)


def _told(process: subprocess.Popen[str]) -> Iterator[Seen]:
    assert process.stdout is not None
    for line in process.stdout:
        sign, at, call = line.split()
        yield Seen(float(at), sign == "+", sign, call)


async def _race(url: str, slots: int, admissions: int, name: str, held_s: float) -> None:
    store = await at_the_start(url)
    taken = 0

    def tell(sign: str, call: str) -> None:
        sys.stdout.write(f"{sign} {time.monotonic()!r} {call}\n")

    async def caller(number: int) -> None:
        nonlocal taken
        count = 0
        while taken < admissions:
            count += 1
            call = f"{name}-{number}-{count}"
            answer = await take(store, call, slots)
            taken += answer == "taken"
            tell(SIGNS[answer], call)
            if answer != "full":
                await asyncio.sleep(held_s)
                tell("-", call)
                await release(store, call)

    await asyncio.gather(*(caller(number) for number in range(CALLERS)))
    await store.close()


def run(
    url: str,
    admissions: int,
    processes: int = PROCESSES,
    half_way: Callable[[], object] | None = None,
    planted: int = 0,
    held_s: float = HELD_S,
) -> tuple[Tally, float]:
    """Race for at least so many admissions; what came of it, and how many seconds it took.

    Args:
        url: The store.
        admissions: How many.
        processes: That race.
        half_way: Called once, when about half of them were told of.
        planted: Slots more that all processes but the first think there are, to see that they
            are found out.
        held_s: How long each slot is kept.
    """
    each = str(-(-admissions // processes))
    slots = [SLOTS, *[SLOTS + planted] * (processes - 1)]
    words = [
        ["-", "--racer", url, str(m), each, f"p{n}", str(held_s)] for n, m in enumerate(slots)
    ]
    began = time.monotonic()
    result = Tally(SLOTS)
    with started("store_race_long", *words) as racing, ThreadPoolExecutor(1) as aside:
        # What tells is read on, while a master is killed and another one elected; and a server
        # ends with the thread that started it, so it is this one that does that.
        telling = aside.submit(_tally_into, result, [_told(process) for process in racing])
        while half_way is not None and not telling.done():
            if result.signs["+"] >= admissions / 2:
                half_way()
                half_way = None
            time.sleep(0.05)
        telling.result()
        assert [process.wait() for process in racing] == [0] * processes
    return result, time.monotonic() - began


def _kill_the_master(servers: Cluster) -> None:
    dead = servers.fail_over(SITE)
    print(f"the master that kept `{SITE}` was killed, and its replica elected")
    servers.revive(dead)


def main() -> int:
    """Race against a new, empty store of a kind, and print what came of it."""
    parser = argparse.ArgumentParser(prog="store_race_long")
    parser.add_argument("kind")
    parser.add_argument("--admissions", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--fail-over", action="store_true")
    parser.add_argument("--racer", nargs=5, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.racer:
        url, slots, admissions, name, held_s = asked.racer
        asyncio.run(_race(url, int(slots), int(admissions), name, float(held_s)))
        return 0
    kinds = {kind.name: kind for kind in SHARED}
    if asked.kind not in kinds:
        parser.error(f"KIND is one of {', '.join(kinds)}")
    if asked.fail_over and asked.kind != "redis-cluster":
        parser.error("--fail-over is of redis-cluster")
    with tempfile.TemporaryDirectory() as folder:
        if asked.fail_over:
            servers = Cluster(Path(folder), HASTY_MS)
            try:
                servers.start()
                result, seconds = run(
                    servers.url,
                    asked.admissions,
                    asked.processes,
                    lambda: _kill_the_master(servers),
                )
            finally:
                servers.stop()
        else:
            url = kinds[asked.kind].url(Path(folder))
            result, seconds = run(url, asked.admissions, asked.processes)
    signs = result.signs
    print(
        f"{asked.kind}: {signs['+']} admissions, {signs['=']} refusals, {signs['?']} failures, "
        f"{asked.processes} processes for {SLOTS} slots, at most {result.most} held at once, "
        f"{result.over} over-admissions, {seconds:.0f} s"
    )
    if asked.fail_over:
        return 1 if result.most > 2 * SLOTS else 0
    return 1 if result.over else 0


if __name__ == "__main__":
    sys.exit(main())
