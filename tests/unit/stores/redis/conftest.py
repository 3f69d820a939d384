"""A real server, and steps that ask it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.stores.redis import client, script
from fastagi.stores.redis.client import read_url
from fastagi.stores.redis.script import Steps
from tests.servers.farm import empty_store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(autouse=True)
def patient_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server be slow, as the machine may be; the deadline has tests of its own."""
    for module in (client, script):
        monkeypatch.setattr(module, "DEADLINE_S", 10.0)


@pytest.fixture
def url() -> str:
    """The URL of a server that keeps nothing yet."""
    return empty_store("redis")


@pytest.fixture
async def steps(url: str) -> AsyncIterator[Steps]:
    """That server, asked step by step."""
    asked = Steps(read_url(url))
    yield asked
    await asked.close()
