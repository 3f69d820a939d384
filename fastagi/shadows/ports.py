"""What shadows tell, as small doors; the daemon gives the real ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fastagi.shadows.differences import Entry, Kind


class Entries(Protocol):
    """Where differences go on record."""

    def record(self, record: Entry) -> None:
        """Take an entry, at once; never waits, never raises."""
        ...


class ShadowMeter(Protocol):
    """Who counts."""

    def judged(self, site: str, kind: Kind | None) -> None:
        """Count a call that was judged, and how it differs; None where it does not."""
        ...

    def unjudged(self, site: str, why: str) -> None:
        """Count a call that was not judged: `dropped`, or `failed`."""
        ...


class NoShadowMeter:
    """Where nobody counts."""

    def judged(self, site: str, kind: Kind | None) -> None:
        """Forget it."""

    def unjudged(self, site: str, why: str) -> None:
        """Forget it."""
