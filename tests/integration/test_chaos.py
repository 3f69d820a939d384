"""Workers and the store are killed at random under calls; afterwards nobody holds anything.

The long run: `DIALGUARD_CHAOS_CALLS=10000 pytest -s tests/integration/test_chaos.py`. Pretend
phones do what the dialplan does: they ask for a release until somebody says that it is done, of a
refused call too if the refusal does not name it. It is slow as what was killed takes a second or
two to be back, and calls wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.call.channel import Argument, Script
from fastagi.cli.pretend_asterisk import Call, Leg
from fastagi.daemon.keys import make_keys
from fastagi.errors import DialguardError
from fastagi.stores.opening import open_store
from tests.e2e.rig.waiting import until
from tests.integration.running import NATIONAL, Service, prepare
from tests.servers.alone import Durable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fastagi.cli.handset import Handset

CALLS: Final = int(os.environ.get("DIALGUARD_CHAOS_CALLS", "400"))
PHONES: Final = 12
EVERY_S: Final = (0.2, 1.2)
HEALED_S: Final = 60.0
"""In which all is free again: a store is back in seconds, and releases are asked for again."""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Durable]:
    """The store that both gates share."""
    server = Durable(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def gates(redis: Durable, tmp_path: Path) -> Iterator[list[Service]]:
    """Two gates of two workers each."""
    make_keys(tmp_path / "keys")
    started = []
    try:
        for name in ("one", "other"):
            folder = tmp_path / name
            folder.mkdir()
            port = prepare(folder, workers=2)
            file = folder / "dialguard.toml"
            file.write_text(
                file.read_text()
                .replace("sqlite://dialguard.db", redis.url)
                .replace('"keys"', f'"{tmp_path}/keys"')
            )
            started.append(Service(folder, port).start())
            started[-1].ready(2)
        yield started
    finally:
        for each in started:
            each.stop()


class Phones:
    """Phones that call, talk a moment, and hang up; each call of an Asterisk of its own."""

    def __init__(self, gates: list[Service], chance: random.Random) -> None:
        self.gates = gates
        self.chance = chance
        self.verdicts: Counter[str] = Counter()
        self.held: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self._lock = threading.Lock()

    def call(self, number: int) -> None:
        """Make one call, to its very end."""
        gate = self.chance.choice(self.gates)
        extension = f"1{self.chance.randrange(1, 7):02}"
        leg = Leg(extension, NATIONAL, f"chaos-{number}.1", "127.0.0.1")
        line = gate.handset(extension, NATIONAL)
        line = type(line)(line.address, leg, "", line.more)
        said, heard = _dial(line)
        if said == "ALLOW":
            with self._lock:
                self.held[extension] += 1
                self.most[extension] = max(self.most[extension], self.held[extension])
        time.sleep(self.chance.uniform(0.1, 0.4))  # talks, or wonders and dials again
        if said == "ALLOW":
            with self._lock:
                self.held[extension] -= 1
        with self._lock:
            self.verdicts[said] += 1
        if said == "ALLOW" or not heard:
            until(lambda: _is_released(line), HEALED_S)


def _dial(line: Handset) -> tuple[str, bool]:
    """Return the verdict, and whether it was said of this call: else it may hold something."""
    call = Call(hear=lambda _: None, key=lambda _: "")
    with contextlib.suppress(DialguardError):
        line.dial(call)
    verdict = call.variables.get("GUARD_VERDICT", "nothing")
    return verdict, call.variables.get("GUARD_CALL") == line.leg.uniqueid


def _is_released(line: Handset) -> bool:
    """Ask for the release, as the dialplan does, and say whether it is done."""
    told = Call(hear=lambda _: None, key=lambda _: "")
    with contextlib.suppress(DialguardError):
        line._ask(Script.RELEASE, {Argument.CALL: line.leg.uniqueid}, told)
    return told.variables.get("GUARD_RELEASED") == "yes"


def _kill_now_and_then(
    calls: list[Future[None]], gates: list[Service], redis: Durable, chance: random.Random
) -> Counter[str]:
    """Kill a worker, or the store, which is started again at once, while there are calls.

    On the thread that stays: a server ends with the thread that started it.
    """
    killed: Counter[str] = Counter()
    while wait(calls, chance.uniform(*EVERY_S)).not_done:
        if killed.total() % 3 == 1:
            redis.node.kill()
            redis.node.start()
            killed["store"] += 1
            continue
        workers = chance.choice(gates).workers
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(workers[-2:]), signal.SIGKILL)
            killed["worker"] += 1
    return killed


@pytest.mark.timeout(3600)
def test_whatever_is_killed_nothing_stays_held(gates: list[Service], redis: Durable) -> None:
    """No lease is left, no extension had more than its two calls, and calls were let through."""
    chance = random.Random(4)  # noqa: S311 - which is killed when, not a secret
    phones = Phones(gates, chance)
    with ThreadPoolExecutor(PHONES) as pool:
        calls = [pool.submit(phones.call, number) for number in range(CALLS)]
        killed = _kill_now_and_then(calls, gates, redis, chance)
    for call in calls:
        call.result()
    began = time.monotonic()
    left = _held(redis)
    until(lambda: _held(redis) == [], HEALED_S)
    healed_s = time.monotonic() - began
    print(f"{phones.verdicts}, killed {killed}, {len(left)} left, healed in {healed_s:.1f} s")
    assert phones.verdicts["ALLOW"] > CALLS / 10
    assert killed["worker"] > 0 < killed["store"]
    assert max(phones.most.values()) <= 2
    assert {line["event"] for gate in gates for line in gate.log} & {"worker-died"}


def _held(redis: Durable) -> list[str]:
    """Return the calls that hold a lease, as the store itself has them."""

    async def ask() -> list[str]:
        store = open_store(redis.url)
        try:
            return [each.call for each in await store.live(None, time.time())]
        finally:
            await store.close()

    return asyncio.run(ask())
