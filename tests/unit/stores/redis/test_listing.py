"""Going through a site batch by batch; what a listing promises is held in tests/contract."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.errors import StoreError
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.records import Record
from fastagi.stores.redis import listing, open_store
from fastagi.stores.redis.listing import AT_ONCE, TIDYING
from fastagi.stores.sign_ins import REMEMBERED_S
from fastagi.stores.store import Enrolment, FailureKind, Lockout
from tests.contract.store_kinds import EXTENSION, NODE, PENALTY, SITE, a_lease
from tests.contract.store_sign_ins import SIGN_IN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.stores.redis.shared import RedisStore

HELD = 10


@pytest.fixture
async def store(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RedisStore]:
    """Ten leases, charged to one window and each to its own; a step looks at four of anything."""
    monkeypatch.setattr(listing, "AT_ONCE", 4)
    opened = open_store(url)
    for count in range(HELD):
        lease = a_lease(f"{count}", extension=f"{count}", expires=100.0 + count)
        budgets = [Budget("day", key, Unit.ATTEMPTS, 99, 900) for key in ("all", f"{count}")]
        await opened.take(replace(lease, budgets=tuple(budgets)), 0.0)
    yield opened
    await opened.close()


def test_a_batch_is_bounded() -> None:
    """What one step costs does not grow with the site."""
    assert 100 <= AT_ONCE <= 500


async def test_no_step_looks_at_more_than_a_batch(store: RedisStore) -> None:
    """Of leases, subjects and extensions; each step says where the next one begins."""
    for count in range(HELD):
        await store.enrol(SITE, Enrolment(f"{count}", pin="p"))
    for _ in range(EXTENSION.allowed):
        said = await store.begin_attempt(SITE, (EXTENSION,), FailureKind.CODE, PENALTY, 0.0)
        assert not isinstance(said, Lockout)
    for count in range(HELD):
        new = replace(SIGN_IN, extension=f"{count}", person="x")
        assert await store.open_sign_in(new, None, 1, 0.0) == []
        assert await store.put_record(SITE, "token", Record(f"{count}", "", 50.0), None, 0.0)
    told, next_one = await store._steps.ask(SITE, "records", "token\0", 4, "0", "token")
    assert (len(told), next_one) == (4, b"token\x003")
    windows = [told async for told in store._listing._batches(SITE, "spent", "1")]
    assert [len(told) for told in windows] == [4, 4, 3]
    charges = [told async for told in store._listing._batches(SITE, "charges", "1")]
    assert max(len(told) for told in charges[:-1]) <= HELD  # a small set is told whole
    assert (len(charges), sum(map(len, charges))) == (6, 2 * HELD)
    of_whole_site = (("live", HELD), ("enrolments", HELD), ("sign_ins", HELD))
    for step, rows in (*of_whole_site, ("lockouts", 1), ("standings", 1)):
        sizes = []
        begins: bytes | str | None = ""
        while begins is not None:
            told, begins = await store._steps.ask(SITE, step, begins, 4, "1")
            sizes.append(len(told))
        assert sizes == ([4, 4, 2] if rows == HELD else [1])
    assert len(await store.enrolments(SITE)) == HELD
    assert len(await store.lockouts(None, 1.0)) == len(await store.standings(SITE, 1.0)) == 1
    for step in TIDYING:
        batches = [told async for told in store._listing._batches(SITE, step, "1")]
        assert batches == ([0] if step == "tidy_subjects" else [0, 0, 0])
    assert sum([told async for told in store._listing._batches(SITE, "tidy_records", "50")]) == 10
    late = f"{SIGN_IN.until + REMEMBERED_S}"
    batches = [told async for told in store._listing._batches(SITE, "tidy_sign_ins", late)]
    assert batches == [4, 4, 2]


async def test_a_step_goes_on_where_the_last_lease_was_though_it_is_gone(
    store: RedisStore,
) -> None:
    """And though what came before is gone with it: no rank says where that was."""
    told, begins = await store._steps.ask(SITE, "live", "", 4, "0")
    assert len(told) == 4
    for count in range(4):
        await store.release(SITE, f"{count}", None, NODE, 0.0)
    told, begins = await store._steps.ask(SITE, "live", begins, 4, "0")
    assert [float(lease[2]) for lease in told] == [104.0, 105.0, 106.0, 107.0]
    told, begins = await store._steps.ask(SITE, "live", begins, 4, "0")
    assert ([float(lease[2]) for lease in told], begins) == ([108.0, 109.0], None)


async def test_tidying_that_breaks_off_is_done_the_next_time(
    store: RedisStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was dropped is dropped, and the rest is not lost."""
    really, asked = store._steps.ask, []

    async def ask(site: str, step: str, *arguments: str | bytes | int) -> object:
        asked.append(step)
        if len(asked) == 2:
            raise StoreError("away")
        return await really(site, step, *arguments)

    monkeypatch.setattr(store._steps, "ask", ask)
    with pytest.raises(StoreError, match="away"):
        await store.tidy(1000.0)
    assert await store.tidy(1000.0) == HELD - 4 + 2 * HELD  # charges are void by then, too
    assert await store.live(SITE, 0.0) == []
