"""Production runs on uvloop, a newcomer may not: every test here runs on both loops.

But for the costly kinds of stores, which run on uvloop only. And every promise of a store is asked
of every kind of store.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
import uvloop

from fastagi.stores.opening import open_store
from fastagi.stores.redis import client, listing, script
from tests.contract.store_kinds import KINDS, SHARED, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from fastagi.stores.store import Store


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Name the loops for pytest-asyncio."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the second loop of the costly kinds: the driver is tried on both by `redis`."""
    extra = [item for item in items if _is_second_loop_of_a_costly_kind(item)]
    if extra:
        config.hook.pytest_deselected(items=extra)
        items[:] = [item for item in items if item not in extra]


def _is_second_loop_of_a_costly_kind(item: pytest.Item) -> bool:
    call = getattr(item, "callspec", None)
    if call is None:
        return False
    kind = call.params.get("kind", call.params.get("shared_url"))
    return isinstance(kind, Kind) and kind.is_costly and "asyncio" in call.id.split("-")


@pytest.fixture(autouse=True)
def patient_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a server of the tests be slow: what is promised here is what it answers, not how soon.

    How long a caller waits at most is held by tests of its own.
    """
    for module in (client, script):
        monkeypatch.setattr(module, "DEADLINE_S", 10.0)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let whatever goes through a site take several steps, however little the tests put there."""
    monkeypatch.setattr(listing, "AT_ONCE", 2)


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


@pytest.fixture
async def opened() -> AsyncIterator[Callable[[str], Store]]:
    """Opens the store of a URL, and closes it whatever becomes of the test.

    With a connection by TLS left open uvloop would never come to an end.
    """
    async with contextlib.AsyncExitStack() as stack:

        def open_url(url: str) -> Store:
            store = open_store(url)
            stack.push_async_callback(store.close)
            return store

        yield open_url


@pytest.fixture(params=SHARED, ids=lambda kind: kind.name)
def shared_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new store that several processes can open; of every such kind."""
    assert isinstance(request.param, Kind)
    return request.param.url(tmp_path)
