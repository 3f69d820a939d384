"""What a watcher needs of the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.call.ports import Clock, Decisions
    from fastagi.policy.model import Policy
    from fastagi.stores.store import Store
    from fastagi.watcher.bypass import Bypass


class PoliciesOfAll(Protocol):
    """The policies in force."""

    def of(self, site: str) -> Policy | None:
        """Return the site's policy; of an empty name, the only one there is."""
        ...

    def all(self) -> Sequence[Policy]:
        """Return every site's."""
        ...


class WatchMeter(Protocol):
    """What a watcher tells those who count."""

    def linked(self, node: str, *, up: bool) -> None:
        """Take in that the link to an Asterisk is up, or is not."""
        ...

    def bypassed(self, node: str, found: Bypass) -> None:
        """Take in a bypass."""
        ...

    def healed(self, node: str, site: str) -> None:
        """Take in that a lease was released whose call was over."""
        ...


class NoMeter:
    """Where nobody counts."""

    def linked(self, node: str, *, up: bool) -> None:
        """Do nothing."""

    def bypassed(self, node: str, found: Bypass) -> None:
        """Do nothing."""

    def healed(self, node: str, site: str) -> None:
        """Do nothing."""


class Slices(Protocol):
    """How long calls are paid for at a time."""

    def length_s(self, node: str) -> int:
        """Return how long a slice is for calls of an Asterisk; 0 where there are none."""
        ...

    def seen_to(self, node: str) -> None:
        """Take in that calls whose slice was over soon have just got their next one."""
        ...


@dataclass(frozen=True, slots=True)
class WatchPorts:
    """What the watcher needs of the world.

    Attributes:
        now: The clock of the leases.
        mask: Last digits of outside numbers that logs do not show.
        meter: Told of what happens, for those who count.
        slices: How long calls are paid for at a time.
        sites: Those whose calls are watched; all where none is named.
        hands_out: Whether passwords for phones are handed out.
    """

    policies: PoliciesOfAll
    store: Store
    decisions: Decisions
    now: Clock
    mask: int
    meter: WatchMeter
    slices: Slices
    sites: frozenset[str] = frozenset()
    hands_out: bool = False

    def watches(self, site: str) -> bool:
        """Whether calls of a site are watched."""
        return not self.sites or site in self.sites
