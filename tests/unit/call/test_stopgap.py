"""The local store: one cap for all sites, and limits that each site has for itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.call.stopgap import AT_ONCE, CAP, GATE, Stopgap
from fastagi.stores.budgets import Budget, Level, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.store import Full, Hold, Note, Taken
from tests.contract.store_kinds import a_lease

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ONE = Hold("one", "a/b", 1)
"""Of a key with a slash in it, as an extension may be named."""


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Stopgap]:
    """Return a local store for two calls."""
    store = open_store("sqlite://:memory:")
    yield Stopgap(store, 2, tmp_path / "used")
    await store.close()


async def test_a_lease_is_given_back_as_it_was(local: Stopgap) -> None:
    """Site, names and slots; without that of the cap."""
    lease = a_lease("1.1", ONE)
    assert await local.take(lease, 0.0) == Taken(lease, fresh=True)
    assert await local.live(0.0) == [lease]
    assert await local.take(replace(lease, holds=()), 1.0) == Taken(
        replace(lease, holds=()), fresh=False
    )


async def test_all_sites_have_one_cap(local: Stopgap) -> None:
    """And each its own limits, although they are named alike."""
    for site in ("a", "b"):
        assert isinstance(await local.take(a_lease("1.1", ONE, site=site), 0.0), Taken)
    assert await local.take(a_lease("1.1", site="c"), 0.0) == Full(CAP, "")
    assert await local.release("b", "1.1", None, None, 0.0) == 1
    full = await local.take(a_lease("1.2", ONE, site="a"), 0.0)
    assert isinstance(full, Full)
    assert full.limit == "one"


async def test_a_crowd_of_one_site_keeps_another_waiting_for_one_turn(local: Stopgap) -> None:
    """While the store is away a flood is a thief's best friend."""
    done: list[str] = []

    async def take(call: str, site: str) -> None:
        await local.take(a_lease(call, ONE, site=site), 0.0)
        done.append(site)

    crowd = [asyncio.create_task(take(f"1.{at}", "loud")) for at in range(50 * AT_ONCE)]
    await asyncio.sleep(0)  # all of them stand in line
    await take("1.1", "quiet")
    before = done.index("quiet")
    await asyncio.gather(*crowd)
    assert before <= 3 * AT_ONCE


async def test_it_is_not_asked_before_it_is_used(local: Stopgap) -> None:
    """A release costs nothing where the store was never away."""
    await local.store.close()  # so that it could not answer
    assert await local.live(0.0) == ()
    assert await local.release("a", "1.1", None, None, 0.0) == 0
    assert not local.is_used


async def test_each_site_has_its_own_budgets(local: Stopgap) -> None:
    """And a lease is given back with those that it came with."""
    budget = Budget("a-day", "101", Unit.SECONDS, 600, 86_400)
    for site in ("a", "b"):
        lease = replace(a_lease("1.1", site=site), seconds=600, budgets=(budget,))
        assert await local.take(lease, 0.0) == Taken(lease, fresh=True, crossed=(ALL_OF_IT,))
        assert lease in await local.live(0.0)
    assert await local.release("b", "1.1", None, None, 0.0, 60) == 1
    again = replace(a_lease("1.2", site="b"), seconds=600, budgets=(budget,))
    taken = await local.take(again, 0.0)
    assert isinstance(taken, Taken)
    assert taken.lease.seconds == 540


async def test_a_lease_leaves_no_notes_here(local: Stopgap) -> None:
    """No other gate would read them."""
    lease = replace(a_lease("1.1"), notes=(Note("dialled", "x", "", 1e9),))
    assert await local.take(lease, 0.0) == Taken(a_lease("1.1"), fresh=True)
    assert await local.store.record_kinds(GATE) == []


ALL_OF_IT = Level("a-day", "101", Unit.SECONDS, 600, 600)


async def test_of_several_sites_one_has_half_of_the_calls(local: Stopgap) -> None:
    """What is left is others'; and a lease is given back without that, too."""
    shared = replace(local, calls=3, is_shared=lambda: True)
    lease = a_lease("1.1", site="a")
    assert await shared.take(lease, 0.0) == Taken(lease, fresh=True)
    assert isinstance(await shared.take(a_lease("1.2", site="a"), 0.0), Taken)
    full = await shared.take(a_lease("1.3", site="a"), 0.0)
    assert isinstance(full, Full)
    assert full.limit == CAP
    assert isinstance(await shared.take(a_lease("1.1", site="b"), 0.0), Taken)
    assert lease in await shared.live(0.0)
