"""Gate, store and Asterisk itself are killed at random under real calls; nobody else's call ends.

The long run, 20 minutes: `DIALGUARD_CHAOS_CALLS=10000 pytest -s tests/e2e/test_chaos.py`.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.daemon.keys import make_keys
from tests.e2e.rig.asterisk import Asterisk
from tests.e2e.rig.phone import Outcome, Phone
from tests.e2e.rig.roots import RECIPES
from tests.e2e.rig.service import Service
from tests.e2e.rig.trunk import trunk_of
from tests.e2e.rig.waiting import until
from tests.servers.alone import Durable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.rig.phone import Call
    from tests.e2e.rig.sipp import Message

NATIONAL = "902079460123"
CALLS: Final = int(os.environ.get("DIALGUARD_CHAOS_CALLS", "200"))
PHONES: Final = ("101", "102", "103", "104", "105", "106")
PER_S: Final = 8.0
EVERY_S: Final = (2.0, 4.0)
HEALED_S: Final = 90.0
"""In which all is free again: what nobody released, the watcher finds when it next lists calls,
each minute; and before that the store and Asterisk have to be back."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Durable]:
    """The store."""
    server = Durable(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def exchange() -> Iterator[Asterisk]:
    """An Asterisk of this test's own, as it will be killed."""
    with Asterisk(next(iter(RECIPES)), globals_={"DIALGUARD_NODE": "chaos"}) as asterisk:
        yield asterisk


@pytest.fixture
def gate(exchange: Asterisk, redis: Durable) -> Iterator[Service]:
    """A gate of two workers that watches it."""
    folder = exchange.root.scratch("chaos")
    make_keys(folder / "keys")
    service = Service(folder, exchange.ports.agi, store=redis.url)
    settings = folder / "dialguard.toml"
    service.watch(exchange.ports.ami)
    settings.write_text(
        settings.read_text()
        .replace("[agi]\n", "[agi]\nworkers = 2\n")
        .replace("[ami]\n", '[ami]\nnode = "chaos"\n')
    )
    with service:
        until(lambda: "ami-linked" in service.log)
        yield service


def _call(exchange: Asterisk, chance: random.Random) -> list[Call]:
    """Have six phones call, over and over, each for a time of its own."""
    share = len(PHONES)
    return [
        Phone(exchange, each).call(
            NATIONAL,
            talk_s=round(chance.uniform(0.3, 2.5), 2),
            patience_s=8,
            times=CALLS // share,
            per_s=PER_S / share,
        )
        for each in PHONES
    ]


def _kill_for(
    seconds: float, exchange: Asterisk, gate: Service, redis: Durable, chance: random.Random
) -> Counter[str]:
    """Kill something every few seconds; store and Asterisk are started again at once."""
    killed: Counter[str] = Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(chance.uniform(*EVERY_S))
        victim = ("worker", "store", "worker", "asterisk")[killed.total() % 4]
        if victim == "worker":
            _kill_worker(gate, chance)
        elif victim == "store":
            redis.node.kill()
            redis.node.start()
        else:
            exchange.kill()
            exchange.start()
        killed[victim] += 1
    return killed


def _kill_worker(gate: Service, chance: random.Random) -> None:
    """Kill one of the gate's workers, once there is one: it may be starting the last one anew."""
    until(lambda: len(gate.processes) > 1)
    with contextlib.suppress(ProcessLookupError):
        # Never a 0 in its place, which would mean this whole group of processes.
        os.kill(chance.choice(gate.processes[1:]), signal.SIGKILL)


def _outcomes(calls: list[Call]) -> list[Outcome]:
    """Wait until nobody calls any more, and return how each call went."""
    by_call: dict[str, list[Message]] = {}
    for each in calls:
        for message in each.outcome().messages:
            by_call.setdefault(message.header("Call-ID"), []).append(message)
    return [Outcome(tuple(messages)) for messages in by_call.values()]


@pytest.mark.timeout(3600)
def test_whatever_is_killed_calls_go_on_and_nothing_stays_held(
    exchange: Asterisk, gate: Service, redis: Durable
) -> None:
    """No lease is left, and no call was hung up on: what died with Asterisk died of that alone."""
    chance = random.Random(7)  # noqa: S311 - which is killed when, not a secret
    with trunk_of(exchange) as trunk:
        calls = _call(exchange, chance)
        killed = _kill_for(CALLS / PER_S, exchange, gate, redis, chance)
        outcomes = _outcomes(calls)
        reached = len(trunk.calls)
    # Phones that gave up on an Asterisk that was away left calls up, and nobody to end them.
    exchange.cli("channel request hangup all")
    began = time.monotonic()
    left = len(gate.slots)
    until(lambda: gate.slots == [], HEALED_S)
    healed_s = time.monotonic() - began
    answered = [each for each in outcomes if each.answered]
    statuses = Counter(each.status for each in outcomes)
    print(
        f"{len(outcomes)} calls, {statuses}, {reached} at the trunk, killed {dict(killed)}, "
        f"{left} leases left, healed in {healed_s:.1f} s"
    )
    assert len(outcomes) >= CALLS * 0.95
    assert len(answered) > CALLS / 10
    assert min(killed[each] for each in ("worker", "store", "asterisk")) >= 1
    assert [each for each in answered if each.ended_by_asterisk] == []
    exchange.wait_idle()
