"""What telling needs of the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fastagi.alerts.alert import Message
    from fastagi.alerts.kind import Kind


class Send(Protocol):
    """Who sends."""

    async def __call__(self, url: str, message: Message) -> str:
        """Send a message; return why it was not taken in, or nothing."""
        ...


class Meter(Protocol):
    """Who counts."""

    def told(self, alert: str, kind: Kind) -> None:
        """Take in that a message was taken in."""
        ...

    def refused(self, alert: str) -> None:
        """Take in that a message was not taken in; it is sent again."""
        ...

    def dropped(self, why: str, count: int) -> None:
        """Take in that something is told without its name, or not at all."""
        ...


class NoMeter:
    """Where nobody counts."""

    def told(self, alert: str, kind: Kind) -> None:
        """Do nothing."""

    def refused(self, alert: str) -> None:
        """Do nothing."""

    def dropped(self, why: str, count: int) -> None:
        """Do nothing."""
