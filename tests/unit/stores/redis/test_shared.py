"""The shared store beyond its contract, which tests/contract holds it to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from fastagi.errors import StoreError
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.records import Record
from fastagi.stores.redis import open_store
from fastagi.stores.sign_ins import REMEMBERED_S, Origin, SignedOff
from fastagi.stores.store import (
    Asked,
    Attempt,
    Enrolment,
    FailureKind,
    Hold,
    Looked,
    Note,
    Taken,
)
from tests.contract.store_kinds import ADDRESS, EXTENSION, NODE, PENALTY, ROME, SITE, a_lease
from tests.contract.store_sign_ins import GUEST, SIGN_IN
from tests.servers.farm import empty_store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine

FOR_GOOD = {"attempt", "dialled:101", "extensions", "subjects", "records", "record:token\0b"}
"""Keys that do not end."""


async def test_what_ends_has_an_end_in_the_server_too(url: str) -> None:
    """So nothing stays for ever where nobody tidies; and no key is outside the site."""
    store = open_store(url)
    now = time.time()
    lease = a_lease("a", Hold("two", "101", 2), since=now, expires=now + 900)
    new = replace(SIGN_IN, since=now, used=now, until=now + 900)
    away = replace(new, extension="102", person="103")
    for each in (new, replace(new, id="other", origin=Origin()), away):
        assert await store.open_sign_in(each, None, 9, now) == []
    await store.take(replace(lease, sign_in=new.id), now)
    subjects = (replace(EXTENSION, name="103", allowed=1), EXTENSION)
    await store.begin_attempt(SITE, subjects, FailureKind.CODE, PENALTY, now)
    for key, until in (("a", now + 900), ("b", now + 900)):
        assert await store.put_record(SITE, "token", Record(key, "", until), None, now)
    assert await store.put_record(SITE, "token", Record("b", "", None), "", now)
    client = store._steps.client
    names = [bytes(key).decode() for key in await client.keys("*") if isinstance(key, bytes)]
    found = {name: await client.ttl(name) for name in names}
    inside = {
        key.removeprefix("dialguard:{office}:"): ttl
        for key, ttl in found.items()
        if key != "dialguard:sites"
    }
    assert not any(key.startswith("dialguard:") for key in inside)
    lasting = {key for key, ttl in inside.items() if ttl == -1}
    assert lasting == FOR_GOOD
    assert min(ttl for ttl in inside.values() if ttl != -1) > 600
    remembered = {key: ttl for key, ttl in inside.items() if key.startswith("sign")}
    assert len(remembered) == 9
    assert min(remembered.values()) > REMEMBERED_S + 900
    await store.close()


async def test_whatever_a_decision_asks_is_one_step(url: str) -> None:
    """Which writes nothing, where nothing is to be taken: a server that is full can still tell."""
    store = open_store(url)
    tries = Budget("tries", "101", Unit.ATTEMPTS, 2, 60)
    note = Note("dialled", "x", "", 9e9)
    await store.take(replace(a_lease("a", expires=9.0), budgets=(tries,), notes=(note,)), 0.0)
    client = store._steps.client

    async def done() -> tuple[int, int]:
        steps = (await client.info("commandstats"))["cmdstat_evalsha"]["calls"]
        return steps, (await client.info("persistence"))["rdb_changes_since_last_save"]

    steps, changes = await done()
    asked = Asked((Looked("dialled", "x", expected=True),), (tries,))
    of_call = (SITE, "101", "10.0.0.5", "IT", "b", ROME, NODE, 100.0)
    known = await store.known(*of_call, None, asked)
    assert ([each.used for each in known.levels], len(known.records)) == ([0], 1)
    assert await done() == (steps + 1, changes)
    lease = replace(a_lease("b", since=100.0), budgets=(tries,), notes=(note,))
    known = await store.known(*of_call, lease, asked)
    assert isinstance(known.taken, Taken)
    steps_then, changes_then = await done()
    assert steps_then == steps + 2
    assert changes_then > changes
    await store.close()


async def test_nothing_is_left_of_what_is_forgotten(url: str) -> None:
    """However it came to its end; but for what names sites and what counts attempts."""
    store = open_store(url)
    subject = replace(EXTENSION, allowed=1)
    for count, name in enumerate(("ended", "expired", "locked", "undone")):
        new = replace(SIGN_IN, extension=f"{count}", id=name, since=0.0, used=0.0, idle_s=60)
        await store.open_sign_in(new, None, 1, 0.0)
        lease = a_lease(name, since=0.0, expires=400.0, extension=f"{count}", country="")
        await store.take(replace(lease, sign_in=name), 0.0)
    await store.end_sign_ins(SITE, "0", None, SignedOff.PAGE, 5.0)
    for name in ("2", "3"):
        asked = (replace(subject, name=name),)
        attempt = await store.begin_attempt(SITE, asked, FailureKind.CODE, PENALTY, 5.0)
    assert isinstance(attempt, Attempt)
    await store.succeed(attempt, 6.0)
    await store.put_record(SITE, "token", Record("a", "", 50.0), None, 0.0)
    await store.put_record(SITE, "token", Record("b", "", None), None, 0.0)
    await store.take_record(SITE, "token", "b", 1.0)
    await store.tidy(SIGN_IN.until + REMEMBERED_S)
    found = await store._steps.client.keys("*")
    keys = [key.decode() for key in found if isinstance(key, bytes)]
    left = {key.removeprefix("dialguard:{office}:").partition(":")[0] for key in keys}
    # The set of those that a lockout ended goes by itself, with the failure.
    assert left - {"locked-out"} == {"dialguard", "attempt", "extensions", "dialled"}
    await store.close()


@pytest.mark.parametrize("step", ["open", "end", "put", "move", "take"])
async def test_who_is_signed_in_and_records_are_kept_on_replicas(url: str, step: str) -> None:
    """Where a site wants that; else a fail-over would bring a sign-in back that was ended."""
    store = open_store(url)
    await store.open_sign_in(SIGN_IN, None, 1, 10.0)
    store.keep_on({SITE: 1})
    asked: dict[str, Awaitable[object]] = {
        "open": store.open_sign_in(GUEST, None, 1, 10.0),
        "end": store.end_sign_ins(SITE, "101", None, SignedOff.PAGE, 10.0),
        "put": store.put_record(SITE, "token", Record("a", "", None), None, 10.0),
        "move": store.put_sign_in(GUEST),
        "take": store.take_record(SITE, "token", "a", 10.0),
    }
    answer = asked.pop(step)
    for each in asked.values():
        cast("Coroutine[object, object, object]", each).close()
    with pytest.raises(StoreError, match="only 0 of 1 replicas"):
        await answer
    await store.close()


async def test_a_sign_in_comes_back_as_the_gate_has_it(url: str) -> None:
    """All of its moments by the gate's own clock, and over by the server's."""
    right, wrong = open_store(url), open_store(url, lambda: time.time() + 300)
    await wrong.ready()
    now = time.time()
    new = replace(SIGN_IN, since=now + 300, used=now + 300, until=now + 400, idle_s=50)
    assert await wrong.open_sign_in(new, None, 1, now + 300) == []
    [seen] = await right.sign_ins(SITE, now)
    moments = (seen.since, seen.used, seen.until)
    assert moments == pytest.approx((now, now, now + 100), abs=2)
    assert await right.sign_ins(SITE, now + 53) == []
    [mine] = await wrong.end_sign_ins(SITE, "101", None, SignedOff.PAGE, now + 310)
    assert mine.ended == pytest.approx(now + 310, abs=2)
    seen_again = await right.sign_in(SITE, "101", new.id, now + 20)
    assert seen_again is not None
    assert seen_again.ended == pytest.approx(now + 10, abs=2)
    record = Record("a", "", now + 400)
    assert await wrong.put_record(SITE, "token", record, None, now + 300)
    assert await right.record(SITE, "token", "a", now + 97) is not None
    assert await right.record(SITE, "token", "a", now + 103) is None
    enrolment = Enrolment("101", pin="p", since=now + 320)
    await wrong.open_sign_in(replace(new, id="next"), None, 1, now + 310)
    await wrong.enrol(SITE, enrolment)
    revoked = await right.sign_in(SITE, "101", "next", now + 20)
    assert revoked is not None
    assert revoked.ended == pytest.approx(now + 20, abs=2)
    await right.close()
    await wrong.close()


async def test_an_attempt_that_a_fail_over_lost_takes_no_later_one_back(url: str) -> None:
    """Its id does not come again, as the new master knows neither of it nor of the count."""
    store = open_store(url)
    subject = replace(ADDRESS, allowed=2)
    old = await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, 10.0)
    assert isinstance(old, Attempt)
    [counter] = await store._steps.client.keys("*}:attempt")
    [failures] = await store._steps.client.keys("*}:failures:*")
    await store._steps.client.delete(counter, failures)
    new = await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, 10.0)
    assert isinstance(new, Attempt)
    assert old.id < new.id < 2**53
    await store.succeed(old, 10.0)
    [standing] = await store.standings(SITE, 10.0)
    assert len(standing.failures) == 1
    await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, 10.0)
    assert len(await store.lockouts(SITE, 10.0)) == 1
    await store.close()


async def test_what_is_moved_gets_ids_of_its_own_though_the_count_was_lost(url: str) -> None:
    """It has the very moment of an attempt that is under way, and is not taken back with it."""
    store = open_store(url)
    now = time.time()
    old = await store.begin_attempt(SITE, (ADDRESS,), FailureKind.CODE, PENALTY, now)
    assert isinstance(old, Attempt)
    [standing] = await store.standings(SITE, now)
    [counter] = await store._steps.client.keys("*}:attempt")
    await store._steps.client.delete(counter)
    await store.put_standing(SITE, standing)
    await store.succeed(old, now)
    assert await store.standings(SITE, now) == [standing]
    await store.close()


async def test_ids_go_on_growing_where_the_servers_clock_was_set_back(url: str) -> None:
    """The last one is kept, and counts on."""
    store = open_store(url)
    last = int(time.time() + 3600) * 1_000_000
    await store._steps.client.set(f"dialguard:{{{SITE}}}:attempt", last)
    ids = [
        (await store.begin_attempt(SITE, (ADDRESS,), FailureKind.CODE, PENALTY, 0.0))
        for _ in range(3)
    ]
    assert [each.id - last for each in ids if isinstance(each, Attempt)] == [1, 2, 3]
    await store.close()


async def test_moments_come_back_as_the_gate_has_them(url: str) -> None:
    """A gate whose clock is wrong by minutes takes part all the same, by the server's clock."""
    right, wrong = open_store(url), open_store(url, lambda: time.time() + 300)
    await wrong.ready()
    now = time.time()
    await right.take(a_lease("a", Hold("one", "101", 1), since=now, expires=now + 100), now)
    mine = a_lease("b", Hold("one", "101", 1), since=now + 300, expires=now + 400)
    assert not isinstance(await wrong.take(mine, now + 300), Taken)
    [seen] = await wrong.live(SITE, now + 300)
    assert seen.expires == pytest.approx(now + 400, abs=2)
    await right.release(SITE, "a", ROME, NODE, now)
    assert isinstance(await wrong.take(mine, now + 300), Taken)
    [seen] = await right.live(SITE, now)
    assert seen.expires == pytest.approx(now + 100, abs=2)
    await right.close()
    await wrong.close()


