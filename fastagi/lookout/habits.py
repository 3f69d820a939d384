"""What a phone had before: from where it showed its password, over what, and what it said it was.

It is kept in the store, so that every gate that shares it knows. The first time of all teaches,
and is no news: else each phone would be new on the day that somebody begins to look.

Where a phone is, is told by the address that its right password came from, which nobody can make
up who does not receive there; never by the contact that it registers, which is its own text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.alerts.addresses import place_of
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.signs.sign import Sign
from fastagi.stores.records import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.signs.sighting import Sighting
    from fastagi.stores.records import Records

KIND: Final = "habit"

MOST: Final = 20
"""Things known of one phone and sign; what was had longest ago is forgotten first."""

RENEWED_S: Final = 86400.0
"""How much older than it is a thing may look: so not each registration is written."""

SHOWN: Final = 5
"""Things that are named as those a phone had before."""


@dataclass(frozen=True, slots=True)
class News:
    """What a phone never had before.

    Attributes:
        so_far: What it had, in words; nothing of a user agent, of which only a digest is known.
    """

    sign: Sign
    so_far: str


def things_of(sighting: Sighting) -> Mapping[Sign, str]:
    """Return what a sighting tells of a phone; nothing that is not known."""
    address = "" if sighting.address is None else place_of(str(sighting.address))
    told = {
        Sign.NEW_ADDRESS: address,
        Sign.NEW_COUNTRY: sighting.country,
        Sign.NEW_AGENT: sighting.agent,
        Sign.NEW_TRANSPORT: sighting.transport,
    }
    return {sign: thing for sign, thing in told.items() if thing}


@dataclass(frozen=True, slots=True)
class Habits:
    """What one phone had: by sign, each thing with when it was had last.

    Attributes:
        text: As it is in the store; None where nothing is.
    """

    had: Mapping[Sign, Mapping[str, float]]
    text: str | None

    def news(self, sighting: Sighting) -> list[News]:
        """Return what is new; of what nothing was known before, nothing is."""
        return [
            News(sign, _in_words(sign, self.had[sign]))
            for sign, thing in things_of(sighting).items()
            if self.had.get(sign) and thing not in self.had[sign]
        ]

    def knows(self, sighting: Sighting) -> bool:
        """Whether a sighting changes nothing that would have to be written."""
        return all(
            sighting.at - self.had.get(sign, {}).get(thing, 0.0) < RENEWED_S
            for sign, thing in things_of(sighting).items()
        )


async def habits_of(
    records: Records, site: str, account: str, now: float, keep_s: float
) -> Habits:
    """Return what a phone had lately.

    Raises:
        StoreError: It cannot be read.
    """
    found = await soon(records.record(site, KIND, account, now), LISTING_PATIENCE_S)
    if found is None:
        return Habits({}, None)
    had = {
        sign: {
            thing: float(at)
            for thing, at in json.loads(found.text).get(sign, {}).items()
            if now - at < keep_s
        }
        for sign in (Sign.NEW_ADDRESS, Sign.NEW_COUNTRY, Sign.NEW_AGENT, Sign.NEW_TRANSPORT)
    }
    return Habits({sign: things for sign, things in had.items() if things}, found.text)


async def learn(
    records: Records, sighting: Sighting, habits: Habits, now: float, keep_s: float
) -> bool:
    """Know what a sighting tells from now on; False where another gate was faster.

    Args:
        records: The store.
        sighting: Of a phone of its site.
        habits: As they were read last.
        now: Seconds since the epoch.
        keep_s: How long a thing is known after it was had last.

    Raises:
        StoreError: It is unknown whether it is known.
    """
    had = {str(sign): dict(things) for sign, things in habits.had.items()}
    for sign, thing in things_of(sighting).items():
        things = had.setdefault(str(sign), {})
        things[thing] = max(now, things.get(thing, 0.0))
        while len(things) > MOST:
            del things[min(things, key=things.__getitem__)]
    record = Record(sighting.account, json.dumps(had, sort_keys=True), now + keep_s)
    kept = records.put_record(sighting.site, KIND, record, habits.text, now)
    return await soon(kept, LISTING_PATIENCE_S)


def _in_words(sign: Sign, had: Mapping[str, float]) -> str:
    if sign is Sign.NEW_AGENT:
        return ""
    latest = sorted(had, key=had.__getitem__, reverse=True)
    return ", ".join(latest[:SHOWN])
