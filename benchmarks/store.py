"""What the embedded store does in a second, every commit synced to the disk.

A call takes slots of three limits and releases them; or is screened (`known`). In the file are
1,000 live calls and 10,000 enrolled phones already. The disk is that of `TMPDIR`.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import uvloop
from rich.console import Console
from rich.table import Table

from fastagi.stores.sqlite import open_store
from fastagi.stores.store import Enrolment, Hold, Lease

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.stores.sqlite import SQLiteStore

SECONDS = 2.0
AT_ONCE = (1, 32, 256)
NOW = 1_000_000.0
LIVE = 1_000
PHONES = 10_000


@dataclass(frozen=True)
class Speed:
    """What one run came to."""

    per_second: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.db"
        asyncio.run(_fill(file))
        table = Table("operation", "callers at once", "a second", "p50 ms", "p99 ms")
        for name, once in OPERATIONS.items():
            for callers in AT_ONCE:
                speed = uvloop.run(_measure(file, once, callers))
                _row(table, name, f"{callers}", speed)
        for name in OPERATIONS:
            _row(table, f"{name}, one of two processes", "32", *_race(file, name))
        Console().print(table)


def _row(table: Table, name: str, callers: str, *speeds: Speed) -> None:
    for speed in speeds:
        figures = (f"{speed.per_second:,.0f}", f"{speed.p50_ms:.2f}", f"{speed.p99_ms:.2f}")
        table.add_row(name, callers, *figures)


def _lease(call: str, extension: str) -> Lease:
    return Lease(
        site="office",
        call=call,
        number="+390612345678",
        extension=extension,
        country="IT",
        category="international",
        channel=f"PJSIP/{extension}-0000002a",
        node="127.0.0.1",
        rule="abroad",
        reference="4711",
        seconds=1800,
        since=NOW,
        expires=NOW + 1860,
        holds=(
            Hold("two-at-a-time", extension, 1_000),
            Hold("eight-abroad", "office", 1_000_000, shadow=True),
            Hold("to-one-country", "IT", 1_000_000),
        ),
    )


async def _fill(file: Path) -> None:
    store = open_store(file, most_waiting=PHONES)
    await asyncio.gather(*(store.take(_lease(f"old-{n}", f"{n}"), NOW) for n in range(LIVE)))
    phones = [Enrolment(f"{n}", "hash" * 25, b"sealed" * 20) for n in range(PHONES)]
    await asyncio.gather(*(store.enrol("office", phone) for phone in phones))
    await store.close()


async def _take_and_release(store: SQLiteStore, call: str) -> None:
    await store.take(_lease(call, call[-3:]), NOW)
    await store.release("office", call, "+390612345678", "127.0.0.1", NOW)


async def _known(store: SQLiteStore, call: str) -> None:
    await store.known(
        "office", call[-3:], "10.0.0.5", "IT", call, "+390612345678", "127.0.0.1", NOW
    )


OPERATIONS = {"take + release": _take_and_release, "known": _known}


async def _measure(
    file: Path, once: Callable[[SQLiteStore, str], Awaitable[None]], callers: int, name: str = "c"
) -> Speed:
    """Let so many callers ask, one question after another each."""
    store = open_store(file)
    took_s: list[float] = []
    began = time.perf_counter()

    async def caller(number: int) -> None:
        asked = 0
        while time.perf_counter() - began < SECONDS:
            asked += 1
            start = time.perf_counter()
            await once(store, f"{name}-{number}-{asked:03}")
            took_s.append(time.perf_counter() - start)

    await asyncio.gather(*(caller(number) for number in range(callers)))
    total_s = time.perf_counter() - began
    await store.close()
    return Speed(len(took_s) / total_s, median(took_s) * 1e3, quantiles(took_s, n=100)[98] * 1e3)


def _race(file: Path, operation: str) -> list[Speed]:
    """Measure in two processes at the same time."""
    command = [sys.executable, "-m", "benchmarks.store", str(file), operation]
    racing = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in "ab"
    ]
    written = [process.communicate()[0] for process in racing]
    return [Speed(*map(float, line.split())) for line in written]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        path, named, process = sys.argv[1:]
        seen = uvloop.run(_measure(Path(path), OPERATIONS[named], 32, process))
        print(seen.per_second, seen.p50_ms, seen.p99_ms)
    else:
        main()
