"""What operators did: written down before it is done, and what came of it afterwards.

What cannot be written down is not done. An entry is kept for `KEPT_S`; newest come first, as their
keys count down.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.ports import soon
from fastagi.errors import StoreError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastagi.stores.records import Records

KIND: Final = "audit"
KEPT_S: Final = 400 * 86_400.0
"""A year and a month, so that a yearly look finds all of the year."""

STEPS: Final = 10
"""How often the store is asked for one page, at most."""

LAST: Final = 10**17
"""In microseconds since the epoch: the year 5138."""

COMMAND_LINE: Final = "(command line)"
"""Who did it, where it was not done in the console; no operator can have that name."""

PROVIDER: Final = "(provider)"
"""Who did it, where somebody's sign-in at the OpenID provider brought it about."""

log = structlog.get_logger(__name__)


class Deed(StrEnum):
    """What operators do."""

    ENTERED = "entered"
    LEFT = "left"
    ENDED_CALL = "ended-call"
    ENDED_SIGN_IN = "ended-sign-in"
    CLEARED_LOCKOUT = "cleared-lockout"
    PUT_BRAKE_ON = "put-brake-on"
    LIFTED_BRAKE = "lifted-brake"
    LIFTED_WATCH = "lifted-watch"
    GAVE_OVERRIDE = "gave-override"
    ENDED_OVERRIDE = "ended-override"
    ADDED_OPERATOR = "added-operator"
    CHANGED_OPERATOR = "changed-operator"
    REMOVED_OPERATOR = "removed-operator"


@dataclass(frozen=True, slots=True)
class Entry:
    """One deed.

    Attributes:
        operator: Who.
        deed: Of `Deed`; of a later version of this package, maybe another.
        address: From where; empty where that is this machine's command line.
        site: Of what it was done to; empty where that is of no site.
        what: To what: the call and its number, the extension, the operator.
        outcome: What came of it; empty where that is not known.
    """

    at: float
    operator: str
    address: str
    deed: str
    site: str = ""
    what: str = ""
    outcome: str = ""
    key: str = field(default="", compare=False)
    text: str = field(default="", compare=False, repr=False)


async def note(records: Records, entry: Entry) -> Entry:
    """Write down what is about to be done; returns the entry as it is kept.

    Raises:
        StoreError: It could not be, and so must not be done.
    """
    key = f"{LAST - int(entry.at * 1e6):017d}-{secrets.token_hex(8)}"
    kept = replace(entry, key=key, text=_written(entry))
    if not await soon(records.put_record(EVERYWHERE, KIND, _record(kept), None, entry.at)):
        raise StoreError("what an operator does could not be written down, so it was not done")
    return kept


async def close(records: Records, entry: Entry, outcome: str, now: float) -> None:
    """Write down what came of it, and tell the service's log; never raises."""
    log.info(
        "operator-did",
        operator=entry.operator,
        address=entry.address,
        deed=entry.deed,
        site=entry.site,
        what=entry.what,
        outcome=outcome,
    )
    await finish(records, entry, outcome, now)


async def finish(records: Records, entry: Entry, outcome: str, now: float) -> None:
    """Write down what came of it, and no more; never raises.

    Where that fails the entry stays, without its outcome: that it was tried is known.
    """
    done = replace(entry, outcome=outcome)
    try:
        record = _record(replace(done, text=_written(done)))
        await soon(records.put_record(EVERYWHERE, KIND, record, entry.text, now))
    except StoreError as error:
        log.warning("audit-unfinished", operator=entry.operator, error=str(error))


async def page(records: Records, after: str, count: int, now: float) -> Sequence[Entry]:
    """Return up to `count` entries, newest first, after a key; empty for the newest.

    Raises:
        StoreError: The store is away.
    """
    found = await soon(records.records(EVERYWHERE, KIND, after, count, now))
    return [_read(each) for each in found]


async def page_for(
    records: Records, after: str, count: int, now: float, sees: Callable[[str], bool]
) -> tuple[Sequence[Entry], str]:
    """Return what somebody may see of the entries, and after which key older ones come.

    That key is empty where there are none.

    Args:
        records: Where they are.
        after: A key; empty for the newest.
        count: Entries of a page.
        now: The moment.
        sees: Whether they may know of a site, or of what is of none. Where very many entries are
            of others, a page may be short.

    Raises:
        StoreError: The store is away.
    """
    entries: list[Entry] = []
    for _ in range(STEPS):
        read = await page(records, after, count, now)
        seen = [each for each in read if sees(each.site)]
        entries += seen[: count - len(entries)]
        if len(entries) == count:
            return entries, entries[-1].key
        if len(read) < count:
            return entries, ""
        after = read[-1].key
    return entries, after


def _record(entry: Entry) -> Record:
    return Record(entry.key, entry.text, entry.at + KEPT_S)


def _written(entry: Entry) -> str:
    return json.dumps(
        {name: value for name, value in asdict(entry).items() if name not in {"key", "text"}}
    )


def _read(record: Record) -> Entry:
    written = json.loads(record.text)
    return Entry(**written, key=record.key, text=record.text)
