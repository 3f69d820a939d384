"""What one worker finds reported, others know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.lookups import shared as room
from fastagi.lookups.shared import Shared
from fastagi.lookups.subject import Kind, Subject
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastagi.stores.store import Store

CUBA = Subject(Kind.NUMBER, "5355512345")
THERE = Subject(Kind.ADDRESS, "2001:db8::5")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Return a store."""
    store = open_store(f"sqlite:///{tmp_path / 'dialguard.db'}")
    yield store
    await store.close()


async def test_what_is_told_is_known_for_its_time(store: Store) -> None:
    """To all who use the store; told twice is told once, and it can be taken back."""
    one, other = Shared(store, lambda: 100.0), Shared(store, lambda: 160.0)
    assert await one.all() == {}
    for subject in (CUBA, THERE, CUBA):
        await one.put(subject, 90.0)
    assert await other.all() == {CUBA: 30.0, THERE: 30.0}
    await other.drop(CUBA)
    assert await one.all() == {THERE: 90.0}
    assert await Shared(store, lambda: 190.0).all() == {}


async def test_no_more_is_read_than_a_worker_can(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many were told."""
    monkeypatch.setattr(room, "MOST", 2)
    shared = Shared(store, lambda: 0.0)
    for number in range(4):
        await shared.put(Subject(Kind.NUMBER, f"5{number}"), 90.0)
    assert len(await shared.all()) == 2
