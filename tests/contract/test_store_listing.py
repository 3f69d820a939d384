"""What every store promises of that which goes through a whole site, in however many steps."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.records import Record
from fastagi.stores.redis import listing
from fastagi.stores.sign_ins import REMEMBERED_S, Origin, SignedOff
from fastagi.stores.store import Enrolment, FailureKind, Taken
from tests.contract.store_kinds import (
    EXTENSION,
    NODE,
    PENALTY,
    ROME,
    SITE,
    a_lease,
    two_at_a_time,
)
from tests.contract.store_sign_ins import SIGN_IN

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastagi.stores.store import Lease, Store

HELD = 40
LISTINGS = 8


@pytest.fixture(params=[1, 3, 1000], ids=lambda count: f"{count}-at-once")
def batches(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One by one, some at a time, all at once: the answers are the same."""
    monkeypatch.setattr(listing, "AT_ONCE", request.param)


async def _meanwhile(store: Store, change: Callable[[int], Awaitable[None]]) -> list[Lease]:
    """List the leases again and again while two others change them; return all that was listed."""
    is_over = False

    async def go_on(whose: int) -> None:
        for count in itertools.count(whose, 2):
            if is_over:
                return
            await change(count)

    tasks = [asyncio.create_task(go_on(whose)) for whose in range(2)]
    try:
        return [lease for _ in range(LISTINGS) for lease in await store.live(SITE, 1.0)]
    finally:
        is_over = True
        await asyncio.gather(*tasks)


@pytest.mark.usefixtures("batches")
async def test_what_is_held_throughout_is_listed_once_whatever_comes_and_goes(
    store: Store,
) -> None:
    """Leases that end before it, at the same moment and after it; and its own renewals."""
    for count in range(HELD):
        # a third end at one moment, so that their order is by name
        await store.take(a_lease(f"held-{count:02}", expires=1000.0 + max(0, count - 20)), 0.0)

    async def change(count: int) -> None:
        calls = [f"other-{count}-{each}" for each in range(4)]
        for call, ends in zip(calls, (10.0, 10.0, 1000.0, 2000.0), strict=True):
            await store.take(a_lease(call, expires=ends), 1.0)
        held = f"held-{count % HELD:02}"
        assert await store.renew(SITE, held, ROME, NODE, 1100.0 + count, 1.0)
        for call in calls:
            await store.release(SITE, call, None, NODE, 1.0)

    listed = await _meanwhile(store, change)
    times = Counter(lease.call for lease in listed if lease.call.startswith("held"))
    assert times == {f"held-{count:02}": LISTINGS for count in range(HELD)}


async def test_leases_that_end_at_one_moment_are_listed_in_steps(store: Store) -> None:
    """However their calls are named: a name is bytes, and no locale sorts it."""
    names = ["a", "B", "ä", "Z", "_", "aa", "a ", "\U0001f4de", "0"]
    for name, number in itertools.product(names, (ROME, "+331")):
        await store.take(a_lease(name, number=number), 0.0)
    listed = await store.live(SITE, 0.0)
    told = [(lease.call, lease.number) for lease in listed]
    assert sorted(told) == sorted(itertools.product(names, (ROME, "+331")))


@pytest.mark.usefixtures("batches")
async def test_a_listing_of_anything_is_whole_in_any_steps(store: Store) -> None:
    """Lockouts, what is held against whom, enrolments; and whoever has none is passed over."""
    names = [f"{count}" for count in range(100, 107)]
    for name in names:
        subject = replace(EXTENSION, name=name, allowed=1 if name < "104" else 2)
        await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, 0.0)
        if name > "102":
            await store.enrol(SITE, Enrolment(name, pin="p"))
        await store.take(a_lease("a", extension=name, number=name), 0.0)
    assert [each.name for each in await store.lockouts(SITE, 1.0)] == names[:4]
    assert [each.name for each in await store.standings(SITE, 1.0)] == names
    assert [each.extension for each in await store.enrolments(SITE)] == names[3:]
    assert [each.number for each in await store.live(SITE, 1.0)] == names


