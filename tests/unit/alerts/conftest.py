"""A store that can be away, targets, and somebody who takes in what is sent, or does not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from fastagi.alerts.alert import Alert, Message
from fastagi.alerts.kind import Kind
from fastagi.alerts.target import Target
from fastagi.call import ports
from fastagi.stores.opening import open_store
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.stores.store import Store

NOW = 1_800_000_000.0
TARGET = Target("json://h/hunter2", "on-call/1 json", "on-call", frozenset(Kind), 900.0, 20.0)


@dataclass
class Clock:
    """The wall clock of a test."""

    now: float = NOW

    def __call__(self) -> float:
        """Return the moment."""
        return self.now


@dataclass
class Receiver:
    """Whoever is told: keeps what came, and says what the test wants.

    Attributes:
        why: Why it takes nothing in.
    """

    why: str = ""
    told: list[tuple[str, Message]] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, url: str, message: Message) -> str:
        """Take a message in, or not."""
        self.told.append((url, message))
        self.came.set()
        return self.why

    @property
    def titles(self) -> list[str]:
        """What the messages were about."""
        return [message.title.removeprefix("dialguard: ") for _, message in self.told]


@dataclass
class Counted:
    """A meter that keeps what it is told."""

    said: list[tuple[str, ...]] = field(default_factory=list)

    def told(self, alert: str, kind: Kind) -> None:
        """Take a message in."""
        self.said.append(("told", alert, kind))

    def refused(self, alert: str) -> None:
        """Take a refusal in."""
        self.said.append(("refused", alert))

    def dropped(self, why: str, count: int) -> None:
        """Take in what was not told."""
        self.said.append(("dropped", why, str(count)))


def alert(
    subject: str = "office extension 101",
    id: str = "a",
    kind: Kind = Kind.LOCKOUT,
    at: float = NOW,
    what: str = "Extension 101 is locked out",
) -> Alert:
    """Return an alert."""
    return Alert(kind, subject, id * 8, at, what, "look", "office", (("Who", "101"),))


@pytest.fixture(autouse=True)
def patient_stores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a store be slow: what is promised here is what is told, not how soon."""
    monkeypatch.setattr(ports, "STORE_PATIENCE_S", 10.0)


@pytest.fixture
def clock() -> Clock:
    """Return the wall clock."""
    return Clock()


@pytest.fixture
def receiver() -> Receiver:
    """Return who is told."""
    return Receiver()


@pytest.fixture
def counted() -> Counted:
    """Return who counts."""
    return Counted()


@pytest.fixture
async def shaky() -> AsyncIterator[ShakyStore]:
    """A store in memory that can be away."""
    opened = open_store("sqlite://:memory:")
    yield ShakyStore(opened)
    await opened.close()


@pytest.fixture
async def here() -> AsyncIterator[Store]:
    """Return a gate's own store, in memory."""
    opened = open_store("sqlite://:memory:")
    yield opened
    await opened.close()
