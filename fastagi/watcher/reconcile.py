"""What is to be done where leases and calls disagree. Decisions only: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fastagi.stores.store import Lease
    from fastagi.watcher.channels import Channel, Channels, Mark

MARGIN_S: Final = 5.0
"""How much older than a list of channels a lease must be for its absence there to mean something.
A lease is taken before its leg is dialled, and clocks of two machines differ by a little."""

RENEW_BEFORE_S: Final = 120.0
"""A lease that ends this soon, while its call is up, is renewed …"""

RENEW_BY_S: Final = 300.0
"""… to last so long from now."""


def void(
    leases: Iterable[Lease], channels: Channels, node: str, asked_at: float
) -> Sequence[Lease]:
    """Return the leases of this node whose call is gone: neither caller nor leg is up.

    Args:
        leases: Those in force.
        channels: What is up.
        node: Which Asterisk the channels are of.
        asked_at: When the list of channels was asked for, by the clock of the leases.
    """
    return [
        each
        for each in leases
        if each.node == node
        and each.since < asked_at - MARGIN_S
        and not channels.is_alive(each.call)
    ]


def ending(leases: Iterable[Lease], channels: Channels, node: str, now: float) -> Sequence[Lease]:
    """Return the leases of this node that end soon although a leg of their call is up."""
    return [
        each
        for each in leases
        if each.node == node
        and each.expires - now < RENEW_BEFORE_S
        and channels.legs(each.call, each.number)
    ]


@dataclass(frozen=True, slots=True)
class Unbounded:
    """A marked leg that lost its absolute timeout.

    Attributes:
        left_s: What it has left, in seconds; 0 where nothing is left, and it is to be hung up.
    """

    leg: Channel
    left_s: int


def unbounded(
    channels: Channels,
    leases: Iterable[Lease],
    node: str,
    now: float,
    is_free: Callable[[Mark], bool],
) -> Sequence[Unbounded]:
    """Return the legs that nothing would end, with what their leases leave them.

    Args:
        channels: What is up, by a list.
        leases: Those in force.
        node: Which Asterisk the channels are of.
        now: By the clock of the leases.
        is_free: Whether a leg needs no bound: an emergency call, or none of our sites.
    """
    held = {(each.call, each.number): each for each in leases if each.node == node}
    found = []
    for leg in channels.legs():
        if leg.bounded is not False or leg.mark is None or is_free(leg.mark):
            continue
        lease = held.get((leg.mark.call, leg.mark.number))
        ends = 0.0 if lease is None else lease.since + lease.seconds
        found.append(Unbounded(leg, max(0, int(ends - now))))
    return found
