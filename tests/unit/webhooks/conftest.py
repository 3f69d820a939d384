"""A store, a hook, and somebody who takes in what is sent, or does not."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from fastagi.events.event import Event, Kind
from fastagi.stores.opening import open_store
from fastagi.stores.sign_ins import Origin, SignIn, Way
from fastagi.webhooks import signature
from fastagi.webhooks.hook import Hook
from fastagi.webhooks.outbox import Outbox
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = 1_800_000_000.0
SECRET = "0123456789abcdef0123456789abcdef"
HOOK = Hook("https://crm.example/told?key=hunter2", SECRET, frozenset(Kind))


@dataclass
class Clock:
    """The wall clock of a test."""

    now: float = NOW

    def __call__(self) -> float:
        """Return the moment."""
        return self.now


@dataclass
class Receiver:
    """Whoever is told: keeps what came, and answers as the test wants."""

    status: int = 204
    broken: Exception | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seen: list[httpx.Request] = field(default_factory=list)

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Take a request in."""
        self.seen.append(request)
        if self.broken is not None:
            raise self.broken
        return httpx.Response(self.status, headers=self.headers)

    @property
    def told(self) -> list[tuple[str, str]]:
        """What came, as (event, id)."""
        return [(each["event"], each["id"]) for each in self.bodies]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """What came; that each was signed."""
        for each in self.seen:
            signed = signature.sign(SECRET, each.headers[signature.TIMESTAMP], each.content)
            assert each.headers[signature.SIGNATURE] == f"v1={signed}"
        return [json.loads(each.content) for each in self.seen]


@pytest.fixture
async def shaky() -> AsyncIterator[ShakyStore]:
    """A store in memory that can be away."""
    opened = open_store("sqlite://:memory:")
    yield ShakyStore(opened)
    await opened.close()


@pytest.fixture
def outbox(shaky: ShakyStore) -> Outbox:
    """What waits for the hook."""
    return Outbox(shaky.store, HOOK)


def sign_in(
    extension: str = "101",
    id: str = "a",
    since: float = NOW,
    *,
    site: str = "office",
    until: float | None = None,
    idle_s: int = 0,
) -> SignIn:
    """Return a sign-in of an hour."""
    return SignIn(
        site=site,
        extension=extension,
        id=id,
        person=extension,
        way=Way.KEYPAD,
        origin=Origin("10.0.0.5", "tls", "a", extension),
        node="pbx",
        since=since,
        until=since + 3600 if until is None else until,
        idle_s=idle_s,
        used=since,
    )


async def waiting(outbox: Outbox, now: float = NOW) -> list[tuple[str, str]]:
    """Return what waits, as (event, of whom), the oldest first."""
    bodies = [json.loads(each.body) for each in await outbox.waiting(now)]
    return [
        (each["event"], each["data"].get("sign_in") or each["data"].get("name") or "")
        for each in bodies
    ]


def event(id: str = "e", at: float = NOW) -> Event:
    """Return an event of no meaning."""
    return Event(Kind.DENIAL, id, at, "office", {})
