"""What every store promises of slots: never one too many, and none that leaks."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.store import Full, Hold, Lease, Taken
from tests.contract.store_kinds import (
    NODE,
    ROME,
    SITE,
    SOON_S,
    a_lease,
    give_up,
    two_at_a_time,
)

if TYPE_CHECKING:
    from fastagi.stores.store import Store

SITE_WIDE = Hold("eight-abroad", "office", 1)
TRUNK_A = Hold("one-a-trunk", "A", 1)
TRUNK_B = Hold("one-a-trunk", "B", 1)


async def _free(store: Store, hold: Hold, now: float) -> int:
    """Count the free slots of a limit by taking them all, and giving them back."""
    probes = [f"probe-{count}" for count in range(hold.calls)]
    taken = [await store.take(a_lease(probe, hold, expires=now + 1), now) for probe in probes]
    for probe in probes:
        await store.release(SITE, probe, None, NODE, now)
    return sum(isinstance(each, Taken) for each in taken)


async def test_a_slot_is_taken_until_its_limit_is_full(store: Store) -> None:
    """The third call of an extension that may have two is told which limit is full."""
    for call in ("a", "b"):
        lease = a_lease(call, two_at_a_time())
        assert await store.take(lease, 0.0) == Taken(lease, fresh=True)
    assert await store.take(a_lease("c", two_at_a_time()), 0.0) == Full("two-at-a-time", "101")


async def test_a_lease_expires_without_anyone_sleeping(store: Store) -> None:
    """A slot is free again at the instant its lease ends, and not before."""
    hold = Hold("one", "101", 1)
    await store.take(a_lease("a", hold, expires=60.0), 0.0)
    assert isinstance(await store.take(a_lease("b", hold), 59.9), Full)
    assert isinstance(await store.take(a_lease("b", hold), 60.0), Taken)


async def test_all_slots_or_none(store: Store) -> None:
    """A call that does not get its last slot does not keep its first."""
    await store.take(a_lease("a", SITE_WIDE), 0.0)
    refused = await store.take(a_lease("b", two_at_a_time(), SITE_WIDE), 0.0)
    assert refused == Full("eight-abroad", "office")
    assert await _free(store, two_at_a_time(), 0.0) == 2
    assert [lease.call for lease in await store.live(SITE, 0.0)] == ["a"]


async def test_asking_again_changes_nothing(store: Store) -> None:
    """The same call to the same number gets the lease it has, whatever else is said of it now."""
    lease = a_lease("a", two_at_a_time(), SITE_WIDE)
    await store.take(lease, 0.0)
    other = replace(lease, rule="other", reference="1", seconds=9, since=10.0, expires=5000.0)
    assert await store.take(other, 10.0) == Taken(lease, fresh=False)
    assert await store.live(SITE, 10.0) == [lease]
    assert await _free(store, two_at_a_time(), 10.0) == 1


async def test_the_next_trunks_slot_is_taken_for_that_of_the_last(store: Store) -> None:
    """The slot of the trunk that is not tried any more is free; all others stay taken."""
    await store.take(a_lease("a", two_at_a_time(), TRUNK_A), 0.0)
    asked = a_lease("a", TRUNK_B, two_at_a_time(), since=10.0, expires=5000.0)
    now_held = a_lease("a", TRUNK_B, two_at_a_time())
    assert await store.take(asked, 10.0) == Taken(now_held, fresh=False)
    assert await store.live(SITE, 10.0) == [now_held]
    free = [await _free(store, hold, 10.0) for hold in (TRUNK_A, TRUNK_B, two_at_a_time())]
    assert free == [1, 0, 1]
    assert await store.release(SITE, "a", None, NODE, 11.0) == 1
    assert await _free(store, TRUNK_B, 11.0) == 1


async def test_a_next_trunk_that_is_full_leaves_the_call_what_it_has(store: Store) -> None:
    """All of the slots it needs now, or none; even where the full limit comes last."""
    lease = a_lease("a", two_at_a_time(), TRUNK_A)
    await store.take(lease, 0.0)
    await store.take(a_lease("b", TRUNK_B), 0.0)
    asked = a_lease("a", SITE_WIDE, TRUNK_B)
    assert await store.take(asked, 10.0) == Full("one-a-trunk", "B")
    assert (await store.live(SITE, 10.0))[0] == lease
    assert await _free(store, SITE_WIDE, 10.0) == 1
    assert await _free(store, TRUNK_A, 10.0) == 0


async def test_two_calls_cannot_swap_full_trunks(store: Store) -> None:
    """Each holds what the other needs: neither waits, neither loses what it has."""
    await store.take(a_lease("a", TRUNK_A), 0.0)
    await store.take(a_lease("b", TRUNK_B), 0.0)
    assert isinstance(await store.take(a_lease("a", TRUNK_B), 1.0), Full)
    assert isinstance(await store.take(a_lease("b", TRUNK_A), 1.0), Full)
    holds = [lease.holds for lease in await store.live(SITE, 1.0)]
    assert holds == [(TRUNK_A,), (TRUNK_B,)]


async def test_a_slot_that_is_still_needed_is_kept_whatever_became_of_its_limit(
    store: Store,
) -> None:
    """A limit made tighter by a new policy counts for the calls to come."""
    await store.take(a_lease("a", two_at_a_time(), TRUNK_A), 0.0)
    await store.take(a_lease("b", two_at_a_time()), 0.0)
    tighter = replace(two_at_a_time(), calls=1)
    assert await store.take(a_lease("a", tighter, TRUNK_B), 1.0) == Taken(
        a_lease("a", two_at_a_time(), TRUNK_B), fresh=False
    )
    assert await store.take(a_lease("c", tighter), 1.0) == Full("two-at-a-time", "101")


async def test_a_shadow_limit_of_the_next_trunk_says_that_it_was_full(store: Store) -> None:
    """Of what the call held already nothing is said again."""
    in_shadow = [replace(hold, shadow=True) for hold in (SITE_WIDE, TRUNK_B)]
    await store.take(a_lease("b", *in_shadow), 0.0)
    taken = await store.take(a_lease("a", in_shadow[0], TRUNK_A), 0.0)
    assert isinstance(taken, Taken)
    assert taken.over == ("eight-abroad",)
    again = await store.take(a_lease("a", *in_shadow), 1.0)
    assert again == Taken(a_lease("a", *in_shadow), fresh=False, over=("one-a-trunk",))


async def test_a_slot_taken_later_ends_with_the_lease(store: Store) -> None:
    """At the same instant as the rest, however late it was taken."""
    await store.take(a_lease("a", TRUNK_A, expires=60.0), 0.0)
    await store.take(a_lease("a", TRUNK_B, since=50.0, expires=110.0), 50.0)
    assert isinstance(await store.take(a_lease("b", TRUNK_B), 59.9), Full)
    assert isinstance(await store.take(a_lease("b", TRUNK_B), 60.0), Taken)


async def test_another_extension_changes_nothing_of_a_lease(store: Store) -> None:
    """It is told whose it is, and gets no slot."""
    lease = a_lease("a", TRUNK_A)
    await store.take(lease, 0.0)
    other = a_lease("a", TRUNK_B, extension="102")
    assert await store.take(other, 1.0) == Taken(lease, fresh=False)
    assert await store.live(SITE, 1.0) == [lease]
    assert await _free(store, TRUNK_B, 1.0) == 1


async def test_an_expired_lease_is_taken_anew(store: Store) -> None:
    """What was held once is not held for ever."""
    await store.take(a_lease("a", two_at_a_time(), expires=60.0), 0.0)
    again = a_lease("a", SITE_WIDE, since=60.0)
    assert await store.take(again, 60.0) == Taken(again, fresh=True)
    assert await store.live(SITE, 60.0) == [again]
    assert await _free(store, two_at_a_time(), 60.0) == 2


async def test_each_number_of_a_call_is_a_lease_of_its_own(store: Store) -> None:
    """One channel that dials two numbers holds two slots."""
    await store.take(a_lease("a", two_at_a_time()), 0.0)
    await store.take(a_lease("a", two_at_a_time(), number="+331"), 0.0)
    assert await _free(store, two_at_a_time(), 0.0) == 0
    assert await store.release(SITE, "a", ROME, NODE, 1.0) == 1
    assert [lease.number for lease in await store.live(SITE, 1.0)] == ["+331"]


async def test_releasing_a_call_frees_all_its_numbers(store: Store) -> None:
    """And none of another call's."""
    for call, number in (("a", ROME), ("a", "+331"), ("b", ROME)):
        await store.take(a_lease(call, number=number), 0.0)
    assert await store.release(SITE, "a", None, NODE, 1.0) == 2
    assert [lease.call for lease in await store.live(SITE, 1.0)] == ["b"]


