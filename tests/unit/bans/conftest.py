"""A store of the test's own, and bans of addresses that are nobody's."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from fastagi.bans.allow import AllowList
from fastagi.bans.ban import Ban
from fastagi.stores.opening import open_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.stores.store import Store

NOW = 1_800_000_000.0
NOBODY = AllowList([])


def ban(network: str, for_s: float = 600, *, since: float = NOW, **texts: str) -> Ban:
    """Return a ban, of a watch where nothing else is said."""
    return Ban(ip_network(network), since, since + for_s, **{"watch": "scanners", **texts})


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Open one in memory."""
    opened = open_store("sqlite://:memory:")
    yield opened
    await opened.close()
