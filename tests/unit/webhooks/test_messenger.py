"""All of it, for one hook."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest
from structlog.testing import capture_logs

from fastagi.errors import StoreError
from fastagi.events.changes import Changes
from fastagi.events.event import Kind
from fastagi.stores.sign_ins import SignedOff
from fastagi.webhooks import messenger as room
from fastagi.webhooks import outbox as outbox_room
from fastagi.webhooks.messenger import Messenger
from fastagi.webhooks.post import AT_ONCE, Post
from tests.unit.webhooks.conftest import HOOK, NOW, Clock, Receiver, event, sign_in
from tests.unit.webhooks.test_denials import write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from fastagi.webhooks.outbox import Outbox
    from tests.doubles.shaky_store import ShakyStore


@pytest.fixture
def clock() -> Clock:
    """The wall clock."""
    return Clock()


@pytest.fixture
def receiver() -> Receiver:
    """Whoever is told."""
    return Receiver()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The record of decisions."""
    return tmp_path / "decisions.jsonl"


@pytest.fixture
async def of(
    shaky: ShakyStore, clock: Clock, receiver: Receiver, path: Path
) -> AsyncIterator[Callable[..., Messenger]]:
    """Return a machine's messenger."""
    posts: list[Post] = []

    def make(machine: str = "pbx1", kinds: frozenset[Kind] = HOOK.kinds) -> Messenger:
        hook = replace(HOOK, kinds=kinds)
        posts.append(Post(hook, httpx.MockTransport(receiver)))
        return Messenger(shaky.store, hook, posts[-1], path, machine, clock)

    yield make
    for post in posts:
        await post.close()


async def second(clock: Clock, *messengers: Messenger, by_s: float = 1.0) -> None:
    """Let a second pass."""
    clock.now += by_s
    for each in messengers:
        await each.look()
        await each.tell()


async def test_what_happens_is_told_once(
    shaky: ShakyStore,
    clock: Clock,
    receiver: Receiver,
    path: Path,
    of: Callable[..., Messenger],
) -> None:
    """By one of two machines; denials by the one that has them on record."""
    one, other = of("pbx1"), of("pbx2", frozenset(Kind) - {Kind.DENIAL})
    await second(clock, one, other)
    await shaky.behind.open_sign_in(sign_in(since=clock.now), None, 1, clock.now)
    write(path, 1, at=clock.now)
    await second(clock, one, other)
    await shaky.behind.end_sign_ins("office", "101", None, SignedOff.PAGE, clock.now)
    for _ in range(3):
        await second(clock, one, other)
    assert sorted(kind for kind, _ in receiver.told) == ["denial", "sign-in", "sign-off"]


async def test_a_machine_that_dies_is_followed_by_another(
    shaky: ShakyStore, clock: Clock, receiver: Receiver, of: Callable[..., Messenger]
) -> None:
    """What it did not get to is told by the other."""
    dies, other = of("pbx1"), of("pbx2")
    await second(clock, dies, other)
    await shaky.behind.open_sign_in(sign_in(since=clock.now), None, 1, clock.now)
    await dies.look()
    for _ in range(30):
        await second(clock, other)
    assert [kind for kind, _ in receiver.told] == ["sign-in"]


