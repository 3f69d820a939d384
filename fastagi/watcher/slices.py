"""Calls that are paid for slice by slice: the next slice is reserved before the last is over.

So a call keeps no more of a budget from others than it will soon use; what RFC 8506 calls a quota.
First the store, and only then Asterisk: whatever fails in between, no leg lasts for longer than is
reserved. While either is away nothing is extended, and legs end in time by themselves.
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.costs import nearly_used_up
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.errors import LinkError
from fastagi.watcher import truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.budgets import Level
    from fastagi.stores.store import Lease
    from fastagi.watcher.channels import Channel, Channels
    from fastagi.watcher.link import Link
    from fastagi.watcher.ports import WatchPorts

log = structlog.get_logger(__name__)

LOOKS: Final = 4
"""How often within a slice its calls are looked at; in the second half they are extended …"""

LOOK_AT_MOST_S: Final = 60.0
"""… and at least this often: each look lists all leases."""


class Slices:
    """Those of one Asterisk."""

    def __init__(self, node: str, ports: WatchPorts) -> None:
        self._node = node
        self._ports = ports
        self._slice_s = 0
        self._look_at = -math.inf
        self._looked = False  # over this link
        self._owed: dict[_Name, Lease] = {}  # extended in the store, and not at Asterisk yet
        self._used_up: set[_Name] = set()  # told of, once

    def forget(self) -> None:
        """Look as soon as there is a list of what is up."""
        self._look_at, self._looked = -math.inf, False

    async def look(self, link: Link, channels: Channels) -> None:
        """Let the calls go on whose slice is over soon, if it is time to look.

        Raises:
            LinkError: Asterisk does not tell which legs are up.
            StoreError: The store does not tell which calls are, or reserves nothing.
        """
        now_s = time.monotonic()
        self._slice_s = self._ports.slices.length_s(self._node)
        if not self._slice_s or now_s < self._look_at:
            return
        ports, now = self._ports, self._ports.now()
        leases = await soon(ports.store.live(None, now), LISTING_PATIENCE_S)
        ours = {
            _name(each): each
            for each in leases
            if each.node == self._node and ports.watches(each.site)
        }
        self._used_up &= ours.keys()
        self._owed = {name: each for name, each in self._owed.items() if name in ours}
        due = [each for name, each in ours.items() if name in self._owed or self._is_due(each)]
        for lease in due:
            await self._go_on(link, channels, lease)
        self._look_at = now_s + min(LOOK_AT_MOST_S, self._slice_s / LOOKS)
        if not self._looked:
            log.info("calls-looked-after", node=self._node, slice_s=self._slice_s)
        self._looked = True
        ports.slices.seen_to(self._node)

    def _is_due(self, lease: Lease) -> bool:
        left_s = lease.since + lease.seconds - self._ports.now()
        return lease.seconds < lease.longest_s and left_s < self._slice_s / 2

    async def _go_on(self, link: Link, channels: Channels, lease: Lease) -> None:
        name = _name(lease)
        legs = await truth.marked(link, channels.legs(lease.call, lease.number))
        if not legs:
            self._owed.pop(name, None)  # nobody talks; the one that comes next is bounded anew
            return
        if self._is_due(lease):
            longer = await soon(
                self._ports.store.extend(
                    *name, min(lease.seconds + self._slice_s, lease.longest_s), self._ports.now()
                )
            )
            if longer is None:
                return
            self._tell(lease.site, longer.crossed)
            if longer.lease.seconds > lease.seconds:
                self._owed[name] = longer.lease
            elif name not in self._used_up:
                self._used_up.add(name)
                log.info("budget-used-up", node=self._node, site=lease.site, call=lease.call)
        owed = self._owed.get(name)
        if owed is not None and await self._bound(link, legs, owed):
            self._owed.pop(name, None)

    def _tell(self, site: str, crossed: Sequence[Level]) -> None:
        """Tell of budgets that a call has just brought near their end by going on."""
        policy = self._ports.policies.of(site)
        if policy is None:
            return
        for level in crossed:
            log.warning("budget-nearly-used-up", **nearly_used_up(policy, level))

    async def _bound(self, link: Link, legs: Sequence[Channel], lease: Lease) -> bool:
        """Have the legs last until what is reserved is over; whether that is so now."""
        left_s = int(lease.since + lease.seconds - self._ports.now())
        for leg in legs if left_s > 0 else ():
            try:
                await link.ask("AbsoluteTimeout", Channel=leg.uniqueid, Timeout=str(left_s))
            except LinkError as error:
                if link.lost.is_set():
                    raise
                log.info("leg-not-extended", node=self._node, channel=leg.name, why=str(error))
                return False
        return True


_Name = tuple[str, str, str, str]
"""What names a lease: site, call, number, node."""


def _name(lease: Lease) -> _Name:
    return lease.site, lease.call, lease.number, lease.node
