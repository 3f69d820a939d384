"""Money that several processes race for: no budget is exceeded by a unit, and none is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.budgets import Level, Unit
from fastagi.stores.opening import open_store
from tests.contract.store_budget_race import (
    LEASE,
    SPEND,
    TARIFF,
    Step,
    left_over,
    most_spent,
    race,
)
from tests.contract.store_budget_victim import MANY
from tests.contract.store_clerk import Clerk, MortalClerk
from tests.contract.store_conservation import run, run_with_crashes
from tests.contract.store_kinds import KINDS, SHARED, SITE, Kind
from tests.contract.store_ledger import Ledger, UnbalancedError
from tests.servers.alone import Alone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from fastagi.stores.store import Lease, Store

# redis-py lets go of a connection to a dead server without closing it.
letting_go = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
CRASHING = [kind.name for kind in KINDS if kind.name in ("sqlite", "redis")]

PROCESSES = 4
ROUNDS = 8
CALLS = 150


@pytest.fixture(params=[kind for kind in SHARED if not kind.is_costly], ids=lambda kind: kind.name)
def racing_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new store that several processes can open; of kinds whose steps are unlike."""
    assert isinstance(request.param, Kind)
    return request.param.url(tmp_path)


def test_racing_processes_never_spend_a_unit_too_much(racing_url: str) -> None:
    """At no moment, as far as they can tell; and the store has, in the end, what they left."""
    history = race(racing_url, processes=PROCESSES, rounds=ROUNDS)
    most = most_spent(history)
    # It came to more than half for sure; how much more they cannot tell to the unit.
    assert SPEND.most / 2 < most <= SPEND.most
    # It was a race; who came last may have found nothing left.
    assert len({step.call.partition("-")[0] for step in history}) > 1
    live, levels = asyncio.run(_seen(racing_url))
    least, at_most = left_over(history)
    # Where all of it was given back, no window holds anything.
    assert least <= sum(each.used for each in levels) <= min(at_most, SPEND.most)
    assert sum(each.reserved for each in levels) == sum(TARIFF.cost(each.seconds) for each in live)


def test_the_checker_finds_a_unit_too_much() -> None:
    """What a call has counts from its answer on, and what it gives back from when it is asked."""
    history = [Step(0, 1, "a", 60, 60), Step(0, 2, "b", 40, 40)]
    assert most_spent(history) == 100
    given_back = [*history, Step(3, 5, "a", 10, 10), Step(3, 4, "c", 50, 50)]
    assert most_spent(given_back) == 100
    assert most_spent([*history, Step(4, 5, "a", 10, 10), Step(2, 3, "c", 1, 1)]) == 101
    assert left_over([*given_back, Step(9, 9, "d", 0, 7)]) == (100, 107)


