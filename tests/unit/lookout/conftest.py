"""A store, and what is logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.stores.opening import open_store
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from structlog.typing import EventDict


@pytest.fixture
async def shaky() -> AsyncIterator[ShakyStore]:
    """A store that can be away."""
    store = open_store("sqlite://:memory:")
    await store.ready()
    yield ShakyStore(store)
    await store.close()


@pytest.fixture
def told() -> Iterator[list[EventDict]]:
    """Return what is logged."""
    with structlog.testing.capture_logs() as lines:
        yield lines
