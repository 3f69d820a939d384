"""Where accounts showed their right password from, kept in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.lookout import places
from fastagi.lookout.places import KIND, keep, recall
from fastagi.signs.familiar import Familiar
from fastagi.stores.records import Record
from tests.unit.lookout.samples import NOW

if TYPE_CHECKING:
    import pytest
    from structlog.typing import EventDict

    from tests.doubles.shaky_store import ShakyStore


def knowing(*where: int, account: str = "101") -> Familiar:
    """Return what knows an account at these places."""
    made = Familiar()
    for each in where:
        made.learn("office", account, each, NOW)
    return made


async def test_what_is_kept_is_remembered_by_the_next(
    shaky: ShakyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page by page; of two gates, each what both know."""
    monkeypatch.setattr(places, "PAGE", 1)
    await keep(shaky.store, knowing(1), "office", "101", NOW)
    other = knowing(2)
    await keep(shaky.store, other, "office", "101", NOW)
    await keep(shaky.store, knowing(3, account="102"), "office", "102", NOW)
    assert other.knows("office", "101", 1, NOW)
    fresh = Familiar()
    await recall(shaky.store, fresh, "office", NOW)
    assert all(fresh.knows("office", "101", each, NOW) for each in (1, 2))
    assert fresh.knows("office", "102", 3, NOW)
    await recall(shaky.store, fresh, "hotel", NOW)


async def test_of_two_at_one_moment_both_are_kept(shaky: ShakyStore) -> None:
    """Whoever comes too late writes again."""

    async def faster() -> None:
        shaky.before.clear()
        await keep(shaky.store, knowing(2), "office", "101", NOW)

    shaky.before["put_record"] = faster
    await keep(shaky.store, knowing(1), "office", "101", NOW)
    fresh = Familiar()
    await recall(shaky.store, fresh, "office", NOW)
    assert all(fresh.knows("office", "101", each, NOW) for each in (1, 2))


async def test_what_is_not_remembered_is_not_kept(shaky: ShakyStore) -> None:
    """And what is kept already is not written again."""
    await keep(shaky.store, Familiar(), "office", "101", NOW)
    assert "put_record" not in shaky.asked
    for _ in range(3):
        await keep(shaky.store, knowing(1), "office", "101", NOW)
    assert shaky.asked.count("put_record") == 1


async def test_what_cannot_be_read_is_written_anew(
    shaky: ShakyStore, told: list[EventDict]
) -> None:
    """Of a later version, say."""
    await shaky.store.put_record("office", KIND, Record("101", "[]", None), None, NOW)
    await keep(shaky.store, knowing(1), "office", "101", NOW)
    assert [each["event"] for each in told] == ["places-unreadable"]
    fresh = Familiar()
    await recall(shaky.store, fresh, "office", NOW)
    assert fresh.knows("office", "101", 1, NOW)
