"""What the lookout needs of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.bans.allow import Never
    from fastagi.call.ports import Clock
    from fastagi.signs.sign import Sign
    from fastagi.stores.store import Store
    from fastagi.watcher.ports import PoliciesOfAll


class LookoutMeter(Protocol):
    """What the lookout tells those who count."""

    def linked(self, node: str, *, up: bool) -> None:
        """Take in that the link to an Asterisk is up, or is not."""
        ...

    def heard(self, node: str, events: int, forged: int) -> None:
        """Take in how many security events came since the last time, and how many were forged."""
        ...

    def found(self, site: str, sign: Sign) -> None:
        """Take in a piece of evidence."""
        ...

    def dropped(self, why: str, count: int) -> None:
        """Take in what nothing followed of, or nobody was told of."""
        ...

    def lost(self, lost: int, odd: int) -> None:
        """Take in what the gate's other processes could not hand over, and what was none of it."""
        ...


class NoMeter:
    """Where nobody counts."""

    def linked(self, node: str, *, up: bool) -> None:
        """Do nothing."""

    def heard(self, node: str, events: int, forged: int) -> None:
        """Do nothing."""

    def found(self, site: str, sign: Sign) -> None:
        """Do nothing."""

    def dropped(self, why: str, count: int) -> None:
        """Do nothing."""

    def lost(self, lost: int, odd: int) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class LookoutPorts:
    """What the lookout needs of the world.

    Attributes:
        now: The wall clock, in seconds since the epoch.
        country: Tells the country of an address, ISO 3166-1; empty where that is not known.
        never: Who is never banned.
        keep_s: For how long it is remembered what a phone had.
    """

    policies: PoliciesOfAll
    store: Store
    now: Clock
    meter: LookoutMeter
    country: Callable[[IPv4Address | IPv6Address], str]
    never: Never
    keep_s: float
