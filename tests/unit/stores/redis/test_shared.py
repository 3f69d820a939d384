"""The shared store beyond its contract, which tests/contract holds it to."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from dataclasses import replace
from typing import Any

import pytest

from fastagi.errors import StoreError
from fastagi.stores.redis import open_store
from fastagi.stores.store import Attempt, FailureKind, Hold, Taken
from tests.contract.store_kinds import ADDRESS, EXTENSION, NODE, PENALTY, ROME, SITE, a_lease
from tests.servers.farm import empty_store

FOR_GOOD = {"attempt", "dialled:101", "extensions", "subjects"}
"""Keys that do not end."""


async def test_what_ends_has_an_end_in_the_server_too(url: str) -> None:
    """So nothing stays for ever where nobody tidies; and no key is outside the site."""
    store = open_store(url)
    now = time.time()
    lease = a_lease("a", Hold("two", "101", 2), since=now, expires=now + 900)
    await store.take(lease, now)
    await store.begin_attempt(SITE, (EXTENSION,), FailureKind.CODE, PENALTY, now)
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
    await store.close()


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
    await store.ready()
    await store.close()


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
