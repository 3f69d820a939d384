"""Calls that are over, and the releases that nobody else asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.costs import settlement
from fastagi.call.ports import soon
from fastagi.call.release import to_settle
from fastagi.watcher import truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Lease
    from fastagi.watcher.channels import Channel, Channels, Mark
    from fastagi.watcher.link import Link
    from fastagi.watcher.ports import WatchPorts

log = structlog.get_logger(__name__)

GRACE_S: Final = 2.0
"""How long after a call's end the watcher releases it: the dialplan does it sooner."""


@dataclass(slots=True)
class _Call:
    """What was heard of a call that has leases.

    Attributes:
        parts: Its caller, once that one hung up, and its legs, by their `uniqueid`.
    """

    marks: set[Mark] = field(default_factory=set)
    parts: dict[str, Channel] = field(default_factory=dict)


class Releases:
    """Those of one Asterisk. What was heard only says where to look: Asterisk is asked."""

    def __init__(self, node: str, ports: WatchPorts) -> None:
        self._node = node
        self._ports = ports
        self._calls: dict[str, _Call] = {}
        self._ended: dict[str, float] = {}  # call: when its grace is over

    def forget(self) -> None:
        """Begin anew: the next list tells which calls are over."""
        self._ended.clear()

    def hear(self, channel: Channel) -> None:
        """Take in whose leg a channel is."""
        if channel.mark is not None:
            call = self._calls.setdefault(channel.mark.call, _Call())
            call.marks.add(channel.mark)
            call.parts[channel.uniqueid] = channel

    def hung_up(self, channel: Channel, channels: Channels) -> None:
        """Take in that a channel is said to be over."""
        name = channel.uniqueid if channel.mark is None else channel.mark.call
        call = self._calls.get(name)
        if call is None:
            return
        call.parts[channel.uniqueid] = channel
        if not channels.is_alive(name):
            self._ended[name] = time.monotonic() + GRACE_S

    def listed(self, channels: Channels) -> None:
        """Take a whole list in: calls that are not on it may be over."""
        for name in self._calls:
            if name not in self._ended and not channels.is_alive(name):
                self._ended[name] = time.monotonic() + GRACE_S

    async def look(self, link: Link, channels: Channels) -> None:
        """Release the calls that are over, once their grace is.

        Raises:
            LinkError: Asterisk does not tell whether one is. It is asked again.
            StoreError: The store takes nothing.
        """
        now = time.monotonic()
        for name in [each for each, at in self._ended.items() if at <= now]:
            self._ended[name] = now + GRACE_S
            if await self._is_up(link, channels, name):
                self._ended.pop(name, None)
                continue
            call = self._calls.get(name, _Call())
            for mark in call.marks:
                policy = self._ports.policies.of(mark.site)
                if policy is not None:
                    await self._release(policy.site.name, name, mark.number)
            self._ended.pop(name, None)
            self._calls.pop(name, None)

    async def void(self, link: Link, channels: Channels, leases: Sequence[Lease]) -> None:
        """Release leases whose call a list shows no more, where it is over indeed.

        Raises:
            LinkError: Asterisk does not tell whether one is.
            StoreError: The store takes nothing.
        """
        for each in leases:
            if not await self._is_up(link, channels, each.call):
                await self._release(each.site, each.call, each.number)

    async def _is_up(self, link: Link, channels: Channels, name: str) -> bool:
        """Whether the caller of a call, or any leg of it, is up; those that are count as such."""
        parts = self._calls.get(name, _Call()).parts
        up = await truth.up(link, {name, *parts})
        for each in up:
            if channels.of(each) is None:
                link.forgeries.found("the end of a channel that is up")
                if each in parts:
                    channels.put_back(parts[each])
        return bool(up)

    async def _release(self, site: str, call: str, number: str) -> None:
        ports, node, now = self._ports, self._node, self._ports.now()
        policy, lease = ports.policies.of(site), None
        if policy is not None:
            lease = await to_settle(ports.store, policy, call, number, node, now)
        if await soon(ports.store.release(site, call, number, node, now)):
            log.warning("lease-released", node=node, site=site, call=call, why="its call is over")
            ports.meter.healed(node, site)
            if lease is not None:
                ports.decisions.record(settlement(policy, lease, now, None))