@pytest.fixture(params=[kind for kind in KINDS if not kind.is_costly], ids=lambda kind: kind.name)
async def unlike(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A new store of each kind whose steps are unlike."""
    assert isinstance(request.param, Kind)
    opened = open_store(request.param.url(tmp_path))
    yield opened
    await opened.close()


async def test_no_unit_is_lost_or_made(unlike: Store) -> None:
    """In random calls, some of which nobody hears of again; by the command that runs more."""
    ledger = await run(Clerk(unlike), CALLS, seed=2)
    fates = ledger.fates
    assert fates["let through"] + fates["refused"] >= CALLS
    assert fates["released"] + fates["never heard of"] == fates["let through"]
    assert min(fates.values()) > 0
    assert set(ledger.reserved) == {Unit.SPEND, Unit.SECONDS, Unit.SHORT}
    for unit, reserved in ledger.reserved.items():
        assert reserved == ledger.settled[unit] + ledger.returned[unit]
        assert ledger.returned[unit] > 0


async def test_a_unit_that_is_lost_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """As by a store that forgets to give one back."""
    store = open_store("sqlite://:memory:")
    really = store.release

    async def release(
        site: str,
        call: str,
        number: str | None,
        node: str | None,
        now: float,
        talked_s: int | None = None,
    ) -> int:
        longer_s = talked_s if talked_s is None else talked_s + 1
        return await really(site, call, number, node, now, longer_s)

    monkeypatch.setattr(store, "release", release)
    with pytest.raises(UnbalancedError):
        await run(Clerk(store), CALLS, seed=2)
    await store.close()


@letting_go
@pytest.mark.parametrize("kind", CRASHING)
def test_no_unit_is_lost_or_made_by_a_crash(kind: str, tmp_path: Path) -> None:
    """The process that asks is killed over and over, and the server; a file has none."""
    ledger, killed = asyncio.run(run_with_crashes(kind, tmp_path, 2 * CALLS, seed=2, every=6))
    assert set(killed) == ({"client"} if kind == "sqlite" else {"client", "server"})
    assert ledger.fates["of those in doubt, not done"] > 0
    for unit, reserved in ledger.reserved.items():
        assert reserved == ledger.settled[unit] + ledger.returned[unit]


@letting_go
def test_what_a_crash_loses_is_found_out(tmp_path: Path) -> None:
    """As by a server that keeps all in memory, and says that it is done."""
    server = Alone(tmp_path / "forgetful")
    server.start()

    async def all_calls() -> None:
        clerk = MortalClerk(url=server.url, every=3, server=server)
        try:
            await run(clerk, CALLS, seed=2)
        finally:
            await clerk.close()

    try:
        with pytest.raises(UnbalancedError):
            asyncio.run(all_calls())
    finally:
        server.stop()


def test_a_ledger_knows_what_it_was_told() -> None:
    """And nothing of a call that was refused."""
    ledger = Ledger()
    ledger.take(LEASE)
    cost = TARIFF.cost(LEASE.seconds)
    level = Level(*SPEND.window, cost, SPEND.most, cost)
    assert ledger.levels() == [level]
    ledger.check([level], [LEASE])
    with pytest.raises(UnbalancedError):
        ledger.check_sums()
    ledger.settle(LEASE.call, 10.0, 0)
    assert ledger.levels() == []
    assert ledger.returned == Counter({Unit.SPEND: cost})
    ledger.check_sums()


def test_a_ledger_misses_what_is_not_there() -> None:
    """A level, or a lease; and a unit above a budget is one too many."""
    ledger = Ledger()
    ledger.take(LEASE)
    for levels, live in ([], [LEASE]), (ledger.levels(), []):
        with pytest.raises(UnbalancedError):
            ledger.check(levels, live)
    with pytest.raises(UnbalancedError):
        ledger.check(ledger.levels(), [replace(LEASE, seconds=LEASE.seconds + 1)])
    ledger.most[SPEND.window] = TARIFF.cost(LEASE.seconds) - 1
    with pytest.raises(UnbalancedError):
        ledger.check(ledger.levels(), [LEASE])


@pytest.mark.parametrize("told", [1, 60])
def test_what_a_killed_process_reserved_stays_reserved(racing_url: str, told: int) -> None:
    """Of each call all or nothing: it has its lease and all its charges, or neither."""
    acknowledged = _killed_after(racing_url, told)
    live, levels = asyncio.run(_seen(racing_url))
    seconds = {each.call: each.seconds for each in live}
    for call, acknowledged_s in acknowledged:  # what was asked after that may have been done, too
        assert seconds[call] >= acknowledged_s
    assert all(len(each.budgets) == 3 for each in live)
    spend = sum(TARIFF.cost(each) for each in seconds.values())
    assert levels == [
        Level("raced", "101", Unit.ATTEMPTS, len(live), MANY),
        Level("raced", "101", Unit.SECONDS, sum(seconds.values()), MANY, sum(seconds.values())),
        Level("raced", "101", Unit.SPEND, spend, MANY, spend),
    ]


def _killed_after(url: str, told: int) -> list[tuple[str, int]]:
    """Kill a process whose calls reserve, in the midst of it; return what it was told of each."""
    victim = subprocess.Popen(
        [sys.executable, "-m", "tests.contract.store_budget_victim", url],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert victim.stdout is not None
    lines = [victim.stdout.readline() for _ in range(told)]
    victim.kill()
    lines += [line for line in victim.stdout if line.endswith("\n")]
    victim.wait()
    victim.stdout.close()
    return [(call, int(seconds)) for call, seconds in (line.split() for line in lines)]


async def _seen(url: str) -> tuple[Sequence[Lease], Sequence[Level]]:
    """Return the live leases of a store, and all levels."""
    store = open_store(url)
    try:
        return await store.live(SITE, 0.0), await store.spent(SITE, 0.0)
    finally:
        await store.close()
