"""Production runs on uvloop, a newcomer may not: every test here runs on both loops.

And every promise of a store is asked of every kind of store.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import uvloop

from fastagi.stores.opening import open_store
from tests.contract.store_kinds import KINDS, SHARED, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from fastagi.stores.store import Store


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Name the loops for pytest-asyncio."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Every kind of store there is."""
    assert isinstance(request.param, Kind)
    return request.param


@pytest.fixture
async def store(kind: Kind, tmp_path: Path) -> AsyncIterator[Store]:
    """A new, empty store of every kind."""
    opened = open_store(kind.url(tmp_path))
    yield opened
    await opened.close()


@pytest.fixture(params=SHARED, ids=lambda kind: kind.name)
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new store that several processes can open; of every such kind."""
    assert isinstance(request.param, Kind)
    return request.param.url(tmp_path)
