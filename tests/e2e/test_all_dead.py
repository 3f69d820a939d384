"""Two hundred calls that cost money are up, and everything that counts it is killed under them.

Gate, watcher and store die at one random moment, and with them the link to Asterisk, which alone
is left. What each call had reserved by then the store says, once it is back.
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.daemon.keys import make_keys
from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Unit
from fastagi.stores.opening import open_store
from tests.e2e.rig.asterisk import Asterisk
from tests.e2e.rig.phone import Phone
from tests.e2e.rig.roots import RECIPES
from tests.e2e.rig.service import POLICY, Service
from tests.e2e.rig.trunk import FarEnd, trunk_of
from tests.e2e.rig.waiting import until
from tests.servers.alone import Durable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.stores.store import Lease
    from tests.e2e.rig.phone import Call

CALLS: Final = 200
PHONES: Final = ("101", "102", "103", "104", "105", "106", "107", "108")
PER_S: Final = 10.0
SLICE_S: Final = 16
CENT: Final = 10_000
"""What a second costs."""

RATES: Final = "prefix,price_per_minute,connect_fee,first_seconds,next_seconds\n44,0.60,0,1,1\n"
LONGEST_S: Final = 60
"""Of a call: so much is reserved where the watcher is late, and nobody would see to slices."""

BUDGET: Final = f"""
[rates]
file = "rates.csv"
currency = "GBP"

[[limit]]
name = "a-day"
per = "extension"
spend = "9.00"
within = "24h"

[[limit]]
name = "not-for-long"
duration = "{LONGEST_S}s"
"""
"""Slices for all calls of a phone, and second ones for most: some end with their money."""

LATE_S: Final = 0.5
"""How late a BYE may reach the far end, where two cores do all of this."""

TARIFF: Final = Tariff(1, CENT, 1, CENT)
NODE: Final = "all-dead"


@dataclass(frozen=True)
class Leg:
    """A leg to the trunk, as its far end saw it.

    Attributes:
        answered: In seconds since the epoch.
        ended: Likewise; None while it is up.
    """

    number: str
    answered: float
    ended: float | None


@pytest.fixture
def exchange() -> Iterator[Asterisk]:
    """An Asterisk of this test's own, whose gate will not come back."""
    node = {"DIALGUARD_NODE": NODE}
    with Asterisk(next(iter(RECIPES)), globals_=node, calls=2 * CALLS) as asterisk:
        yield asterisk


@pytest.fixture(params=["redis", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Durable | None]:
    """A Redis that can be killed; or none, where the store is a file of the gate's."""
    server = Durable(tmp_path / "redis") if request.param == "redis" else None
    if server is not None:
        server.start()
    yield server
    if server is not None:
        server.stop()


@pytest.fixture
def gate(exchange: Asterisk, store: Durable | None) -> Iterator[Service]:
    """A gate of two workers, that pays for calls slice by slice."""
    folder = exchange.root.scratch(f"all-dead-{'sqlite' if store is None else 'redis'}")
    (folder / "rates.csv").write_text(RATES)
    policy = POLICY.replace("calls = 2", f"calls = {CALLS}") + BUDGET
    service = Service(folder, exchange.ports.agi, policy, store="" if store is None else store.url)
    make_keys(folder / "keys")
    service.watch(exchange.ports.ami)
    settings = folder / "dialguard.toml"
    settings.write_text(
        settings.read_text()
        .replace("[agi]\n", "[agi]\nworkers = 2\n")
        .replace("[ami]\n", f'[ami]\nnode = "{NODE}"\nslice_s = {SLICE_S}\n')
    )
    with service:
        until(lambda: "calls-looked-after" in service.log)
        yield service


def _call(exchange: Asterisk) -> list[Call]:
    """Have all phones call at once, each number once, and talk for as long as they may."""
    each = CALLS // len(PHONES)
    numbers = [f"902079460{number:03}" for number in range(CALLS)]
    return [
        Phone(exchange, phone).call(
            numbers[at * each : (at + 1) * each], talk_s=120, per_s=PER_S / len(PHONES)
        )
        for at, phone in enumerate(PHONES)
    ]


def _kill_all(gate: Service, store: Durable | None, chance: random.Random) -> None:
    """Kill every process, in any order and without a pause."""
    processes = gate.processes
    if store is not None:
        assert store.node.process is not None
        processes.append(store.node.process.pid)
    chance.shuffle(processes)
    for process in processes:
        os.kill(process, signal.SIGKILL)
    gate.kill()
    if store is not None:
        store.node.kill()


def _legs(trunk: FarEnd) -> list[Leg]:
    """Return all legs that were answered."""
    numbers, answered, ended = dict[str, str](), dict[str, float](), dict[str, float]()
    for message in trunk.messages:
        leg = message.header("Call-ID")
        if message.method == "INVITE":
            numbers.setdefault(leg, message.user)
        elif message.status == 200 and message.cseq_method == "INVITE":
            answered.setdefault(leg, message.at)
        elif message.method == "BYE":
            ended.setdefault(leg, message.at)
    return [Leg(numbers[leg], at, ended.get(leg)) for leg, at in answered.items()]


async def _leases(url: str, at: float) -> dict[str, Lease]:
    """Return what the store keeps, by number."""
    opened = open_store(url)
    try:
        return {lease.number: lease for lease in await opened.live(None, at)}
    finally:
        await opened.close()


def _paid_s(lease: Lease) -> int:
    """Return for how many seconds money is reserved."""
    assert Unit.SPEND in {budget.unit for budget in lease.budgets}
    assert lease.tariff == TARIFF
    return lease.seconds


@pytest.mark.timeout(300)
def test_no_leg_outlives_its_money_where_everything_is_dead(
    exchange: Asterisk, gate: Service, store: Durable | None
) -> None:
    """No more is talked than was paid for, but for what a busy Asterisk is late with its BYE."""
    seed = random.SystemRandom().randrange(1000)
    chance = random.Random(seed)  # noqa: S311 - when, not a secret
    with trunk_of(exchange, ring_s=0.5, talk_s=300) as trunk:
        calls = _call(exchange)
        time.sleep(CALLS / PER_S + 2 + chance.uniform(0, SLICE_S))  # all are up by then
        _kill_all(gate, store, chance)
        killed_at = time.time()
        up = [leg for leg in _legs(trunk) if leg.ended is None]
        until(lambda: all(leg.ended is not None for leg in _legs(trunk)), 1.5 * LONGEST_S)
        ended = {leg.number: leg for leg in _legs(trunk)}
        for call in calls:
            call.sipp.stop()
    assert len(up) > CALLS / 2
    exchange.give_up_releases()
    if store is not None:
        store.node.start()
    url = f"sqlite://{gate.folder}/store/dialguard.db" if store is None else store.url
    leases = asyncio.run(_leases(url, killed_at))
    over_s = [
        (ended[leg.number].ended or math.inf) - leg.answered - _paid_s(leases[leg.number])
        for leg in up
    ]
    slices = sorted({leases[leg.number].seconds for leg in up})
    print(
        f"seed {seed}: {len(up)} of {CALLS} up as all was killed, {slices[0]} to {slices[-1]} s "
        f"reserved; they ended {-max(over_s):.2f} to {-min(over_s):.2f} s before that was talked"
    )
    assert max(over_s) < LATE_S
