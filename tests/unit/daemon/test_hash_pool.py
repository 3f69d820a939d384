"""The bounded pool of PIN checks."""

from __future__ import annotations

import asyncio
import os
import threading

import pytest

from fastagi.daemon.hash_pool import NICER, HashPool
from fastagi.errors import BusyError


@pytest.fixture
def gate() -> threading.Event:
    """Return what holds every check until it is opened."""
    return threading.Event()


async def test_a_check_runs_in_another_thread() -> None:
    """The event loop goes on turning meanwhile."""
    pool = HashPool(2, 0)
    loops_own = threading.get_ident()
    assert await pool.run(lambda: threading.get_ident() != loops_own, "office")
    pool.close()


async def test_the_newest_is_refused_when_all_places_are_taken(gate: threading.Event) -> None:
    """Who guesses in parallel is turned away; those who were first are served."""
    pool = HashPool(2, 1)
    served = [asyncio.ensure_future(pool.run(gate.wait, "office")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError, match="too many PINs"):
        await pool.run(gate.wait, "office")
    gate.set()
    assert await asyncio.gather(*served) == [True, True]
    assert await pool.run(lambda: True, "office")
    pool.close()


async def test_a_running_check_keeps_its_place_when_its_caller_hangs_up(
    gate: threading.Event,
) -> None:
    """Hanging up early buys no additional guesses."""
    pool = HashPool(2, 0)
    running = threading.Event()

    def check() -> bool:
        running.set()
        return gate.wait()

    guess = asyncio.ensure_future(pool.run(check, "office"))
    await asyncio.to_thread(running.wait)
    guess.cancel()
    with pytest.raises(BusyError):
        await pool.run(gate.wait, "office")
    gate.set()
    pool.close()


async def test_what_a_check_raises_arrives() -> None:
    """A broken hash is the caller's to handle."""
    pool = HashPool()

    def broken() -> bool:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await pool.run(broken, "office")
    pool.close()


@pytest.mark.parametrize(("workers", "at_once"), [(1, 2), (2, 1), (64, 1)])
async def test_all_workers_together_check_two_at_a_time(
    workers: int, at_once: int, gate: threading.Event
) -> None:
    """A machine with more workers has no more cores to spare; each checks one at least."""
    pool, running = HashPool(workers, 0), threading.Semaphore(0)

    def check() -> bool:
        running.release()
        return gate.wait()

    served = [asyncio.ensure_future(pool.run(check, "office")) for _ in range(at_once)]
    for _ in served:
        await asyncio.to_thread(running.acquire)
    with pytest.raises(BusyError):
        await pool.run(gate.wait, "office")
    gate.set()
    assert all(await asyncio.gather(*served))
    pool.close()


async def test_checks_yield_to_calls() -> None:
    """Voice goes first where the machine is busy; the event loop keeps its priority."""
    pool, ours = HashPool(), os.getpriority(os.PRIO_PROCESS, 0)
    theirs = await pool.run(lambda: os.getpriority(os.PRIO_PROCESS, 0), "office")
    assert theirs == min(19, ours + NICER)
    assert os.getpriority(os.PRIO_PROCESS, 0) == ours
    pool.close()


async def test_a_flood_at_one_site_keeps_another_waiting_for_one_check(
    gate: threading.Event,
) -> None:
    """It has its own refused, where there is no place left."""
    pool, order = HashPool(2, 2), []

    def noted(site: str) -> None:
        gate.wait()
        order.append(site)

    async def check(site: str) -> None:
        await pool.run(lambda: noted(site), site)

    flood = [asyncio.ensure_future(check("office")) for _ in range(3)]
    await asyncio.sleep(0)
    other = asyncio.ensure_future(check("hotel"))
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await flood[2]
    gate.set()
    await asyncio.gather(*flood[:2], other)
    assert order == ["office", "office", "hotel"] or order == ["office", "hotel", "office"]
    pool.close()
