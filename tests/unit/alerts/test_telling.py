"""One target is told what waits for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.alerts.kind import Kind
from fastagi.alerts.ledger import GIVEN_UP_S, MOST
from fastagi.alerts.telling import Telling
from fastagi.errors import StoreError
from tests.unit.alerts.conftest import TARGET, Clock, Counted, Receiver, alert

if TYPE_CHECKING:
    from fastagi.stores.store import Store
    from tests.doubles.shaky_store import ShakyStore


@pytest.fixture
def telling(shaky: ShakyStore, here: Store, receiver: Receiver, counted: Counted) -> Telling:
    """Return who tells."""
    return Telling(TARGET, shaky.store, here, receiver, asyncio.Semaphore(4), counted)


async def test_what_waits_is_told_once(
    telling: Telling, clock: Clock, receiver: Receiver, counted: Counted
) -> None:
    """And counted."""
    await telling.post(alert(), clock())
    assert await telling.tell(clock, is_ours=True)
    assert not await telling.tell(clock, is_ours=True)
    assert receiver.titles == ["lockout: Extension 101 is locked out"]
    assert receiver.told[0][0] == TARGET.url
    assert counted.said == [("told", "on-call", "lockout")]


async def test_what_is_anothers_to_tell_is_let_be(
    telling: Telling, clock: Clock, receiver: Receiver
) -> None:
    """Whoever has the turn tells it."""
    await telling.post(alert(), clock())
    assert not await telling.tell(clock, is_ours=False)
    assert receiver.told == []


async def test_while_the_store_is_away_the_gate_tells_what_it_knows(
    telling: Telling, shaky: ShakyStore, clock: Clock, receiver: Receiver
) -> None:
    """The thief that took it down passed by, too."""
    shaky.away = True
    await telling.post(alert("pbx", kind=Kind.BYPASS, what="It passed"), clock())
    assert await telling.tell(clock, is_ours=True)
    assert receiver.titles == ["bypass: It passed"]


async def test_what_is_refused_is_told_again(
    telling: Telling, clock: Clock, receiver: Receiver, counted: Counted
) -> None:
    """With what came meanwhile."""
    receiver.why = "it answered 503"
    await telling.post(alert(), clock())
    assert not await telling.tell(clock, is_ours=True)
    assert not await telling.tell(clock, is_ours=True)  # not so soon
    assert len(receiver.told) == 1
    clock.now += 5
    assert not await telling.tell(clock, is_ours=True)
    assert len(receiver.told) == 2
    receiver.why = ""
    clock.now += 10
    await telling.post(alert(id="b"), clock())
    assert await telling.tell(clock, is_ours=True)
    assert "and 1 more since" in receiver.told[2][1].body
    refused = ("refused", "on-call")
    assert counted.said == [refused, refused, ("told", "on-call", "lockout")]


async def test_what_could_not_be_told_for_a_day_is_given_up(
    telling: Telling, clock: Clock, receiver: Receiver, counted: Counted
) -> None:
    """It is counted, and in the log."""
    await telling.post(alert(), clock())
    clock.now += GIVEN_UP_S
    assert not await telling.tell(clock, is_ours=True)
    assert receiver.told == []
    assert counted.said == [("dropped", "given-up", "1")]
    await telling.post(alert(id="b", at=clock()), clock())
    assert await telling.tell(clock, is_ours=True)


async def test_what_the_store_could_not_note_is_not_told_twice(
    telling: Telling, shaky: ShakyStore, clock: Clock, receiver: Receiver
) -> None:
    """It went away just as the message was sent."""
    await telling.post(alert(), clock())

    async def away() -> None:
        raise StoreError("away")

    shaky.before["record"] = away
    assert await telling.tell(clock, is_ours=True)
    for _ in range(3):
        assert not await telling.tell(clock, is_ours=True)
    shaky.before.clear()
    assert not await telling.tell(clock, is_ours=True)
    clock.now += TARGET.again_s
    await telling.post(alert(id="b"), clock())
    assert await telling.tell(clock, is_ours=True)
    assert len(receiver.told) == 2


async def test_a_true_alert_comes_through_any_flood(
    telling: Telling, clock: Clock, receiver: Receiver, counted: Counted
) -> None:
    """A thief has a thousand phones locked out, and then passes the gate by."""
    for second in range(150):
        clock.now += 1
        await telling.post(alert(f"{second}", f"f{second}"), clock())
        while await telling.tell(clock, is_ours=True):
            pass
    flood = len(receiver.told)
    assert flood < 12
    await telling.post(alert("pbx", kind=Kind.BYPASS, what="It passed"), clock())
    assert await telling.tell(clock, is_ours=True)
    assert receiver.titles[-1] == "bypass: It passed"


@pytest.mark.parametrize("away", [False, True])
async def test_what_is_told_without_its_name_is_counted(
    telling: Telling, shaky: ShakyStore, clock: Clock, counted: Counted, away: bool
) -> None:
    """Wherever it waits."""
    shaky.away = away
    for n in range(MOST + 3):
        await telling.post(alert(f"{n}", f"i{n}"), clock())
    assert counted.said == [("dropped", "unnamed", "1")] * 3


async def test_kinds_are_told_apart(telling: Telling, clock: Clock, receiver: Receiver) -> None:
    """Each message is of one; the graver first."""
    await telling.post(alert(), clock())
    await telling.post(alert("102", "b"), clock())
    await telling.post(replace(alert("pbx", "c", Kind.BYPASS), what="It passed"), clock())
    while await telling.tell(clock, is_ours=True):
        pass
    assert receiver.titles == [
        "bypass: It passed",
        "lockout: 2, the first: Extension 101 is locked out",
    ]
