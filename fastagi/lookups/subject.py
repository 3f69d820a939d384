"""What a look-up is about, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """What can be looked up."""

    NUMBER = "number"
    ADDRESS = "address"


class Outcome(StrEnum):
    """What came of a look-up."""

    FOUND = "found"
    NOT_FOUND = "not-found"
    FAILED = "failed"
    DROPPED = "dropped"
    """It was never asked: too many waited."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One number or address.

    Attributes:
        text: The digits of E.164 without the plus, or an IP address.
    """

    kind: Kind
    text: str


class LookupMeter(Protocol):
    """Counts look-ups."""

    def looked_up(self, kind: Kind, outcome: Outcome) -> None:
        """Count one."""
        ...

    def paused(self, *, so: bool) -> None:
        """Say whether the service is left alone for a while."""
        ...


class NoMeter:
    """A `LookupMeter` where nobody counts."""

    def looked_up(self, kind: Kind, outcome: Outcome) -> None:
        """Count nothing."""

    def paused(self, *, so: bool) -> None:
        """Say nothing."""