async def test_releasing_twice_changes_nothing(store: Store) -> None:
    """The trunk leg's handler and the caller's may both knock, in any order, at any time."""
    await store.take(a_lease("a", two_at_a_time()), 0.0)
    assert await store.release(SITE, "a", ROME, NODE, 1.0) == 1
    assert await store.release(SITE, "a", None, NODE, 1.0) == 0
    assert await store.release(SITE, "never", None, NODE, 1.0) == 0
    assert await _free(store, two_at_a_time(), 1.0) == 2


async def test_a_release_is_done_even_if_whoever_asked_has_given_up(store: Store) -> None:
    """The hangup handler asks but once, and waits but a moment."""
    await store.take(a_lease("a", two_at_a_time()), 0.0)
    await give_up(store, store.release(SITE, "a", None, NODE, 0.0))
    async with asyncio.timeout(SOON_S):
        while "a" in {lease.call for lease in await store.live(SITE, 0.0)}:
            pass
    assert await _free(store, two_at_a_time(), 0.0) == 2


async def test_an_expired_lease_does_not_count_as_released(store: Store) -> None:
    """The operator is told how many calls were ended, not how many rows went."""
    await store.take(a_lease("a", expires=60.0), 0.0)
    assert await store.release(SITE, "a", None, NODE, 60.0) == 0


