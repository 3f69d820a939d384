"""What is to be told, kept in the store until it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.webhooks import outbox as room
from fastagi.webhooks.outbox import Outbox
from tests.unit.webhooks.conftest import HOOK, NOW, event

if TYPE_CHECKING:
    import pytest

    from tests.doubles.shaky_store import ShakyStore


async def test_events_wait_in_order_each_once(outbox: Outbox) -> None:
    """However often and in whatever order they are put in."""
    for id, at in (("b", NOW), ("a", NOW + 1), ("b", NOW), ("c", NOW - 1)):
        await outbox.put(event(id, at), NOW)
    assert [each.id for each in await outbox.waiting(NOW)] == ["c", "b", "a"]


async def test_what_was_told_waits_no_more(outbox: Outbox) -> None:
    """The others do."""
    await outbox.put(event("a"), NOW)
    await outbox.put(event("b"), NOW)
    first, _ = await outbox.waiting(NOW)
    await outbox.drop(first, NOW)
    assert [each.id for each in await outbox.waiting(NOW)] == ["b"]


async def test_what_is_put_off_is_the_same_event(outbox: Outbox) -> None:
    """Later, and with one try more; two who put it off count one."""
    await outbox.put(event(), NOW)
    (before,) = await outbox.waiting(NOW)
    for _ in range(2):
        await outbox.put_off(before, NOW + 5, NOW)
    (after,) = await outbox.waiting(NOW)
    assert (after.id, after.body, after.since) == (before.id, before.body, before.since)
    assert (before.next_at, before.tries, after.next_at, after.tries) == (NOW, 0, NOW + 5, 1)
    await outbox.put(event(), NOW)
    assert await outbox.waiting(NOW) == [after]


async def test_it_is_bounded_in_number_and_time(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody looks after is not kept for ever."""
    monkeypatch.setattr(room, "MOST", 2)
    for id in "abc":
        await outbox.put(event(id), NOW)
    assert len(await outbox.waiting(NOW)) == 2
    assert len(await outbox.waiting(NOW + room.GIVEN_UP_S)) == 2
    assert await outbox.waiting(NOW + room.KEPT_S) == []


async def test_each_hook_has_its_own(shaky: ShakyStore, outbox: Outbox) -> None:
    """What one was told the other may not have been."""
    await outbox.put(event(), NOW)
    other = Outbox(shaky.store, replace(HOOK, url="https://other.example"))
    assert await other.waiting(NOW) == []


async def test_of_another_site_nothing_waits(shaky: ShakyStore) -> None:
    """Nor what is of none."""
    some = Outbox(shaky.store, replace(HOOK, sites=frozenset({"hotel"})))
    for id, site in (("a", "office"), ("b", "hotel"), ("c", "~")):
        await some.put(replace(event(id), site=site), NOW)
    assert [each.id for each in await some.waiting(NOW)] == ["b"]