async def test_a_server_that_is_slow_at_first_is_ready_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Only who never answers is not."""
    store = open_store(empty_store("redis"))
    asked: list[str] = []
    really = store._steps.ask

    async def ask(site: str, step: str) -> object:
        asked.append(step)
        if len(asked) < 3:
            raise StoreError("slow")
        return await really(site, step)

    monkeypatch.setattr(store._steps, "ask", ask)
    await store.ready()
    assert asked == ["probe"] * 3
    await store.close()
    away = open_store("redis://127.0.0.1:1")
    with pytest.raises(StoreError):
        await away.ready()
    await away.close()


async def test_a_server_that_may_forget_is_refused(url: str) -> None:
    """One that evicts keys when it is full; where that cannot happen it may be set to anything."""
    store = open_store(url)
    client = store._steps.client
    await client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        await store.ready()
        await client.config_set("maxmemory", "1gb")
        with pytest.raises(StoreError, match=r"`maxmemory-policy allkeys-lru`.*noeviction"):
            await store.ready()
        await client.config_set("maxmemory-policy", "noeviction")
        await store.ready()
    finally:
        await client.config_set("maxmemory", "0")
        await client.config_set("maxmemory-policy", "noeviction")
    await store.close()


@pytest.mark.parametrize("kind", ["redis-tls-acl", "redis-cluster"])
async def test_a_user_of_few_rights_and_a_cluster_are_ready(kind: str) -> None:
    """Who may not look at the server's settings is not kept out."""
    store = open_store(empty_store(kind))
    try:
        await store.ready()
    finally:
        await store.close()  # with a connection by TLS left open uvloop never comes to an end


async def test_what_fails_after_its_asker_gave_up_fails_in_silence() -> None:
    """Nobody is there to take it, and nobody complains that it was not taken."""
    complaints: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, complaint: complaints.append(complaint))
    store = open_store("redis://127.0.0.1:1")
    asked = asyncio.create_task(store.release(SITE, "a", None, NODE, 0.0))
    await asyncio.sleep(0)  # it has begun
    asked.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asked
    async with asyncio.timeout(20):
        while store._sure:  # noqa: ASYNC110 - until it has failed
            await asyncio.sleep(0.01)
    del asked
    gc.collect()
    await asyncio.sleep(0)
    assert complaints == []
    await store.close()