async def test_a_shadow_limit_counts_but_never_refuses(store: Store) -> None:
    """It says that it was full; a real one that is full still refuses."""
    shadow = Hold("shadow", "101", 1, shadow=True)
    assert await store.take(a_lease("a", shadow), 0.0) == Taken(a_lease("a", shadow), fresh=True)
    over = await store.take(a_lease("b", shadow, SITE_WIDE), 0.0)
    assert over == Taken(a_lease("b", shadow, SITE_WIDE), fresh=True, over=("shadow",))
    assert await store.take(a_lease("c", shadow, SITE_WIDE), 0.0) == Full("eight-abroad", "office")


async def test_limits_are_counted_by_name_and_key(store: Store) -> None:
    """The extension 101, the number 101 and another limit's 101 are three things."""
    one = Hold("one", "101", 1)
    for call, hold in (("a", one), ("b", replace(one, key="102")), ("c", replace(one, limit="o"))):
        assert isinstance(await store.take(a_lease(call, hold), 0.0), Taken)


async def test_calls_that_two_nodes_name_alike_hold_a_lease_each(store: Store) -> None:
    """Without a `systemname` two Asterisks give the same `UNIQUEID` now and then."""
    one = a_lease("a", two_at_a_time(), node="one")
    two = a_lease("a", two_at_a_time(), node="two")
    for lease in (one, two):
        assert await store.take(lease, 0.0) == Taken(lease, fresh=True)
    assert await store.take(a_lease("b", two_at_a_time()), 0.0) == Full("two-at-a-time", "101")
    assert await store.live(SITE, 0.0) == [one, two]
    swapped = a_lease("a", TRUNK_A, node="two")
    assert await store.take(swapped, 1.0) == Taken(swapped, fresh=False)
    assert await store.live(SITE, 1.0) == [one, swapped]


