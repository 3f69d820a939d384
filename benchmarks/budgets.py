"""What a call costs that is charged to three budgets, with ten charges in each and with 10,000.

A call is taken and released, by one caller after another and by 32 at once, in each kind of store:
a file on the disk of `TMPDIR`, every commit synced; and a Redis on this machine. The four runs of
a kind take turns, so that whatever else the machine does falls on all of them.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

import uvloop
from rich.console import Console
from rich.table import Table

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Charge, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.store import Taken
from tests.contract.store_kinds import ALL_KINDS, SITE, a_lease

if TYPE_CHECKING:
    from fastagi.stores.store import Lease, Store

CHARGES = (10, 10_000)
AT_ONCE = (1, 32)
TURNS = 6
SECONDS = 0.5
"""Of each turn."""

NOW = 1_000_000.0
DAY_S = 86_400


def main() -> None:
    """Print the table."""
    table = Table(
        "store", "charges in each budget", "callers at once", "a second", "p50 ms", "p99 ms"
    )
    for kind in ALL_KINDS:
        if kind.name in ("sqlite", "redis"):
            with tempfile.TemporaryDirectory() as folder:
                for (charges, callers), took_s in uvloop.run(_all(kind.url(Path(folder)))).items():
                    figures = (median(took_s) * 1e3, quantiles(took_s, n=100)[98] * 1e3)
                    a_second = f"{len(took_s) / TURNS / SECONDS:,.0f}"
                    shown = [f"{each:.2f}" for each in figures]
                    table.add_row(kind.name, f"{charges:,}", f"{callers}", a_second, *shown)
    Console().print(table)


async def _all(url: str) -> dict[tuple[int, int], list[float]]:
    """Return how long each call took, by how many charges there are and how many call at once."""
    store = open_store(url)
    for charges in CHARGES:
        await _fill(store, charges)
    took_s: dict[tuple[int, int], list[float]] = defaultdict(list)
    for turn in range(TURNS):
        for charges in CHARGES:
            for callers in AT_ONCE:
                took_s[charges, callers] += await _measure(store, charges, callers, turn)
    await store.close()
    return took_s


def _budgets(charges: int) -> tuple[Budget, ...]:
    """Return the budgets, of a key that has so many charges."""
    return tuple(
        Budget(f"limit-{unit}", f"{charges}", unit, 2**50, DAY_S, item=f"{0:016x}")
        for unit in (Unit.SPEND, Unit.SECONDS, Unit.NUMBERS)
    )


async def _fill(store: Store, charges: int) -> None:
    for budget in _budgets(charges):
        for begin in range(0, charges, 100):
            some = range(begin, min(begin + 100, charges))
            await asyncio.gather(
                *(
                    store.put_charge(
                        SITE,
                        Charge(
                            *(*budget.window, f"{number:016x}", 60, NOW + 1 + number),
                            within_s=DAY_S,
                            most=budget.most,
                        ),
                    )
                    for number in some
                )
            )


def _lease(call: str, charges: int) -> Lease:
    lease = replace(a_lease(call, since=NOW, expires=NOW + 660), seconds=600)
    return replace(lease, budgets=_budgets(charges), tariff=Tariff(60, 1_200_000, 60, 1_200_000))


async def _measure(store: Store, charges: int, callers: int, turn: int) -> list[float]:
    """Let so many callers take and release, one call after another each."""
    took_s: list[float] = []
    began = time.perf_counter()

    async def caller(number: int) -> None:
        count = 0
        while time.perf_counter() - began < SECONDS:
            count += 1
            lease = _lease(f"{turn}-{callers}-{number}-{count}", charges)
            start = time.perf_counter()
            assert isinstance(await store.take(lease, NOW), Taken)
            # Nobody answered: there are as many charges after it as before.
            await store.release(SITE, lease.call, lease.number, lease.node, NOW, 0)
            took_s.append(time.perf_counter() - start)

    await asyncio.gather(*(caller(number) for number in range(callers)))
    return took_s


if __name__ == "__main__":
    main()
