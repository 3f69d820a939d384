"""Evidence at one moment, at several gates: the book of attacks loses none of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.attacks import book
from fastagi.attacks.book import Did
from fastagi.signs.sign import Evidence, Per, Sign

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.stores.store import Store

NOW = 1_796_040_000.0
SEEN = Evidence(
    *("office", "scan", Sign.ENUMERATION, Per.ADDRESS, "203.0.113.7", "", "203.0.113.7"),
    count=10,
    within_s=1.0,
    addresses=1,
    proven=True,
    at=NOW,
)


async def _at_work(*gates: Store) -> list[Store]:
    """Have each ask once, as a worker does: a Cluster's nodes are looked for at the first."""
    for each in gates:
        await each.ready()
    return [*gates]


async def test_two_gates_write_one_entry(shared_url: str, opened: Callable[[str], Store]) -> None:
    """Of the same address, at the same moment: every count, account and deed is in it."""
    gates = await _at_work(opened(shared_url), opened(shared_url))
    async with asyncio.TaskGroup() as tasks:
        for n in range(12):
            seen = replace(SEEN, count=n, account=f"{n}")
            did = ["told" if n % 2 else "banned"]
            tasks.create_task(book.note(gates[n % 2], seen, did, NOW))
    (found,) = await book.every(gates[0], "office", 0, NOW)
    assert (found.count, found.times) == (11, 12)
    assert set(found.accounts) == {f"{n}" for n in range(12)}
    assert found.did == {Did.TOLD, Did.BANNED}


async def test_two_gates_fill_one_page(shared_url: str, opened: Callable[[str], Store]) -> None:
    """Never more entries than there are places, and what has none is counted."""
    gates = await _at_work(opened(shared_url), opened(shared_url))
    many, at_once = book.MOST + 10, asyncio.Semaphore(10)

    async def noted(n: int) -> None:
        async with at_once:
            await book.note(gates[n % 2], replace(SEEN, name=f"{n}"), [], NOW)

    async with asyncio.TaskGroup() as tasks:
        for n in range(many):
            tasks.create_task(noted(n))
    found = await book.every(gates[1], "office", 0, NOW)
    assert len(found) == book.MOST + 1
    assert sum(each.others for each in found) == 10