@pytest.mark.parametrize("number", [None, ROME])
async def test_a_release_ends_nothing_of_another_node(store: Store, number: str | None) -> None:
    """Its call of that name may be up; the operator's release is for any node."""
    one, two = (a_lease("a", two_at_a_time(), node=node) for node in ("one", "two"))
    for lease in (one, two):
        await store.take(lease, 0.0)
    assert await store.release(SITE, "a", number, "three", 1.0) == 0
    assert await store.release(SITE, "a", number, "two", 1.0) == 1
    assert await store.live(SITE, 1.0) == [one]
    await store.take(two, 1.0)
    assert await store.release(SITE, "a", number, None, 1.0) == 2
    assert await _free(store, two_at_a_time(), 1.0) == 2


async def test_a_clock_set_back_moves_the_leases_of_each_node(store: Store) -> None:
    """Each as long as it is itself."""
    for node, expires in (("one", 5100.0), ("two", 5200.0)):
        await store.take(a_lease("a", node=node, since=5000.0, expires=expires), 5000.0)
    await store.tidy(1000.0)
    assert [lease.expires for lease in await store.live(SITE, 1000.0)] == [1100.0, 1200.0]


async def test_a_renewed_lease_lasts_with_its_slots(store: Store) -> None:
    """Until the moment that was asked for, and to its instant."""
    hold = Hold("one", "101", 1)
    lease = a_lease("a", hold, expires=60.0)
    await store.take(lease, 0.0)
    assert await store.renew(SITE, "a", ROME, NODE, 90.0, 59.9)
    assert await store.live(SITE, 60.0) == [replace(lease, expires=90.0)]
    assert isinstance(await store.take(a_lease("b", hold), 89.9), Full)
    assert isinstance(await store.take(a_lease("b", hold), 90.0), Taken)


async def test_renewing_ends_no_lease_earlier(store: Store) -> None:
    """Whatever moment is asked for."""
    hold = Hold("one", "101", 1)
    await store.take(a_lease("a", hold, expires=60.0), 0.0)
    assert await store.renew(SITE, "a", ROME, NODE, 10.0, 1.0)
    assert isinstance(await store.take(a_lease("b", hold), 59.9), Full)
    assert [each.expires for each in await store.live(SITE, 1.0)] == [60.0]


async def test_what_ended_is_not_brought_back(store: Store) -> None:
    """Neither what expired nor what was released, nor what never was."""
    hold = Hold("one", "101", 1)
    await store.take(a_lease("a", hold, expires=60.0), 0.0)
    assert not await store.renew(SITE, "a", ROME, NODE, 90.0, 60.0)
    assert await store.live(SITE, 60.0) == []
    await store.take(a_lease("b", hold), 60.0)
    await store.release(SITE, "b", ROME, NODE, 61.0)
    assert not await store.renew(SITE, "b", ROME, NODE, 90.0, 62.0)
    assert await _free(store, hold, 62.0) == 1


async def test_renewing_touches_one_lease_only(store: Store) -> None:
    """Not that of another site, call, number or node."""
    lease = a_lease("a", two_at_a_time(), expires=60.0)
    await store.take(lease, 0.0)
    for site, call, number, node in (
        ("hotel", "a", ROME, NODE),
        (SITE, "b", ROME, NODE),
        (SITE, "a", "+331", NODE),
        (SITE, "a", ROME, "other"),
    ):
        assert not await store.renew(site, call, number, node, 90.0, 1.0)
    assert await store.live(SITE, 1.0) == [lease]


async def test_nothing_crosses_sites(store: Store) -> None:
    """Two tenants with the same numbers, calls and limits do not see each other."""
    hold = Hold("one", "101", 1)
    assert isinstance(await store.take(a_lease("a", hold), 0.0), Taken)
    assert isinstance(await store.take(a_lease("a", hold, site="hotel"), 0.0), Taken)
    assert await store.release("hotel", "a", None, NODE, 1.0) == 1
    assert [lease.site for lease in await store.live(None, 1.0)] == [SITE]
    assert await store.live("hotel", 1.0) == []


