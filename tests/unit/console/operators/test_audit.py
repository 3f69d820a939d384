"""What operators did."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fastagi.console.operators import audit
from fastagi.console.operators.audit import KEPT_S, Deed, Entry
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from tests.unit.console.operators.backstage import Console

ENTRY = Entry(1000.0, "olga", "192.0.2.7", Deed.ENDED_CALL, "office", "1.2")


async def test_newest_come_first_a_page_at_a_time(console: Console) -> None:
    """And of those of one moment none is lost."""
    for number in range(5):
        entry = replace(ENTRY, at=1000.0 + number // 2, what=str(number))
        await audit.note(console.store, entry)
    seen: list[Entry] = []
    while found := await audit.page(console.store, seen[-1].key if seen else "", 2, 1002.0):
        seen += found
    assert [each.at for each in seen] == [1002.0, 1001.0, 1001.0, 1000.0, 1000.0]
    assert sorted(each.what for each in seen) == ["0", "1", "2", "3", "4"]


async def test_what_came_of_it_is_added(console: Console) -> None:
    """And told to the service's log."""
    entry = await audit.note(console.store, ENTRY)
    assert [each.outcome for each in await audit.page(console.store, "", 9, 1000.0)] == [""]
    with capture_logs() as logs:
        await audit.close(console.store, entry, "done", 1001.0)
    assert await audit.page(console.store, "", 9, 1000.0) == [replace(ENTRY, outcome="done")]
    assert [(each["event"], each["operator"], each["deed"]) for each in logs] == [
        ("operator-did", "olga", "ended-call")
    ]


async def test_it_is_kept_for_a_year_and_a_month(console: Console) -> None:
    """And no longer."""
    await audit.note(console.store, ENTRY)
    assert len(await audit.page(console.store, "", 9, 1000.0 + KEPT_S - 1)) == 1
    assert await audit.page(console.store, "", 9, 1000.0 + KEPT_S) == []


async def test_what_is_not_written_down_is_told(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it is not done; what came of it may be lost, and is told as well."""
    entry = await audit.note(console.store, ENTRY)

    async def no(*_: object) -> bool:
        return False

    async def away(*_: object) -> bool:
        raise StoreError("away")

    monkeypatch.setattr(console.store, "put_record", no, raising=False)
    with pytest.raises(StoreError, match="so it was not done"):
        await audit.note(console.store, ENTRY)
    monkeypatch.setattr(console.store, "put_record", away, raising=False)
    with capture_logs() as logs:
        await audit.close(console.store, entry, "done", 1001.0)
    assert [each["event"] for each in logs] == ["operator-did", "audit-unfinished"]
