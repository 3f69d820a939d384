"""The book of attacks: one entry for each sign, watch and subject on each day, in the store.

Every gate that shares a store writes into one book. Two who write at the same moment both do: an
entry takes the place of what was read, or is made anew.

An attacker chooses addresses, accounts and how many there are, so all of it is bounded: of each
sign there are `MOST` entries a site and day, and as many again of those that came from where they
say. What comes beyond is counted in one entry, the others. So whoever writes a thousand addresses
into packets fills the page of what anybody may have written, and pushes nothing else out.

Nobody waits here: whoever writes says how long the store may take.

A little longer than other files: what an entry is, how it is written, and how two become one, is
said in one place.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from fastagi.signs.sign import Per, Sign
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from fastagi.signs.sign import Evidence
    from fastagi.stores.records import Records

KIND: Final = "attack"

KEEP_DAYS: Final = 90
DAY_S: Final = 86_400

MOST: Final = 50
"""Entries a site, day and sign; as many of those that are proven, and of those that are not."""
NAMED: Final = 20
"""Addresses, accounts and countries that an entry names; the first ones."""
LETTERS: Final = 64
"""Characters that are kept of an account, or of another name that an attacker chose."""

OTHERS: Final = "~"
PAGE: Final = 500  # records read in one step


class Did(StrEnum):
    """What was done about it; closed and stable."""

    TOLD = "told"
    STEPPED_UP = "stepped-up"
    LOCKED = "locked"
    SIGN_IN_ENDED = "sign-in-ended"
    BANNED = "banned"
    SHADOW = "shadow"
    """Nothing but to tell: the watch is on trial."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One sign of one subject on one day, UTC; or all that had no place any more.

    Attributes:
        day: As `2026-11-30`.
        watch: The name of the watch that saw it; empty of the others.
        name: Whom it was counted for; empty of a site, and of the others.
        first: The moment of the first evidence, in seconds since the epoch.
        last: Of the last.
        count: The highest count that was told.
        times: How often there was evidence.
        others: Of the others: how many pieces of evidence they are; else 0.
        sources: The most addresses that one piece of evidence came from.
        addresses: Those that are named, up to `NAMED`.
        accounts: What was tried, or whose it is, up to `NAMED`. Text of an attacker.
        countries: ISO 3166-1, where they are known.
        proven: Whether any of it came from where it says.
        did: What was done.
    """

    site: str
    day: str
    watch: str
    sign: Sign
    per: Per
    name: str
    first: float
    last: float
    count: int
    times: int = 1
    others: int = 0
    sources: int = 0
    addresses: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    proven: bool = False
    did: frozenset[Did] = frozenset()


@dataclass(frozen=True, slots=True)
class _Page:
    """How full the book is with one sign on one day, and what had no place in it.

    Attributes:
        places: Entries that were begun.
        others: What came beyond; None where nothing did.
    """

    places: int = 0
    others: Entry | None = field(default=None)


async def note(
    records: Records,
    what: Evidence,
    did: Sequence[str],
    now: float,
    *,
    country: str = "",
    keep_days: int = KEEP_DAYS,
) -> Entry:
    """Write evidence into the book; return the entry that it is in now.

    Args:
        records: Where the book is.
        what: The evidence.
        did: What was done about it (`Did`).
        now: The moment.
        country: Of its address, ISO 3166-1; empty where it is not known.
        keep_days: For how many days after its own an entry is kept.

    Raises:
        ValueError: What was done is none of `Did`.
        StoreError: It is unknown whether it was written.
    """
    given = _entry(what, did, now, country)
    until = _beginning(given.day) + (1 + keep_days) * DAY_S
    key = _key(given)
    while True:
        found = await records.record(given.site, KIND, key, now)
        if found is None:
            if not await _begin(records, given, until, now):
                return await _fold(records, given, until, now)
            kept, before = given, None
        else:
            kept, before = _joined(_read(given.site, found.text), given), found.text
        if await records.put_record(
            given.site, KIND, Record(key, _text(kept), until), before, now
        ):
            return kept


async def every(records: Records, site: str, since: float, now: float) -> list[Entry]:
    """Return what is in the book of a site since a moment, day by day.

    Args:
        records: Where the book is.
        site: Whose; `EVERYWHERE` or empty for what is of no site.
        since: Entries that had evidence since then.
        now: The moment.

    Raises:
        StoreError: It cannot be read.
    """
    return [each async for each in read(records, site, since, now)]


async def read(records: Records, site: str, since: float, now: float) -> AsyncIterator[Entry]:
    """Read the book of a site, as `every`, a page of the store at a time."""
    after = _day(since - DAY_S)  # what is clamped to a day may be of the one before
    site = site or EVERYWHERE
    while page := await records.records(site, KIND, after, PAGE, now):
        for each in page:
            entry = _entry_in(site, each)
            if entry is not None and entry.last >= since:
                yield entry
        after = page[-1].key


# ----------------------------------------------------------------------------- writing


async def _begin(records: Records, given: Entry, until: float, now: float) -> bool:
    """Take a place for a new entry; whether there was one.

    Of two who begin the same entry both take one: there is rather one too few than one too many.
    """
    while True:
        page, before = await _page(records, given, now)
        if page.places >= MOST:
            return False
        if await _put(records, given, replace(page, places=page.places + 1), before, until, now):
            return True


async def _fold(records: Records, given: Entry, until: float, now: float) -> Entry:
    """Count evidence among the others."""
    among = replace(given, watch="", name="", others=1)
    while True:
        page, before = await _page(records, given, now)
        kept = among if page.others is None else _joined(page.others, among)
        if await _put(records, given, replace(page, others=kept), before, until, now):
            return kept


async def _page(records: Records, given: Entry, now: float) -> tuple[_Page, str | None]:
    found = await records.record(given.site, KIND, _page_key(given), now)
    if found is None:
        return _Page(), None
    written = json.loads(found.text)
    others = written["others"]
    kept = None if others is None else _entry_of(given.site, others)
    return _Page(written["places"], kept), found.text


async def _put(
    records: Records, given: Entry, page: _Page, before: str | None, until: float, now: float
) -> bool:
    others = None if page.others is None else _written(page.others)
    text = json.dumps({"places": page.places, "others": others})
    return await records.put_record(
        given.site, KIND, Record(_page_key(given), text, until), before, now
    )


def _entry(what: Evidence, did: Iterable[str], now: float, country: str) -> Entry:
    # A clock that is wrong makes no entry that nobody finds, or that is over before it is begun.
    at = min(max(what.at, now - DAY_S), now)
    account = what.account or (what.name if what.per is Per.ACCOUNT else "")
    return Entry(
        what.site or EVERYWHERE,
        _day(at),
        what.watch,
        what.sign,
        what.per,
        what.name[:LETTERS],
        first=at - max(what.within_s, 0.0),
        last=at,
        count=what.count,
        sources=what.addresses,
        addresses=(what.address[:LETTERS],) if what.address else (),
        accounts=(account[:LETTERS],) if account else (),
        countries=(country[:LETTERS],) if country else (),
        proven=what.proven,
        did=frozenset(map(Did, did)),
    )


def _joined(there: Entry, given: Entry) -> Entry:
    """Return what becomes of an entry as there is more evidence."""
    return replace(
        there,
        first=min(there.first, given.first),
        last=max(there.last, given.last),
        count=max(there.count, given.count),
        times=there.times + 1,
        others=there.others + given.others,
        sources=max(there.sources, given.sources),
        addresses=_named(there.addresses, given.addresses),
        accounts=_named(there.accounts, given.accounts),
        countries=_named(there.countries, given.countries),
        proven=there.proven or given.proven,
        did=there.did | given.did,
    )


def _named(there: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*there, *more)))[:NAMED]


# ----------------------------------------------------------------------------- records


def _day(at: float) -> str:
    return datetime.fromtimestamp(max(at, 0.0), UTC).strftime("%Y-%m-%d")


def _beginning(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def _key(entry: Entry) -> str:
    """Return the key of an entry's record: its day first, so that they are listed in order."""
    of = json.dumps([entry.watch, entry.per, entry.name])
    return f"{entry.day}/{entry.sign}/{hashlib.sha256(of.encode()).hexdigest()[:32]}"


