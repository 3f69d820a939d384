"""The embedded store as a whole; what it promises is asked in tests/contract."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import apsw
import pytest

from fastagi.errors import StoreError
from fastagi.stores.sqlite import SQLiteStore, open_store
from fastagi.stores.store import Enrolment, FailureKind, SubjectKind, Taken
from tests.contract.store_kinds import EXTENSION, NODE, PENALTY, ROME, SITE, a_lease

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SQLiteStore]:
    """An empty store."""
    opened = open_store(tmp_path / "store.db" if request.param == "file" else None)
    yield opened
    await opened.close()


async def test_every_door_leads_to_its_operation(store: SQLiteStore) -> None:
    """Written through one thread, read through another, and known at once."""
    await store.ready()
    assert isinstance(await store.take(a_lease("a"), 0.0), Taken)
    assert await store.live(SITE, 0.0) == [a_lease("a")]
    attempt = await store.begin_attempt(SITE, (EXTENSION,), FailureKind.CODE, PENALTY, 0.0)
    await store.succeed(attempt, 0.0)  # type: ignore[arg-type]  # nobody is locked out here
    assert await store.lockouts(None, 0.0) == []
    assert not await store.clear(SITE, SubjectKind.EXTENSION, "101", 0.0)
    enrolment = Enrolment("101", "hash", b"sealed", frozenset({"aa"}), 1.0)
    await store.enrol(SITE, enrolment)
    assert await store.enrolment(SITE, "101") == enrolment
    assert await store.enrolments(SITE) == [enrolment]
    assert await store.claim_step(SITE, enrolment, 5)
    assert await store.claim_recovery(SITE, enrolment, "aa")
    assert await store.remember(SITE, enrolment, "address:10.0.0.5", ["pin"], 0.0, 900.0)
    known = await store.known(SITE, "101", "10.0.0.5", "IT", "a", ROME, NODE, 1.0)
    assert known.proven_at == {"pin": 0.0}
    assert await store.unenrol(SITE, "101", 0.0)
    assert await store.release(SITE, "a", None, NODE, 0.0) == 1
    assert await store.tidy(0.0) == 0


def _names(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir()]


async def test_after_closing_everything_is_in_the_one_file(tmp_path: Path) -> None:
    """The operator can copy it; what is left beside it is empty."""
    store = open_store(tmp_path / "store.db")
    asked = [store.take(a_lease(f"{count}"), 0.0) for count in range(20)]
    await asyncio.gather(*asked)
    await store.close()
    await store.close()
    assert sorted(_names(tmp_path)) == ["store.db", "store.db-turn"]
    assert (tmp_path / "store.db-turn").stat().st_size == 0
    again = open_store(tmp_path / "store.db")
    assert len(await again.live(SITE, 0.0)) == 20
    await again.close()


async def test_a_closed_store_says_so(store: SQLiteStore) -> None:
    """Reading and writing alike."""
    await store.close()
    for asked in (store.take(a_lease("a"), 0.0), store.live(SITE, 0.0), store.ready()):
        with pytest.raises(StoreError, match="is closed"):
            await asked


async def test_readers_wait_for_no_writer(tmp_path: Path) -> None:
    """While another process holds the lock, what is known is known."""
    store = open_store(tmp_path / "store.db", patience_s=0.01)
    await store.take(a_lease("a"), 0.0)
    other = apsw.Connection(str(tmp_path / "store.db"))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked by another process"):
        await store.release(SITE, "a", None, NODE, 0.0)
    assert await store.live(SITE, 0.0) == [a_lease("a")]
    other.close()
    assert await store.release(SITE, "a", None, NODE, 0.0) == 1
    await store.close()


async def test_what_was_enrolled_is_gone_from_the_file(tmp_path: Path) -> None:
    """What is removed is overwritten, not just unlinked."""
    file = tmp_path / "store.db"
    store = open_store(file)
    secret = b"a sealed secret that is nowhere else"
    await store.enrol(SITE, Enrolment("101", totp=secret))
    await store.close()
    assert secret in file.read_bytes()
    store = open_store(file)
    await store.unenrol(SITE, "101", 0.0)
    await store.close()
    assert secret not in file.read_bytes()


async def test_the_queue_can_be_made_small(tmp_path: Path) -> None:
    """Its bounds are the thread's."""
    store = open_store(tmp_path / "store.db", most_waiting=0)
    with pytest.raises(StoreError, match="is too slow"):
        await store.ready()
    await store.close()
