"""Denials, and brakes put on, by following this machine's record of decisions.

Each machine's record has its own calls, so that none of it is told by two. How far it was read is
kept in the store, by the machine's name: where that is a new one at each start, as in some
containers, what was denied while nobody followed is not told.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.ports import soon
from fastagi.decision_log.following import Place, end_of, lines_after
from fastagi.events.event import Kind, of_braking, of_line
from fastagi.stores.records import EVERYWHERE, Record
from fastagi.webhooks.outbox import GIVEN_UP_S

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.events.event import Event
    from fastagi.stores.records import Records
    from fastagi.webhooks.hook import Hook
    from fastagi.webhooks.outbox import Outbox

MOST_AT_ONCE: Final = 20
"""Denials put in by one look, a second apart: a flood of them waits in its file, and does not take
the store from the calls. Those of sites that the hook hears nothing of are passed over."""

CHUNKS_AT_ONCE: Final = 16
"""Chunks of the record, 256 KiB each, that one look passes over where it has nothing to tell."""

WRITTEN_EACH_S: Final = 10.0
"""How often it is kept how far was read, where there was nothing to tell."""

KEPT_S: Final = 30 * 86400.0

KINDS: Final = frozenset({Kind.DENIAL, Kind.BRAKE})
"""What is read there."""

log = structlog.get_logger(__name__)


class Denials:
    """Reads on in one machine's record, for one hook."""

    def __init__(
        self, records: Records, hook: Hook, outbox: Outbox, path: Path, machine: str
    ) -> None:
        self._records = records
        self._outbox = outbox
        self._hook = hook
        self._marks = tuple(f'"site":"{each}"'.encode() for each in hook.sites)
        self._path = path
        self._kind = f"webhook-read-{hook.name}"
        self._machine = machine
        self._recalled = False
        self._place: Place | None = None
        self._text: str | None = None
        self._written_at = 0.0

    async def look(self, now: float, room: int) -> bool:
        """Put what was denied since into the outbox; whether there may be more at once.

        Args:
            now: The moment.
            room: How many events more may wait.

        Raises:
            StoreError: What is not in is found by the next look.
            OSError: The record cannot be read.
        """
        if not self._recalled:
            await self._recall(now)
        put, read = 0, 0
        place = self._place
        for _ in range(CHUNKS_AT_ONCE if room > 0 else 0):
            lines = await asyncio.to_thread(lines_after, self._path, place)
            for line, after in lines:
                events = self._told_of(line, now)
                if events and put >= min(MOST_AT_ONCE, room):
                    break
                for event in events:
                    await self._outbox.put(event, now)
                put += len(events)
                place, read = after, read + 1
            if put or not lines:
                break
        self._place = place
        if put or now - self._written_at >= WRITTEN_EACH_S:
            await self._write(now)
        return read > 0

    def _told_of(self, line: bytes, now: float) -> list[Event]:
        """Return what the hook is told of a line.

        What is of other sites is not taken apart: a flood of it is to cost little.
        """
        if self._marks and not any(each in line for each in self._marks):
            return []
        return [
            each
            for each in (of_line(line), of_braking(line))
            if each is not None
            and each.kind in self._hook.kinds
            and self._hook.hears_of(each.site)
            and now - each.at < GIVEN_UP_S
        ]

    async def _recall(self, now: float) -> None:
        """Find where we left off; where nobody ever read, nothing of what was is told."""
        found = await soon(self._records.record(EVERYWHERE, self._kind, self._machine, now))
        if found is None:
            self._place = await asyncio.to_thread(end_of, self._path)
        else:
            self._text = found.text
            read = json.loads(found.text)
            self._place = None if read is None else Place(*read)
        self._recalled = True

    async def _write(self, now: float) -> None:
        text = json.dumps(None if self._place is None else astuple(self._place))
        kept = Record(self._machine, text, now + KEPT_S)
        if not await soon(self._records.put_record(EVERYWHERE, self._kind, kept, self._text, now)):
            # Our own write, of which we did not hear, or another of this name: begin where it is.
            self._recalled = False
            log.info("webhook-place-recalled", machine=self._machine)
            return
        self._text, self._written_at = text, now
