"""What is to be told to one target, and what was told lately: bounded, and each thing once.

There is one record a kind and subject. What happens again while it waits, or within `again_s`
after it was told, is counted in it, and told with the rest when that is over. What happened is
known by its id: two gates that saw it, or one that saw it twice, count it once.

Of one kind no more than `MOST` subjects of a site wait; what comes then is counted together,
without its name. So no flood takes the room of another kind, or of another site, and that it
happened is told all the same.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.alerts.alert import Alert, Untold
from fastagi.alerts.kind import Kind
from fastagi.call.ports import soon
from fastagi.errors import StoreError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from fastagi.alerts.target import Target
    from fastagi.stores.records import Records

MOST: Final = 100
"""Subjects of one kind and site."""

PAGE: Final = 500

OTHERS: Final = "(others)"
"""The subject of what is counted without a name; of a site its name comes behind it."""

IDS: Final = 20
"""Ids that are remembered of one subject."""

GIVEN_UP_S: Final = 86400.0
"""How long it is tried to tell something."""

TRIES: Final = 20
"""Times that a record is written anew as another wrote it meanwhile."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What there is of one subject.

    Attributes:
        site: Whose it is; empty where it is of none.
        untold: What is to be told; None where all of it was.
        told_at: When something was told last; None for never.
        ids: What is in it, or was; the latest last.
        before: The record it was read from; None for none.
    """

    kind: Kind
    site: str
    subject: str
    untold: Untold | None = None
    told_at: float | None = None
    ids: tuple[str, ...] = ()
    before: Record | None = None

    @property
    def key(self) -> str:
        """Names it in the store."""
        named = f"{self.kind}\0{self.subject}"
        return hashlib.sha256(named.encode()).hexdigest()[:32]

    def is_due(self, again_s: float, now: float) -> bool:
        """Whether it is to be told; a moment yet to come is that of a clock that was set back."""
        if self.untold is None:
            return False
        return self.told_at is None or not now - again_s < self.told_at <= now


class Ledger:
    """Of one target, in one store."""

    def __init__(self, records: Records, target: Target) -> None:
        self._records = records
        self._again_s = target.again_s
        self._kind = f"alert-due-{target.name}"
        self._waiting: Counter[tuple[Kind, str]] = Counter()

    async def put(self, alert: Alert, now: float) -> bool:
        """Have something told, or counted; whether it is by its name.

        Raises:
            StoreError: It is not known whether it is in; put in again, it counts once.
        """
        named, whose = True, (alert.kind, alert.site)
        for _ in range(TRIES):
            entry = await self._read(Entry(*whose, alert.subject), now)
            if entry.before is None and self._waiting[whose] >= MOST:
                named = False
                entry = await self._read(Entry(*whose, f"{OTHERS} {alert.site}".strip()), now)
            if alert.id in entry.ids:
                return named
            before = entry.untold
            count, since = (1, alert.at) if before is None else (before.count + 1, before.since)
            fresh = replace(
                entry,
                untold=Untold(alert, count, since),
                ids=(*entry.ids, alert.id)[-IDS:],
            )
            if await self._write(fresh, now):
                self._waiting[whose] += entry.before is None
                return named
        raise StoreError("others write what is to be told all the time")

    async def entries(self, now: float) -> list[Entry]:
        """Return all there is, what waits longest first.

        Raises:
            StoreError: It cannot be read.
        """
        found: list[Entry] = []
        after = ""
        while page := await soon(self._records.records(EVERYWHERE, self._kind, after, PAGE, now)):
            found += map(_read, page)
            after = page[-1].key
        self._waiting = Counter((each.kind, each.site) for each in found)
        return sorted(found, key=lambda each: each.untold.since if each.untold else now)

    async def told(self, entry: Entry, now: float) -> None:
        """Take note that all of an entry was told; what came meanwhile stays to be told.

        Raises:
            StoreError: It may be told again.
        """
        assert entry.untold is not None  # noqa: S101 - else it was not told
        for _ in range(TRIES):
            there = await self._read(Entry(entry.kind, entry.site, entry.subject), now)
            left = there.untold
            if left is not None:
                count = left.count - entry.untold.count
                left = replace(left, count=count, since=left.alert.at) if count > 0 else None
            if await self._write(replace(there, untold=left, told_at=now), now):
                return
        raise StoreError("others write what was told all the time")

    async def drop(self, entry: Entry, now: float) -> None:
        """Forget an entry.

        Raises:
            StoreError: It may be there still.
        """
        await soon(self._records.take_record(EVERYWHERE, self._kind, entry.key, now))

    async def _read(self, entry: Entry, now: float) -> Entry:
        found = await soon(self._records.record(EVERYWHERE, self._kind, entry.key, now))
        return entry if found is None else _read(found)

    async def _write(self, entry: Entry, now: float) -> bool:
        text = json.dumps(
            {
                "kind": entry.kind,
                "site": entry.site,
                "subject": entry.subject,
                "untold": None if entry.untold is None else asdict(entry.untold),
                "told_at": entry.told_at,
                "ids": entry.ids,
            }
        )
        until = now + (self._again_s if entry.untold is None else 2 * GIVEN_UP_S)
        record = Record(entry.key, text, until)
        before = None if entry.before is None else entry.before.text
        return await soon(self._records.put_record(EVERYWHERE, self._kind, record, before, now))


def _read(record: Record) -> Entry:
    read = json.loads(record.text)
    kind, untold = Kind(read["kind"]), read["untold"]
    if untold is not None:
        alert = untold["alert"]
        facts = tuple((name, value) for name, value in alert["facts"])
        known = Alert(**{**alert, "kind": Kind(alert["kind"]), "facts": facts})
        untold = Untold(known, untold["count"], untold["since"])
    ids = tuple(read["ids"])
    return Entry(kind, read["site"], read["subject"], untold, read["told_at"], ids, record)