async def test_what_is_not_taken_in_is_tried_again_ever_more_slowly(
    clock: Clock, receiver: Receiver, outbox: Outbox, of: Callable[..., Messenger]
) -> None:
    """With the same id; the log says so once."""
    receiver.status = 503
    messenger = of()
    await second(clock, messenger)
    await outbox.put(event(at=clock.now), clock.now)
    tried_at = []
    with capture_logs() as logs:
        for _ in range(3 * 3600 // 20):
            before = len(receiver.seen)
            await second(clock, messenger, by_s=20)
            if len(receiver.seen) > before:
                tried_at.append(clock.now)
        receiver.status = 200
        for _ in range(3600 // 20 + 1):
            await second(clock, messenger, by_s=20)
    assert {id for _, id in receiver.told} == {"e"}
    pauses = [later - sooner for sooner, later in itertools.pairwise(tried_at)]
    assert pauses[0] <= 20
    assert pauses[-1] >= 1800
    assert len(tried_at) < 15
    assert await outbox.waiting(clock.now) == []
    assert [each["event"] for each in logs] == ["webhook-not-delivered"]
    assert (logs[0]["host"], logs[0]["error"]) == ("crm.example", "it answered 503")
    assert "hunter2" not in str(logs)


async def test_what_nobody_takes_in_for_a_day_is_given_up(
    clock: Clock, receiver: Receiver, outbox: Outbox, of: Callable[..., Messenger]
) -> None:
    """And the log says what."""
    messenger = of()
    await second(clock, messenger)
    await outbox.put(event(), clock.now)
    with capture_logs() as logs:
        await second(clock, messenger, by_s=86400)
        await second(clock, messenger)
    assert receiver.seen == []
    assert await outbox.waiting(clock.now) == []
    assert [(each["event"], each["log_level"]) for each in logs] == [("webhook-given-up", "error")]


async def test_one_that_takes_in_nothing_is_not_asked_a_thousand_times(
    clock: Clock, receiver: Receiver, outbox: Outbox, of: Callable[..., Messenger]
) -> None:
    """A few at each look; and of one that does, all is told at once."""
    messenger = of()
    await second(clock, messenger)
    for number in range(40):
        await outbox.put(event(f"e{number}"), clock.now)
    receiver.status = 500
    await second(clock, messenger)
    assert len(receiver.seen) == AT_ONCE
    receiver.status = 200
    await second(clock, messenger)
    assert len(receiver.seen) == 40
    await second(clock, messenger, by_s=60)
    assert {id for _, id in receiver.told} == {f"e{number}" for number in range(40)}


async def test_with_a_full_outbox_nothing_is_lost(
    shaky: ShakyStore,
    clock: Clock,
    receiver: Receiver,
    path: Path,
    of: Callable[..., Messenger],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What does not fit is looked for later; the log says once that it is full."""
    for each in (room, outbox_room):
        monkeypatch.setattr(each, "MOST", 5)
    messenger = of()
    await second(clock, messenger)
    receiver.status = 503
    write(path, *range(12), at=clock.now)
    with capture_logs() as logs:
        for _ in range(5):
            await second(clock, messenger)
        await shaky.behind.open_sign_in(sign_in(since=clock.now), None, 1, clock.now)
        receiver.status = 200
        for _ in range(60):
            await second(clock, messenger)
    ids = {id for kind, id in receiver.told if kind == "denial"}
    assert len(ids) == 12
    assert "sign-in" in {kind for kind, _ in receiver.told}
    assert [each["event"] for each in logs].count("webhook-full") >= 1


async def test_a_record_that_cannot_be_read_holds_up_nothing_else(
    shaky: ShakyStore,
    clock: Clock,
    receiver: Receiver,
    path: Path,
    of: Callable[..., Messenger],
) -> None:
    """The log says so, once."""
    await asyncio.to_thread(path.mkdir)
    messenger = of()
    with capture_logs() as logs:
        await second(clock, messenger)
        await shaky.behind.open_sign_in(sign_in(since=clock.now), None, 1, clock.now)
        await second(clock, messenger)
    assert [kind for kind, _ in receiver.told] == ["sign-in"]
    warned = [each["event"] for each in logs if each["log_level"] == "warning"]
    assert warned == ["webhook-record-unread"]


async def test_it_runs_through_a_store_that_goes_away(
    shaky: ShakyStore,
    receiver: Receiver,
    of: Callable[..., Messenger],
    monkeypatch: pytest.MonkeyPatch,
    clock: Clock,
) -> None:
    """And leaves its turn to another as it ends."""
    monkeypatch.setattr(room, "LOOK_S", 0.01)
    messenger = of()
    shaky.away = True
    with capture_logs() as logs:
        running = asyncio.create_task(messenger.run())
        await asyncio.sleep(0.1)
        shaky.away = False
        await asyncio.sleep(0.1)
        await shaky.behind.open_sign_in(sign_in(), None, 1, clock.now)
        async with asyncio.timeout(10):
            while not receiver.seen:  # noqa: ASYNC110 - there is nothing to be woken by
                await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    away = [each for each in logs if each["event"] == "webhook-store-away"]
    assert 1 <= len(away) <= 2
    other = of("pbx2")
    await other.look()
    assert other._turn.is_mine(NOW)


async def test_it_ends_where_the_store_is_away(
    shaky: ShakyStore, of: Callable[..., Messenger], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its turn runs out."""
    monkeypatch.setattr(room, "LOOK_S", 0.01)
    running = asyncio.create_task(of().run())
    await asyncio.sleep(0.1)
    shaky.away = True
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_store_that_fails_as_something_was_told_has_it_told_again(
    shaky: ShakyStore,
    clock: Clock,
    receiver: Receiver,
    outbox: Outbox,
    of: Callable[..., Messenger],
) -> None:
    """With the same id: whoever is told can pass the second over."""
    messenger = of()
    await second(clock, messenger)
    await outbox.put(event(), clock.now)

    async def fail() -> None:
        raise StoreError("away")

    shaky.before["take_record"] = fail
    with pytest.raises(StoreError):
        await second(clock, messenger)
    shaky.before.clear()
    await second(clock, messenger)
    assert receiver.told == [("denial", "e"), ("denial", "e")]


async def test_whoever_hears_that_another_has_looked_begins_anew(
    shaky: ShakyStore, clock: Clock, receiver: Receiver, of: Callable[..., Messenger]
) -> None:
    """It slept through its turn, say; nothing is told twice, and nothing passed over."""
    slept, other = of("pbx1"), of("pbx2")
    await second(clock, slept)
    await shaky.behind.open_sign_in(sign_in(since=clock.now), None, 1, clock.now)
    await second(clock, other, by_s=20)
    await second(clock, slept, by_s=20)
    await shaky.behind.open_sign_in(sign_in("102", "b", clock.now), None, 1, clock.now)
    for _ in range(3):
        await second(clock, slept, other)
    assert len(receiver.told) == len(set(receiver.told)) == 2


async def test_two_that_believe_to_have_the_turn_lose_nothing(
    shaky: ShakyStore,
    clock: Clock,
    receiver: Receiver,
    outbox: Outbox,
    of: Callable[..., Messenger],
) -> None:
    """A clock is wrong, say: the other looks without asking."""
    messenger, other = of(), Changes(shaky.store, f"webhook-{HOOK.name}", HOOK.kinds, outbox)
    await second(clock, messenger)
    for number in range(6):
        opened = sign_in(f"10{number}", f"id{number}", clock.now)
        await shaky.behind.open_sign_in(opened, None, 1, clock.now)
        if number % 2:
            await second(clock, messenger)
        elif not await other.look(clock.now):
            other = Changes(shaky.store, f"webhook-{HOOK.name}", HOOK.kinds, outbox)
    for _ in range(3):
        await second(clock, messenger)
    assert {each["data"]["sign_in"] for each in receiver.bodies} == {f"id{n}" for n in range(6)}
