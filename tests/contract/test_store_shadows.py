"""What a shadow counts is no call's: whoever lists all sites never meets it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.records import Record
from fastagi.stores.shadows import shadow_of
from fastagi.stores.store import Full, Taken
from tests.contract.store_kinds import NODE, ROME, SITE, a_lease, two_at_a_time

if TYPE_CHECKING:
    from fastagi.stores.store import Lease, Store

SHADOW = shadow_of(SITE)


def _in_shadow(lease: Lease) -> Lease:
    return replace(lease, site=SHADOW)


async def test_leases_of_a_shadow_are_listed_by_its_name_only(store: Store) -> None:
    """Who looks for live calls finds those that are up."""
    live, shadow = a_lease("a", two_at_a_time()), _in_shadow(a_lease("a", two_at_a_time()))
    for each in (live, shadow, _in_shadow(a_lease("b"))):
        assert isinstance(await store.take(each, 0.0), Taken)
    assert await store.live(None, 0.0) == [live]
    assert await store.live(SITE, 0.0) == [live]
    assert [each.call for each in await store.live(SHADOW, 0.0)] == ["a", "b"]


async def test_neither_counts_against_the_other(store: Store) -> None:
    """Slots, budgets, countries, records."""
    money = Budget("few", "101", Unit.ATTEMPTS, 1, 3600)
    lease = replace(a_lease("a", two_at_a_time()), budgets=(money,))
    assert isinstance(await store.take(_in_shadow(lease), 0.0), Taken)
    assert isinstance(await store.take(replace(_in_shadow(lease), call="b"), 0.0), Full)
    assert await store.spent(SITE, 0.0) == []
    of = (lease.extension, "", lease.country, "x", ROME, NODE, 0.0)
    assert (await store.known(SHADOW, *of)).known_country
    assert not (await store.known(SITE, *of)).known_country
    assert isinstance(await store.take(lease, 0.0), Taken)
    await store.put_record(SHADOW, "brake", Record("site/", "{}", 60.0), None, 0.0)
    assert await store.record(SITE, "brake", "site/", 0.0) is None


async def test_the_end_of_one_is_not_the_end_of_the_other(store: Store) -> None:
    """Each is released, renewed and tidied away by itself."""
    for each in (a_lease("a", expires=60.0), _in_shadow(a_lease("a", expires=60.0))):
        await store.take(each, 0.0)
    assert await store.release(SHADOW, "a", None, NODE, 1.0) == 1
    assert len(await store.live(SITE, 1.0)) == 1
    await store.take(_in_shadow(a_lease("a", expires=60.0)), 1.0)
    assert await store.release(SITE, "a", None, NODE, 1.0) == 1
    assert len(await store.live(SHADOW, 1.0)) == 1
    await store.tidy(61.0)
    assert await store.live(SHADOW, 61.0) == []
    assert set(await store.sites()) <= {SITE, SHADOW}
