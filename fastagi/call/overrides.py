"""Overrides: an operator lets an extension's calls through, so many times and not for long.

A record of each is in the store, under the extension and a name of its own. A use is counted by
putting one less in the place of what was read, and the last one by taking the record away: so of
all who ask, at whatever gate, none gets a use that another had.

What an override lifts, and what not, is the policy's to say (`policy.decision`).
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.call.identify import ENDPOINT
from fastagi.call.ports import soon
from fastagi.stores.records import Record

if TYPE_CHECKING:
    from fastagi.numbering.number import Number
    from fastagi.stores.records import Records

KIND: Final = "override"

MOST_USES: Final = 100
LONGEST_S: Final = 7 * 86_400
WHY_MAX: Final = 200  # characters

DESTINATION: Final = re.compile(r"\+[1-9][0-9]{0,14}", re.ASCII)
"""The beginning of an E.164 number, or all of it (ITU-T E.164, 6: at most 15 digits)."""

ID_BYTES: Final = 4
PAGE: Final = 100  # records read in one step


@dataclass(frozen=True, slots=True)
class Override:
    """What an operator gave.

    Attributes:
        id: The extension, `/` and a name of its own.
        extension: Whose calls it lets through.
        to: How their numbers begin, in E.164 with the `+`; empty for any number.
        uses: How many calls it lets through yet, at least 1.
        until: When it is over.
        by: Who gave it.
        why: In the operator's words; may be empty.
    """

    site: str
    id: str
    extension: str
    to: str
    uses: int
    until: float
    by: str
    why: str
    since: float

    def fits(self, number: Number) -> bool:
        """Tell whether it is for calls to a number."""
        return not self.to or (number.is_e164 and number.number.startswith(self.to))


def check(extension: str, to: str, uses: int, for_s: int, why: str) -> None:
    """See that an override is within bounds.

    Raises:
        ValueError: It is not; says what can be given.
    """
    if not ENDPOINT.fullmatch(extension):
        raise ValueError(f"{extension!r} is no extension; write `101`")
    if to and not DESTINATION.fullmatch(to):
        raise ValueError(f"{to!r} is no E.164 number, nor how one begins; write `+39`")
    if not 0 < uses <= MOST_USES:
        raise ValueError(f"{uses} uses are out of bounds; give 1 to {MOST_USES}")
    if not 0 < for_s <= LONGEST_S:
        raise ValueError(f"an override lasts {LONGEST_S // 86_400} days at most")
    if len(why) > WHY_MAX or not why.isprintable():
        raise ValueError(f"say why in one line of up to {WHY_MAX} characters")


async def give(
    records: Records,
    site: str,
    extension: str,
    to: str,
    uses: int,
    for_s: int,
    by: str,
    why: str,
    now: float,
) -> Override:
    """Let an extension's calls through; see `Override`.

    Raises:
        ValueError: It would be out of bounds; says what can be given.
        StoreError: It is unknown whether it was given.
    """
    check(extension, to, uses, for_s, why)
    given = Override(site, "", extension, to, uses, now + for_s, by, why, now)
    while True:
        named = replace(given, id=f"{extension}/{secrets.token_hex(ID_BYTES)}")
        if await soon(records.put_record(site, KIND, _record(named), None, now)):
            return named


async def every(records: Records, site: str, now: float) -> list[Override]:
    """Return a site's overrides that are left, by extension.

    Raises:
        StoreError: They cannot be read.
    """
    found: list[Override] = []
    after = ""
    while page := await soon(records.records(site, KIND, after, PAGE, now)):
        found.extend(_read(site, each) for each in page)
        after = page[-1].key
    return found


async def end(records: Records, site: str, id: str, now: float) -> Override | None:
    """End an override, and return it; None where there is none of that name, or no more.

    Raises:
        StoreError: It is unknown whether it was ended.
    """
    taken = await soon(records.take_record(site, KIND, id, now))
    return None if taken is None else _read(site, taken)


async def fitting(
    records: Records, site: str, extension: str, number: Number, now: float
) -> list[Override]:
    """Return the overrides that let an extension call a number: the narrowest, soonest over first.

    One step of the store, unless the extension has a hundred.

    Raises:
        StoreError: They cannot be read.
    """
    own = f"{extension}/"
    found: list[Override] = []
    after = own
    while page := await soon(records.records(site, KIND, after, PAGE, now)):
        found.extend(_read(site, each) for each in page if each.key.startswith(own))
        after = page[-1].key
        if len(page) < PAGE or not after.startswith(own):
            break
    fits = (each for each in found if each.fits(number))
    return sorted(fits, key=lambda each: (-len(each.to), each.until))


async def use(records: Records, override: Override, now: float) -> int | None:
    """Count one use; returns how many are left, or None where there was none left for us.

    Where another was quicker it is tried again: that ends, as there is one use less each time.

    Raises:
        StoreError: It is unknown whether it was counted.
    """
    site, there = override.site, override
    while True:
        if there.uses > 1:
            less = replace(there, uses=there.uses - 1)
            before = _record(there).text
            if await soon(records.put_record(site, KIND, _record(less), before, now)):
                return less.uses
        elif await soon(records.take_record(site, KIND, there.id, now)) is not None:
            return 0  # the last one is never anything but taken away, and to one only
        found = await soon(records.record(site, KIND, there.id, now))
        if found is None:
            return None
        there = _read(site, found)


def _record(override: Override) -> Record:
    text = json.dumps(
        {
            "extension": override.extension,
            "to": override.to,
            "uses": override.uses,
            "by": override.by,
            "why": override.why,
            "since": override.since,
        }
    )
    return Record(override.id, text, override.until)


def _read(site: str, record: Record) -> Override:
    read = json.loads(record.text)
    return Override(
        site=site,
        id=record.key,
        extension=read["extension"],
        to=read["to"],
        uses=read["uses"],
        until=record.until or 0.0,
        by=read["by"],
        why=read["why"],
        since=read["since"],
    )
