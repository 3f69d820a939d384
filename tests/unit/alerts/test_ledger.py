"""What is to be told, and what was told lately."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.alerts.kind import Kind
from fastagi.alerts.ledger import GIVEN_UP_S, IDS, MOST, OTHERS, TRIES, Ledger
from fastagi.errors import StoreError
from tests.unit.alerts.conftest import NOW, TARGET, alert

if TYPE_CHECKING:
    from fastagi.alerts.alert import Untold
    from fastagi.alerts.ledger import Entry
    from tests.doubles.shaky_store import ShakyStore


@pytest.fixture
def ledger(shaky: ShakyStore) -> Ledger:
    """Return what there is of a target."""
    return Ledger(shaky.store, TARGET)


async def due(ledger: Ledger, now: float = NOW) -> list[Entry]:
    """Return what is to be told now."""
    return [each for each in await ledger.entries(now) if each.is_due(TARGET.again_s, now)]


async def untold(ledger: Ledger, now: float = NOW) -> list[Untold]:
    """Return what there is to say of it."""
    return [each.untold for each in await due(ledger, now) if each.untold is not None]


async def test_what_is_put_in_waits_as_it_was(ledger: Ledger) -> None:
    """In the order it happened."""
    later, first = alert("102", "b", at=NOW + 1), alert()
    assert await ledger.put(later, NOW)
    assert await ledger.put(first, NOW)
    assert [each.alert for each in await untold(ledger)] == [first, later]


async def test_one_happening_counts_once_and_another_of_the_subject_is_counted(
    ledger: Ledger,
) -> None:
    """However many gates saw it."""
    for id in "aabab":
        await ledger.put(alert(id=id), NOW)
    (found,) = await untold(ledger)
    assert (found.count, found.since) == (2, NOW)


async def test_what_was_told_is_counted_until_it_is_told_again(ledger: Ledger) -> None:
    """The window begins as it was told."""
    await ledger.put(alert(), NOW)
    (entry,) = await due(ledger)
    await ledger.told(entry, NOW)
    assert await due(ledger) == []
    for n in range(14):
        await ledger.put(alert(id=f"x{n}", at=NOW + n), NOW + n)
    assert await due(ledger, NOW + TARGET.again_s - 1) == []
    (found,) = await untold(ledger, NOW + TARGET.again_s)
    assert (found.count, found.since) == (14, NOW)


async def test_what_came_while_it_was_told_is_not_lost(ledger: Ledger) -> None:
    """It is told next."""
    await ledger.put(alert(), NOW)
    (entry,) = await due(ledger)
    await ledger.put(alert(id="b", at=NOW + 1), NOW + 1)
    await ledger.told(entry, NOW + 2)
    (found,) = await untold(ledger, NOW + 2 + TARGET.again_s)
    assert (found.count, found.alert.id) == (1, "b" * 8)


async def test_nothing_is_left_of_what_was_told_long_ago(
    ledger: Ledger, shaky: ShakyStore
) -> None:
    """The store forgets it by itself."""
    await ledger.put(alert(), NOW)
    (entry,) = await due(ledger)
    await ledger.told(entry, NOW)
    assert len(await ledger.entries(NOW)) == 1
    assert await ledger.entries(NOW + TARGET.again_s) == []


async def test_a_flood_of_one_kind_is_bounded_and_takes_no_room_of_another(
    ledger: Ledger,
) -> None:
    """What is over that is counted without a name."""
    named = [await ledger.put(alert(f"{n}", f"i{n}"), NOW) for n in range(MOST + 50)]
    assert named.count(True) == MOST
    assert await ledger.put(alert("pbx", "z", Kind.BYPASS), NOW)
    entries = await due(ledger)
    assert len(entries) == MOST + 2
    (others,) = [each.untold for each in entries if each.subject == f"{OTHERS} office"]
    assert others is not None
    assert others.count == 50


async def test_a_flood_at_one_site_takes_no_room_of_another(ledger: Ledger) -> None:
    """What happens there is told by its name, also by a gate that finds the flood in the store."""
    for n in range(MOST + 1):
        await ledger.put(alert(f"{n}", f"i{n}"), NOW)
    await ledger.entries(NOW)
    branch = replace(alert("branch extension 101", "z"), site="branch")
    assert await ledger.put(branch, NOW)
    assert branch in [each.alert for each in await untold(ledger)]


async def test_ids_of_one_subject_are_bounded(ledger: Ledger) -> None:
    """A record stays small."""
    for n in range(3 * IDS):
        await ledger.put(alert(id=f"{n}-"), NOW)
    (entry,) = await due(ledger)
    assert len(entry.ids) == IDS


async def test_two_who_put_in_at_a_moment_are_both_counted(
    ledger: Ledger, shaky: ShakyStore
) -> None:
    """The second finds what the first wrote."""

    async def other() -> None:
        shaky.before.clear()
        await Ledger(shaky.store, TARGET).put(alert(id="b"), NOW)

    shaky.before["put_record"] = other
    await ledger.put(alert(), NOW)
    (found,) = await untold(ledger)
    assert found.count == 2


@pytest.mark.parametrize("step", ["put", "told"])
async def test_where_others_write_all_the_time_it_is_given_up(
    ledger: Ledger, shaky: ShakyStore, step: str
) -> None:
    """Whoever asked is told, and asks again."""
    await ledger.put(alert(), NOW)
    (entry,) = await due(ledger)
    count = 0

    async def other() -> None:
        nonlocal count
        count += 1
        await Ledger(shaky.behind, TARGET).put(alert(id=f"{count}x"), NOW)

    shaky.before["put_record"] = other
    with pytest.raises(StoreError, match="all the time"):
        await (ledger.put(alert(id="c"), NOW) if step == "put" else ledger.told(entry, NOW))
    assert count == TRIES


async def test_what_is_dropped_is_gone(ledger: Ledger) -> None:
    """Also of a clock that was set back, which delays nothing."""
    await ledger.put(alert(), NOW)
    (entry,) = await due(ledger)
    await ledger.told(entry, NOW + GIVEN_UP_S)
    await ledger.put(alert(id="b"), NOW)
    (entry,) = await due(ledger)
    await ledger.drop(entry, NOW)
    assert await ledger.entries(NOW) == []


async def test_what_was_told_as_it_was_dropped_is_known_to_be_told(ledger: Ledger) -> None:
    """Another gate gave it up meanwhile; the same again is counted."""
    await ledger.put(alert(), NOW)
    (entry,) = await due(ledger)
    await ledger.drop(entry, NOW)
    await ledger.told(entry, NOW)
    await ledger.put(alert(id="b"), NOW)
    assert await due(ledger) == []
