"""One office, in which 101 is enrolled and sits at the desk."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.console import app, assets
from fastagi.console.ports import Ports
from fastagi.console.rendering import Renderer
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
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from structlog.typing import EventDict

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


@pytest.fixture
def told() -> Iterator[list[EventDict]]:
    """Return what is logged."""
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates are the same for every application: each is compiled once for all tests."""
    monkeypatch.setattr(app, "Renderer", _renderer)


@functools.cache
def _made(languages: tuple[str, ...]) -> Renderer:
    return Renderer(languages, assets.load())


def _renderer(languages: tuple[str, ...], _assets: object) -> Renderer:
    return _made(languages)
