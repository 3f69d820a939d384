"""Legs that may have passed the gate by: looked at once their patience is over, named, ended."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.watcher import bypass, report, truth
from fastagi.watcher.ending import end

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.watcher.bypass import Bypass
    from fastagi.watcher.channels import Channel, Channels
    from fastagi.watcher.link import Link
    from fastagi.watcher.ports import WatchPorts

log = structlog.get_logger(__name__)

RETRY_S: Final = 1.0
"""Until a leg is looked at again that Asterisk told nothing of, or did not hang up."""


@dataclass(slots=True)
class _Suspect:
    channel: Channel
    due: float


class Suspects:
    """Those of one Asterisk."""

    def __init__(self, node: str, ports: WatchPorts) -> None:
        self._node = node
        self._ports = ports
        self._suspects: dict[str, _Suspect] = {}
        self._named: set[str] = set()  # bypasses that were, each once, though they are still up

    def forget(self) -> None:
        """Begin anew: the next list tells who is up."""
        self._suspects.clear()

    def still_up(self, uniqueids: Iterable[str]) -> None:
        """Forget the bypasses that are over."""
        self._named.intersection_update(uniqueids)

    def hear(self, channel: Channel, at: float) -> None:
        """Take note of a channel that was heard of, if it is one to be looked at."""
        if not bypass.is_suspect(channel, self._ports.policies.all()):
            return
        due = at + bypass.UNDIALLED_S
        if channel.dialled_at is not None:
            due = channel.dialled_at + bypass.PATIENCE_S
        suspect = self._suspects.setdefault(channel.uniqueid, _Suspect(channel, due))
        suspect.due = min(suspect.due, due)

    async def look(self, link: Link, channels: Channels) -> None:
        """Look at those that are due, side by side.

        Raises:
            LinkError: Asterisk did not tell what one of them is. It is looked at again.
        """
        now = time.monotonic()
        due = [each for each in self._suspects.values() if each.due <= now]
        looked = await asyncio.gather(
            *(self._look(link, channels, each) for each in due), return_exceptions=True
        )
        for each in looked:
            if each is not None:
                raise each

    async def _look(self, link: Link, channels: Channels, suspect: _Suspect) -> None:
        channel, now = suspect.channel, time.monotonic()
        suspect.due = now + RETRY_S
        leg = await truth.leg_of(link, channel.uniqueid)
        if leg is None:
            self._clear(channel)
            return
        if channels.of(channel.uniqueid) is None:
            link.forgeries.found("the end of a channel that is up")
            channels.put_back(channel)
        if leg.is_down and channel.dialled_at is None:
            suspect.due = now + bypass.UNDIALLED_S
            return
        found = bypass.judge(channel, leg, self._ports.policies.all())
        if found is not None and channel.uniqueid not in self._named:
            self._name(found)
        if found is None or not found.hang_up or await end(link, [channel]):
            self._clear(channel)

    def _clear(self, channel: Channel) -> None:
        channel.judged = True
        self._suspects.pop(channel.uniqueid, None)

    def _name(self, found: Bypass) -> None:
        ports = self._ports
        self._named.add(found.channel.uniqueid)
        ports.decisions.record(report.record_of(found, self._node, ports.now()))
        log.error("bypass", **report.words_of(found, self._node, ports.mask))
        ports.meter.bypassed(self._node, found)
