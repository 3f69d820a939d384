"""Calls hear at once what is known; the service is asked beside them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.call.ports import Reports
from fastagi.lookups import desk as room
from fastagi.lookups import pacing, waiting
from fastagi.lookups.desk import Desk
from fastagi.lookups.findings import Findings
from fastagi.lookups.shared import Shared
from fastagi.lookups.subject import Kind, Outcome
from fastagi.policy.loading import load_text
from fastagi.stores.opening import open_store
from tests.doubles.shaky_store import ShakyStore
from tests.unit.lookups.conftest import HUB_FOUND, answer
from tests.unit.policy.samples import INSIDE, ROME, SITE, policy_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from structlog.typing import EventDict

    from fastagi.policy.model import Policy
    from tests.unit.lookups.conftest import Stub

RULES = """
[[rule]]
name = "thieves"
to = ["reported"]
network = ["reported"]
then = "deny"
"""
ROME_THERE = "/phone-numbers/390612345678"
PUBLIC = ip_address("198.41.0.7")


@dataclass
class Counted:
    """A meter."""

    told: list[tuple[Kind, Outcome]] = field(default_factory=list)
    pauses: list[bool] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def looked_up(self, kind: Kind, outcome: Outcome) -> None:
        """Count one."""
        self.told.append((kind, outcome))
        self.changed.set()

    def paused(self, *, so: bool) -> None:
        """Say whether."""
        self.pauses.append(so)


@dataclass
class Office:
    """A desk, and a policy that asks for everything."""

    stub: Stub
    desk: Desk
    meter: Counted
    policy: Policy = field(default_factory=lambda: policy_of(RULES))

    def call(
        self, dialled: str = ROME, address: str = "10.0.0.5", extension: str = "101"
    ) -> Reports:
        """Ask for a call."""
        number = self.policy.plan.read(dialled)
        return self.desk.known(self.policy, extension, number, ip_address(address))

    async def until(self, *outcomes: Outcome) -> None:
        """Wait until so many look-ups ended so."""
        async with asyncio.timeout(20):
            while [outcome for _, outcome in self.meter.told] != list(outcomes):
                self.meter.changed.clear()
                await self.meter.changed.wait()


@pytest.fixture
async def shaky(tmp_path: Path) -> AsyncIterator[ShakyStore]:
    """Return a store that can go away."""
    store = open_store(f"sqlite:///{tmp_path / 'dialguard.db'}")
    yield ShakyStore(store)
    await store.close()


@contextlib.asynccontextmanager
async def served(stub: Stub, shaky: ShakyStore, found_s: float = 100.0) -> AsyncIterator[Office]:
    """Serve a desk of one worker."""
    loop = asyncio.get_running_loop()
    service, meter, shared = stub.service(), Counted(), Shared(shaky.store, time.time)
    findings = Findings(found_s, 100.0, lambda: 0.0)
    desk = Desk(service, findings, loop.time, meter, shared, lambda: 0.0)
    serving = asyncio.create_task(desk.run())
    yield Office(stub, desk, meter)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving
    await service.close()


@pytest.fixture
async def office(stub: Stub, shaky: ShakyStore) -> AsyncIterator[Office]:
    """Return one that is served."""
    async with served(stub, shaky) as office:
        yield office


async def test_the_first_call_knows_nothing_and_the_next_does(office: Office) -> None:
    """Nobody waits; each is asked once."""
    office.stub.answers[ROME_THERE] = answer(200, HUB_FOUND)
    office.stub.answers["/ip-addresses/198.41.0.7"] = answer(200, HUB_FOUND)
    assert office.call(address=str(PUBLIC)) == Reports()
    assert office.call(address=str(PUBLIC)) == Reports()
    await office.until(Outcome.FOUND, Outcome.FOUND)
    assert office.call(address=str(PUBLIC)) == Reports(number=True, address=True)
    assert sorted(office.stub.asked) == ["/ip-addresses/198.41.0.7", ROME_THERE]


async def test_what_one_worker_finds_the_others_know(
    office: Office, shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before they ask; also what the service says no longer."""
    monkeypatch.setattr(room, "LEARN_S", 0.01)
    told = asyncio.Event()
    shaky.after["put_record"] = _set(told)
    office.stub.answers[ROME_THERE] = answer(200, HUB_FOUND)
    office.call()
    async with asyncio.timeout(20):
        await told.wait()
    async with served(office.stub, shaky, found_s=0.0) as other, asyncio.timeout(20):
        learnt = asyncio.Event()
        shaky.after["records"] = _set(learnt)
        for _ in range(2):  # the second look comes after the first is taken in
            await learnt.wait()
            learnt.clear()
        assert other.call() == Reports(number=True)
    assert office.stub.asked == [ROME_THERE]


