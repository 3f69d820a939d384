"""All of it: looking, hearing, telling."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.alerts.desk import Desk
from fastagi.alerts.kind import Kind
from fastagi.alerts.lasting import LASTS_S
from fastagi.alerts.notices import UNTOLD
from fastagi.errors import StoreError
from fastagi.events.changes import SETTLED_S
from fastagi.events.turn import TURN_S
from fastagi.stores.opening import open_store
from fastagi.stores.store import FailureKind, Penalty, Subject, SubjectKind
from tests.servers.alone import Alone
from tests.unit.alerts.conftest import NOW, TARGET, Clock, Counted, Receiver
from tests.unit.webhooks.conftest import sign_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from fastagi.stores.store import Store
    from tests.doubles.shaky_store import ShakyStore

TIME = "2027-01-15T08:00:00Z"
LOST = {"event": "ami-link-lost", "time": TIME, "worker": 0, "node": "pbx"}
ENTERED = {
    "event": "operator-did",
    "deed": "entered",
    "time": TIME,
    "operator": "anna",
    "address": "192.0.2.7",
}


@pytest.fixture
async def of(
    shaky: ShakyStore, clock: Clock, receiver: Receiver, counted: Counted
) -> AsyncIterator[Callable[..., Desk]]:
    """Return what makes the desk of a gate."""
    stores: list[Store] = []

    def make(gate: str = "gate1", kinds: frozenset[Kind] = TARGET.kinds) -> Desk:
        stores.append(open_store("sqlite://:memory:"))
        target = replace(TARGET, kinds=kinds)
        return Desk(shaky.store, stores[-1], [target], receiver, gate, clock, counted)

    yield make
    for each in stores:
        await each.close()


async def second(clock: Clock, *desks: Desk) -> None:
    """Let a second pass at each gate."""
    clock.now += 1
    for desk in desks:
        await desk.look()
        for each in desk.tellings:
            await desk.tell(each)


async def lock_out(shaky: ShakyStore, now: float, name: str = "101") -> None:
    """Have somebody locked out, by one guess."""
    subject = Subject(SubjectKind.EXTENSION, name, 1)
    await shaky.behind.begin_attempt(
        "office", (subject,), FailureKind.CODE, Penalty(900, 900), now
    )


async def test_a_lockout_is_told_by_one_of_two_gates(
    of: Callable[..., Desk], shaky: ShakyStore, clock: Clock, receiver: Receiver
) -> None:
    """And goes on being told when that one is gone."""
    one, other = of("gate1"), of("gate2")
    await second(clock, one, other)
    await lock_out(shaky, clock.now)
    for _ in range(5):
        await second(clock, one, other)
    assert receiver.titles == ["lockout: Extension 101 is locked out at office"]
    clock.now += TURN_S
    await second(clock, other)
    await lock_out(shaky, clock.now, "102")
    clock.now += SETTLED_S
    await second(clock, other)
    assert receiver.titles[1:] == ["lockout: Extension 102 is locked out at office"]


async def test_of_two_gates_that_share_a_redis_one_tells(
    tmp_path: Path, here: Store, clock: Clock, receiver: Receiver, counted: Counted
) -> None:
    """Each by a connection of its own; what both saw is one, and what one counted both know."""
    server = Alone(tmp_path)
    server.start()
    stores = [open_store(server.url), open_store(server.url)]
    try:
        desks = [
            Desk(store, here, [TARGET], receiver, f"gate{n}", clock, counted)
            for n, store in enumerate(stores)
        ]
        await second(clock, *desks)
        subject = Subject(SubjectKind.EXTENSION, "101", 1)
        await stores[1].begin_attempt(
            "office", (subject,), FailureKind.CODE, Penalty(900, 900), clock.now
        )
        clock.now += SETTLED_S
        said = {**LOST, "event": "bypass", "channel": "PJSIP/t-00000001", "caller": "PJSIP/101-0"}
        await asyncio.gather(*(desk.hear(said) for desk in desks))
        for _ in range(3):
            await second(clock, *desks)
        kinds = sorted(each.partition(":")[0] for each in receiver.titles)
        assert kinds == ["bypass", "lockout"]
        assert not any("more since" in message.body for _, message in receiver.told)
    finally:
        for store in stores:
            await store.close()
        server.stop()


async def test_only_what_a_target_wants_is_looked_for(
    of: Callable[..., Desk], shaky: ShakyStore, clock: Clock, receiver: Receiver
) -> None:
    """The store is asked for nothing else."""
    desk = of(kinds=frozenset({Kind.AMI}))
    await second(clock, desk)
    await lock_out(shaky, clock.now)
    clock.now += SETTLED_S
    await desk.hear({**ENTERED, "address": "192.0.2.7"})
    await desk.hear({**LOST, "event": "worker-died"})
    await second(clock, desk)
    assert receiver.told == []
    assert {"lockouts", "sign_ins"}.isdisjoint(shaky.asked)


async def test_each_target_hears_what_it_wants(
    shaky: ShakyStore, here: Store, clock: Clock, receiver: Receiver, counted: Counted
) -> None:
    """The team of calls, the one of the machine, and both of them of what both want."""
    calls = replace(TARGET, url="json://calls", kinds=frozenset({Kind.LOCKOUT, Kind.BYPASS}))
    machine = replace(TARGET, url="json://machine", kinds=frozenset({Kind.PROCESS}))
    desk = Desk(shaky.store, here, [calls, machine], receiver, "gate1", clock, counted)
    await second(clock, desk)
    await lock_out(shaky, clock.now)
    clock.now += SETTLED_S
    await desk.hear({**LOST, "event": "worker-died"})
    await second(clock, desk)
    told = [(url, message.title.split(":")[1].strip()) for url, message in receiver.told]
    assert told == [("json://calls", "lockout"), ("json://machine", "process")]


async def test_who_looked_at_the_same_moment_is_no_harm(
    of: Callable[..., Desk], shaky: ShakyStore, clock: Clock, receiver: Receiver
) -> None:
    """A clock is wrong, say: a lockout that both see is told once."""
    one, other = of("gate1"), of("gate2")
    await second(clock, one)
    clock.now += TURN_S
    await second(clock, other)
    await lock_out(shaky, clock.now)
    clock.now += TURN_S + SETTLED_S
    await one.look()
    clock.now += TURN_S
    await second(clock, other)
    await second(clock, other)
    assert receiver.titles == ["lockout: Extension 101 is locked out at office"]


async def test_a_sign_in_is_told_from_a_new_address_only(
    of: Callable[..., Desk], shaky: ShakyStore, clock: Clock, receiver: Receiver
) -> None:
    """Once; another gate knows it, too."""
    desk = of()
    await second(clock, desk)
    await shaky.behind.open_sign_in(sign_in("101", "a", clock.now), None, 9, clock.now)
    await second(clock, desk)
    assert receiver.titles == ["new-address: 101 signed in from a new address at office"]
    clock.now += TURN_S
    other = of("gate2")
    await second(clock, other)
    await shaky.behind.open_sign_in(sign_in("101", "b", clock.now), None, 9, clock.now)
    await second(clock, other)
    assert len(receiver.told) == 1


async def test_an_operator_is_told_from_a_new_address_only(
    of: Callable[..., Desk], clock: Clock, receiver: Receiver, shaky: ShakyStore
) -> None:
    """They have more to give away than a phone."""
    desk = of()
    await second(clock, desk)
    for address in ("192.0.2.7", "192.0.2.9"):
        await desk.hear({**ENTERED, "address": address})
        await second(clock, desk)
    assert receiver.titles == ["new-address: Operator anna entered the console from a new address"]
    shaky.away = True
    await desk.hear({**ENTERED, "address": "198.51.100.1"})
    assert len(receiver.told) == 1


async def test_a_link_that_stays_lost_is_told_and_its_return(
    of: Callable[..., Desk], clock: Clock, receiver: Receiver
) -> None:
    """One that is back soon is not."""
    desk = of()
    await second(clock, desk)
    await desk.hear(LOST)
    await second(clock, desk)
    assert receiver.told == []
    clock.now = NOW + LASTS_S[Kind.AMI]
    await second(clock, desk)
    await desk.hear({**LOST, "event": "ami-linked"})
    await second(clock, desk)
    assert receiver.titles == [
        "ami: Asterisk pbx is not watched",
        "ami: Asterisk pbx is watched again",
    ]


async def test_a_store_that_stays_away_is_told_without_it(
    of: Callable[..., Desk], shaky: ShakyStore, clock: Clock, receiver: Receiver
) -> None:
    """By each gate that sees it; and once that it is back."""
    desk = of()
    await second(clock, desk)
    shaky.away = True
    for _ in range(60):
        await second(clock, desk)
    assert receiver.titles == ["store: The store is away, as seen by gate1"]
    assert "more since" not in receiver.told[0][1].body
    shaky.away = False
    for _ in range(3):
        await second(clock, desk)
    assert receiver.titles[1:] == ["store: The store is back, as seen by gate1"]


async def test_a_bypass_that_two_gates_see_is_one(
    of: Callable[..., Desk], clock: Clock, receiver: Receiver
) -> None:
    """Both watch the same Asterisk."""
    one, other = of("gate1"), of("gate2")
    await second(clock, one, other)
    said = {**LOST, "event": "bypass", "channel": "PJSIP/t-00000001", "caller": "PJSIP/101-0"}
    await one.hear(said)
    await other.hear({**said, "time": "2027-01-15T08:00:00.4Z"})
    await second(clock, one, other)
    assert len(receiver.told) == 1
    assert "more since" not in receiver.told[0][1].body


async def test_what_was_not_heard_is_counted_and_nonsense_breaks_nothing(
    of: Callable[..., Desk], clock: Clock, receiver: Receiver, counted: Counted
) -> None:
    """A word without its time, one that is none of ours."""
    desk = of()
    await desk.hear({"event": "bypass", UNTOLD: 7})
    await desk.hear({"event": "listening", "time": TIME})
    await desk.hear({**LOST, "time": "99999-01-01"})
    assert counted.said == [("dropped", "unheard", "7")]
    assert receiver.told == []


async def test_a_fault_of_ours_ends_nothing(
    of: Callable[..., Desk], clock: Clock, shaky: ShakyStore, receiver: Receiver
) -> None:
    """Whatever it is, and wherever."""
    desk = of()

    async def broken() -> None:
        shaky.before.clear()
        raise RuntimeError("a fault of ours")

    shaky.before["put_record"] = broken
    await desk.hear({**LOST, "event": "worker-died"})
    await desk.hear({**LOST, "event": "worker-died"})
    await second(clock, desk)
    assert receiver.titles == ["process: Worker 0 died; another takes its place"]


async def test_it_runs_until_the_end_and_leaves_its_turn(
    of: Callable[..., Desk], clock: Clock, shaky: ShakyStore, receiver: Receiver
) -> None:
    """A fault in one second costs that second."""
    desk = of()
    broke = asyncio.Event()

    async def broken() -> None:
        shaky.before.clear()
        broke.set()
        raise RuntimeError("a fault of ours")

    shaky.before["put_record"] = broken
    running = asyncio.create_task(desk.run())
    await broke.wait()
    await desk.hear({**LOST, "event": "worker-died"})
    await receiver.came.wait()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert await shaky.behind.records("~", "turn", "", 9, clock.now) == []


async def test_it_ends_without_the_store(
    of: Callable[..., Desk], shaky: ShakyStore, clock: Clock
) -> None:
    """The turn runs out by itself."""
    desk = of()
    await second(clock, desk)
    running = asyncio.create_task(desk.run())
    await asyncio.sleep(0)

    async def away() -> None:
        raise StoreError("away")

    shaky.before["put_record"] = away
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