def _page_key(entry: Entry) -> str:
    return f"{entry.day}/{entry.sign}/{OTHERS}{'proven' if entry.proven else 'unproven'}"


def _entry_in(site: str, record: Record) -> Entry | None:
    """Return the entry of a record; of a page, the others, where there are any."""
    written = json.loads(record.text)
    if record.key.rpartition("/")[2].startswith(OTHERS):
        written = written["others"]
    return None if written is None else _entry_of(site, written)


WRITTEN: Final = (
    *("day", "watch", "sign", "per", "name", "first", "last", "count", "times", "others"),
    *("sources", "addresses", "accounts", "countries", "proven"),
)


def _written(entry: Entry) -> dict[str, object]:
    return {name: getattr(entry, name) for name in WRITTEN} | {"did": sorted(entry.did)}


def _text(entry: Entry) -> str:
    return json.dumps(_written(entry))


def _read(site: str, text: str) -> Entry:
    return _entry_of(site, json.loads(text))


def _entry_of(site: str, written: Mapping[str, Any]) -> Entry:  # Any: as JSON has it
    named = {name: tuple(written[name]) for name in ("addresses", "accounts", "countries")}
    words = {"sign": Sign(written["sign"]), "per": Per(written["per"])}
    return Entry(site, **{**written, **named, **words, "did": frozenset(map(Did, written["did"]))})
