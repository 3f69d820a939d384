"""A store that can be away, and somebody who tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.stores.opening import open_store
from fastagi.webhooks.outbox import Outbox
from tests.doubles.shaky_store import ShakyStore
from tests.unit.webhooks.conftest import HOOK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def shaky() -> AsyncIterator[ShakyStore]:
    """A store in memory that can be away."""
    opened = open_store("sqlite://:memory:")
    yield ShakyStore(opened)
    await opened.close()


@pytest.fixture
def outbox(shaky: ShakyStore) -> Outbox:
    """What is to be told to a webhook, which is who tells here."""
    return Outbox(shaky.store, HOOK)