async def test_without_the_store_each_finds_out_for_itself(
    office: Office, shaky: ShakyStore
) -> None:
    """And goes on looking up."""
    shaky.away = True
    office.stub.answers[ROME_THERE] = answer(200, HUB_FOUND)
    office.call()
    await office.until(Outcome.FOUND)
    assert office.call() == Reports(number=True)
    office.call("900390612345679")
    await office.until(Outcome.FOUND, Outcome.NOT_FOUND)


def _set(event: asyncio.Event) -> Callable[[], Awaitable[None]]:
    async def done() -> None:
        event.set()

    return done


async def test_what_is_not_reported_is_remembered_too(office: Office) -> None:
    """The number of one's mother is not sent away at every call."""
    office.call()
    await office.until(Outcome.NOT_FOUND)
    assert office.call() == Reports()
    await asyncio.sleep(0)
    assert office.stub.asked == [ROME_THERE]


@pytest.mark.parametrize("dialled", [INSIDE, "900", "9118500", "999"])
async def test_only_outside_numbers_are_sent_away(office: Office, dialled: str) -> None:
    """No colleague's, no emergency, nothing that is no number."""
    office.call(dialled)
    office.call()
    await office.until(Outcome.NOT_FOUND)
    assert office.stub.asked == [ROME_THERE]


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "127.0.0.1", "192.168.1.9", "fd00::1", "fe80::1", "100.64.0.1"]
)
async def test_only_addresses_of_the_internet_are_sent_away(office: Office, address: str) -> None:
    """A desk phone's is nobody's business, and says nothing to anybody."""
    office.call(address=address)
    await office.until(Outcome.NOT_FOUND)
    assert office.stub.asked == [ROME_THERE]


@pytest.mark.parametrize(
    ("rules", "asked"),
    [
        ("", []),
        ('[[rule]]\nname = "a"\nto = ["reported"]\nthen = "deny"\n', [ROME_THERE]),
        (
            '[[limit]]\nname = "a"\nnetwork = ["reported"]\nper = "site"\ncalls = 1\n',
            ["/ip-addresses/198.41.0.7"],
        ),
    ],
)
async def test_nothing_is_sent_away_that_the_policy_has_no_use_for(
    office: Office, rules: str, asked: list[str]
) -> None:
    """What is not asked for is not told to anybody."""
    office.policy = load_text(SITE + rules, office.policy.source)
    office.call(address=str(PUBLIC))
    office.policy = policy_of('[[rule]]\nname = "a"\nto = ["reported"]\nthen = "deny"\n')
    office.call("900390612345679")
    await office.until(*[Outcome.NOT_FOUND] * (len(asked) + 1))
    assert office.stub.asked == [*asked, "/phone-numbers/390612345679"]


async def test_a_service_that_fails_is_left_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch, told: list[EventDict]
) -> None:
    """Calls go on; once it answers again, what waits is looked up. Told once, without a number."""
    monkeypatch.setattr(pacing, "PAUSE_S", 0.2)
    office.stub.else_ = answer(500, "")
    failures = [Outcome.FAILED] * 3
    for last in range(3):
        assert office.call(f"90039061234567{last}") == Reports()
        await office.until(*failures[: last + 1])
    office.stub.else_ = answer(200, HUB_FOUND)
    assert office.call() == Reports()
    assert len(office.stub.asked) == 3
    await office.until(*failures, Outcome.FOUND)
    assert office.call() == Reports(number=True)
    assert office.meter.pauses == [True, False]
    assert [each["event"] for each in told] == ["lookups-paused", "lookups-go-on"]
    assert "39061234" not in str(told)


async def test_a_phone_that_dials_everything_keeps_nobody_from_a_look_up(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own are dropped, and counted."""
    monkeypatch.setattr(waiting, "MOST", 5)
    office.call("900390612345600", extension="102")
    for number in range(601, 650):
        office.call(f"900390612345{number}")
    dropped = [outcome for _, outcome in office.meter.told]
    assert dropped == [Outcome.DROPPED] * (50 - 5)
    await office.until(*dropped, *[Outcome.NOT_FOUND] * 5)
    assert "/phone-numbers/390612345600" in office.stub.asked
    assert "/phone-numbers/390612345649" in office.stub.asked