@pytest.mark.usefixtures("batches")
async def test_who_is_signed_in_throughout_is_listed_once_whoever_comes_and_goes(
    store: Store,
) -> None:
    """Also while sign-ins are opened and ended on the very same extensions, and tidied away."""
    for count in range(HELD):
        # the last to sign in is the first of the listing's steps
        since = 100.0 - count
        held = replace(SIGN_IN, extension=f"{count:02}", id=f"held-{count}", since=since)
        await store.open_sign_in(held, None, 9, since)
    is_over = False

    async def go_on(whose: int) -> None:
        for count in itertools.count(whose, 2):
            if is_over:
                return
            extension = f"{count % HELD:02}"
            new = replace(SIGN_IN, extension=extension, id=f"other-{count}", origin=Origin())
            await store.open_sign_in(new, None, 9, 100.0)
            if count % 3:
                await store.end_sign_ins(SITE, extension, new.id, SignedOff.PAGE, 100.0)

    tasks = [asyncio.create_task(go_on(whose)) for whose in range(2)]
    listings = [await store.sign_ins(SITE, 100.0) for _ in range(LISTINGS)]
    is_over = True
    await asyncio.gather(*tasks)
    for listed in listings:
        held_ids = [each.id for each in listed if each.id.startswith("held")]
        assert held_ids == [f"held-{count}" for count in reversed(range(HELD))]


@pytest.mark.usefixtures("batches")
async def test_sign_ins_and_records_are_tidied_in_any_steps(store: Store) -> None:
    """What is dropped takes nobody's place; it says how many."""
    for count in range(12):
        until = 50.0 if count % 3 else 90_000.0
        new = replace(SIGN_IN, extension=f"{count:02}", until=until, since=1.0)
        await store.open_sign_in(new, None, 1, 1.0)
        record = Record(f"{count:02}", "", until)
        assert await store.put_record(SITE, f"kind-{count % 2}", record, None, 1.0)
    assert await store.tidy(50.0 + REMEMBERED_S) == 8 + 8
    assert await store.tidy(50.0 + REMEMBERED_S) == 0
    live = [each.extension for each in await store.sign_ins(SITE, 80_000.0)]
    assert live == ["00", "03", "06", "09"]
    left = [each.key for each in await store.records(SITE, "kind-0", "", 9, 1.0)]
    assert left == ["00", "06"]
    assert await store.record_kinds(SITE) == ["kind-0", "kind-1"]


@pytest.mark.usefixtures("batches")
async def test_tidying_drops_all_that_is_void_in_any_steps(store: Store) -> None:
    """What is dropped takes nobody's place; it says how many."""
    verified = Enrolment("101", pin="p")
    await store.enrol(SITE, verified)
    await store.remember(SITE, verified, "address:10.0.0.5", ["pin"], 0.0, 50.0)
    for count in range(12):
        ends = 10.0 if count % 3 else 900.0
        await store.take(a_lease(f"{count:02}", two_at_a_time(f"{count}"), expires=ends), 0.0)
        subject = replace(EXTENSION, name=f"{count}")
        at = 0.0 if count % 2 else 500.0
        await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, at)
    assert await store.tidy(600.0) == 8 + 6 + 1
    assert await store.tidy(600.0) == 0
    assert [lease.call for lease in await store.live(SITE, 600.0)] == ["00", "03", "06", "09"]
    assert len(await store.standings(SITE, 600.0)) == 6


@pytest.mark.usefixtures("batches")
async def test_a_clock_set_back_moves_every_lease_and_lockout_in_any_steps(store: Store) -> None:
    """Each as long as it is itself, wherever it stands among the others then."""
    lengths = [1000.0 - 70 * count for count in range(12)]  # the first to begin ends last
    hold = two_at_a_time()
    for count, length in enumerate(lengths):
        since = 5000.0 + 10 * count
        lease = a_lease(f"{count:02}", since=since, expires=since + length)
        await store.take(lease if count else replace(lease, holds=(hold,)), since)
        subject = replace(EXTENSION, name=f"{count:02}", allowed=1)
        await store.begin_attempt(SITE, (subject,), FailureKind.CODE, PENALTY, since)
    await store.take(a_lease("now", since=100.0, expires=2000.0), 100.0)
    assert await store.tidy(100.0) == 0
    live = {each.call: (each.since, each.expires) for each in await store.live(SITE, 100.0)}
    moved = {f"{count:02}": (100.0, 100.0 + length) for count, length in enumerate(lengths)}
    assert live == {**moved, "now": (100.0, 2000.0)}
    assert {each.until for each in await store.lockouts(SITE, 100.0)} == {160.0}
    assert len(await store.lockouts(SITE, 100.0)) == len(lengths)
    assert isinstance(await store.take(a_lease("x", replace(hold, calls=1)), 1100.0), Taken)
