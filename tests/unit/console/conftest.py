"""One office, in which 101 is enrolled and sits at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.console.ports import Ports
from fastagi.policy.loading import load_text
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.opening import open_store
from tests.unit.console.world import (
    DESK,
    POLICY,
    Clock,
    Log,
    NoPool,
    Phones,
    Sites,
    World,
    enrolled,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fastagi.stores.store import Enrolment


@pytest.fixture(scope="session")
def vault() -> Vault:
    """A vault with one key."""
    return Vault([new_key()])


@pytest.fixture(scope="session")
def at_the_desk(vault: Vault) -> Enrolment:
    """Extension 101, with everything."""
    return enrolled(vault)


@pytest.fixture
async def world(vault: Vault, at_the_desk: Enrolment, tmp_path: Path) -> AsyncIterator[World]:
    """The web over a store of its own."""
    clock, phones = Clock(), Phones({("office", "101"): DESK})
    store = open_store("sqlite://:memory:")
    await store.enrol("office", at_the_desk)
    sites = Sites({"office": load_text(POLICY, tmp_path / "office.toml")})
    ports = Ports(sites, store, vault, NoPool(), Log(), clock, phones)
    yield World(ports, clock, phones, sites)
    await store.close()
