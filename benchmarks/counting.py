"""What it costs to count, in microseconds: a decision, a step of the store, a scrape."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from prometheus_client import generate_latest
from rich.console import Console
from rich.table import Table

from fastagi.decision_log.record import Record
from fastagi.metrics import folder
from fastagi.metrics.metering import MeteredDecisions, metered_store
from fastagi.numbering.number import Category
from fastagi.policy.model import Reason, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.stores.store import Store

TIMES = 20_000
SCRAPES = 50

RECORD = Record(
    at=0.0,
    site="office",
    call="1.1",
    extension="101",
    verdict=Verdict.ALLOW,
    reason=Reason.ALLOWED,
    rule="at-home",
    reference="4711",
    category=Category.NATIONAL,
    waited_s=0.004,
)


class Nothing:
    """Takes a record, and a step, and does nothing."""

    def record(self, record: Record) -> None:
        """Forget it."""

    async def ready(self) -> None:
        """Do nothing."""


def main() -> None:
    """Print the table."""
    table = Table("what", "bare µs", "counted µs")
    with tempfile.TemporaryDirectory() as place, folder.opened(Path(place) / "metrics") as meters:
        bare, counted = Nothing(), MeteredDecisions(Nothing(), meters)
        table.add_row(
            "a decision",
            f"{_each(lambda: bare.record(RECORD)):.1f}",
            f"{_each(lambda: counted.record(RECORD)):.1f}",
        )
        store = metered_store(cast("Store", bare), meters)
        table.add_row(
            "a step of the store",
            f"{asyncio.run(_each_step(cast('Store', bare))):.1f}",
            f"{asyncio.run(_each_step(store)):.1f}",
        )
        registry = folder.registry_of(Path(place) / "metrics")
        scrape = _each(lambda: generate_latest(registry), SCRAPES)
        table.add_row("a scrape, of one worker", "–", f"{scrape:.0f}")
    Console().print(table)


def _each(work: Callable[[], object], times: int = TIMES) -> float:
    """Return what the work takes, in microseconds."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times * 1e6


async def _each_step(store: Store) -> float:
    began = time.perf_counter()
    for _ in range(TIMES):
        await store.ready()
    return (time.perf_counter() - began) / TIMES * 1e6


if __name__ == "__main__":
    main()