async def test_live_leases_are_listed_whole_and_oldest_first(store: Store) -> None:
    """The operator sees who holds what, since when."""
    young = a_lease("a", two_at_a_time(), SITE_WIDE, since=20.0)
    old = a_lease("b", Hold("shadow", "x", 3, shadow=True), site="hotel", since=10.0)
    dead = a_lease("c", expires=30.0)
    for lease in (young, old, dead):
        await store.take(lease, 20.0)
    assert await store.live(None, 30.0) == [old, young]
    assert await store.live(SITE, 30.0) == [young]


@pytest.mark.parametrize("limit", [1, 7])
async def test_calls_at_one_moment_do_not_share_a_slot(store: Store, limit: int) -> None:
    """However many ask at once, as many get through as there are slots."""
    hold = Hold("some", "101", limit)
    asked = [store.take(a_lease(f"call-{count}", hold), 0.0) for count in range(50)]
    answers = await asyncio.gather(*asked)
    assert sum(isinstance(answer, Taken) for answer in answers) == limit
    assert await _free(store, hold, 0.0) == 0


@pytest.mark.parametrize("limit", [1, 7])
async def test_calls_that_swap_at_one_moment_do_not_share_a_slot(store: Store, limit: int) -> None:
    """However many turn to the same next trunk, as many get there as it has slots."""
    hold = Hold("some-a-trunk", "B", limit)
    calls = [f"call-{count}" for count in range(50)]
    for count, call in enumerate(calls):
        await store.take(a_lease(call, Hold("some-a-trunk", f"{count}", 1)), 0.0)
    answers = await asyncio.gather(*(store.take(a_lease(call, hold), 1.0) for call in calls))
    assert sum(isinstance(answer, Taken) for answer in answers) == limit
    assert len(await store.live(SITE, 1.0)) == len(calls)
    assert await _free(store, hold, 1.0) == 0


async def test_the_same_call_asked_at_one_moment_is_one_lease(store: Store) -> None:
    """A dialplan that asks twice at once holds one slot."""
    lease = a_lease("a", two_at_a_time())
    answers = await asyncio.gather(*(store.take(lease, 0.0) for _ in range(10)))
    assert [isinstance(answer, Taken) and answer.fresh for answer in answers].count(True) == 1
    assert await _free(store, two_at_a_time(), 0.0) == 1


async def test_a_clock_set_back_frees_nothing(store: Store) -> None:
    """What was taken at noon is taken when the clock says eleven."""
    hold = Hold("one", "101", 1)
    await store.take(a_lease("a", hold, since=5000.0, expires=6000.0), 5000.0)
    assert isinstance(await store.take(a_lease("b", hold), 1400.0), Full)
    await store.tidy(1400.0)
    assert isinstance(await store.take(a_lease("b", hold), 1400.0), Full)


async def test_a_clock_set_back_leaves_no_slot_taken_for_longer_than_it_was_meant(
    store: Store,
) -> None:
    """From the next tidying on, a lease lasts as long as it is long."""
    hold = Hold("one", "101", 1)
    await store.take(a_lease("a", hold, since=5000.0, expires=6000.0), 5000.0)
    await store.tidy(1400.0)
    assert isinstance(await store.take(a_lease("b", hold), 2399.0), Full)
    assert await store.live(SITE, 1400.0) == [a_lease("a", hold, since=1400.0, expires=2400.0)]
    assert isinstance(await store.take(a_lease("b", hold), 2400.0), Taken)


async def test_clocks_that_differ_a_little_move_nothing(store: Store) -> None:
    """Two machines are never at quite the same second."""
    lease = a_lease("a", since=50.0)
    await store.take(lease, 50.0)
    await store.tidy(0.0)
    assert await store.live(SITE, 0.0) == [lease]


async def test_tidying_drops_what_is_expired_and_nothing_else(store: Store) -> None:
    """It says how many; a second time there is nothing left."""
    live: list[Lease] = []
    for count in range(10):
        lease = a_lease(f"{count}", two_at_a_time(f"{count}"), expires=10.0 * count)
        await store.take(lease, 0.0)
        live += [lease] if lease.expires > 50.0 else []
    assert await store.tidy(50.0) == 6
    assert await store.tidy(50.0) == 0
    assert await store.live(SITE, 50.0) == live
