"""What is to be told, kept in the store until it was: durable, bounded, and each event once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from fastagi.events.event import Event
    from fastagi.stores.records import Records
    from fastagi.webhooks.hook import Hook

MOST: Final = 1_000
"""Events that wait for one hook. With so many no more are looked for: those that are not come to
stay where they are seen, in the store and in the record of decisions."""

GIVEN_UP_S: Final = 86400.0
"""How long an event is tried to be told."""

KEPT_S: Final = 2 * GIVEN_UP_S
"""How long it is kept in any case: so that somebody says that it is given up."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that is to be told.

    Attributes:
        record: As the store has it.
        id: The event's.
        since: When it was put in.
        next_at: When it is to be tried.
        tries: How often it was.
    """

    record: Record
    id: str
    body: str
    since: float
    next_at: float
    tries: int


class Outbox:
    """The events that wait for one hook."""

    def __init__(self, records: Records, hook: Hook) -> None:
        self._records = records
        self._hook = hook
        self._kind = f"webhook-due-{hook.name}"

    async def put(self, event: Event, now: float) -> None:
        """Have an event told; one that waits already stays as it is, and one of others is not.

        Raises:
            StoreError: It is unknown whether it is in.
        """
        if not self._hook.hears_of(event.site):
            return
        key = f"{event.at:017.3f} {event.id}"  # the oldest come first
        waiting = Waiting(Record(key, "", None), event.id, event.body, now, now, 0)
        await soon(self._records.put_record(EVERYWHERE, self._kind, _record(waiting), None, now))

    async def waiting(self, now: float) -> list[Waiting]:
        """Return what waits, the oldest first; no more than `MOST`.

        Raises:
            StoreError: It cannot be read.
        """
        found = await soon(self._records.records(EVERYWHERE, self._kind, "", MOST, now))
        return [_read(each) for each in found]

    async def put_off(self, waiting: Waiting, next_at: float, now: float) -> None:
        """Have an event tried again later.

        Raises:
            StoreError: It is unknown whether it will be later, or at once.
        """
        later = _record(replace(waiting, next_at=next_at, tries=waiting.tries + 1))
        before = waiting.record.text
        await soon(self._records.put_record(EVERYWHERE, self._kind, later, before, now))

    async def drop(self, waiting: Waiting, now: float) -> None:
        """Forget an event: it was told, or is given up.

        Raises:
            StoreError: It may be told again.
        """
        await soon(self._records.take_record(EVERYWHERE, self._kind, waiting.record.key, now))


def _record(waiting: Waiting) -> Record:
    text = json.dumps([waiting.id, waiting.body, waiting.since, waiting.next_at, waiting.tries])
    return Record(waiting.record.key, text, waiting.since + KEPT_S)


def _read(record: Record) -> Waiting:
    id, body, since, next_at, tries = json.loads(record.text)
    return Waiting(record, id, body, since, next_at, tries)
