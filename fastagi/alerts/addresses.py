"""Where somebody has signed in from before: kept in the store, so that every gate knows it."""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Final

from fastagi.call.ports import soon
from fastagi.stores.records import Record

if TYPE_CHECKING:
    from fastagi.stores.records import Records

KIND: Final = "alert-address"

REMEMBERED_S: Final = 90 * 86400.0
"""How long a place is known after somebody last signed in from there."""

MOST: Final = 50
"""Places known of one person; the one that was used longest ago is forgotten first."""

RENEWED_S: Final = 86400.0
"""How much older than it is a place may look: so not each sign-in is written."""


def place_of(address: str) -> str:
    """Return the neighbourhood that an address lies in: what a network hands out by itself.

    That is a /24 of IPv4, where phones get another address each week; a /64 of IPv6 (RFC 4291).
    Empty where it is no address.
    """
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return ""
    bits = 24 if read.version == 4 else 64
    return str(ipaddress.ip_network((read, bits), strict=False))


async def is_new(records: Records, site: str, who: str, address: str, now: float) -> bool:
    """Whether somebody has not signed in from around there for long; an unknown place is not new.

    Raises:
        StoreError: It is not known.
    """
    place = place_of(address)
    if not place:
        return False
    found = await soon(records.record(site, KIND, who, now))
    return place not in _known(found, now)


async def learn(records: Records, site: str, who: str, address: str, now: float) -> None:
    """Know a place from now on.

    Raises:
        StoreError: It is not known whether it is.
    """
    place = place_of(address)
    while place:
        found = await soon(records.record(site, KIND, who, now))
        known = _known(found, now)
        if now - known.get(place, 0.0) < RENEWED_S:
            return
        known[place] = now
        latest = sorted(known.items(), key=lambda each: -each[1])[:MOST]
        kept = Record(who, json.dumps(dict(latest)), now + REMEMBERED_S)
        before = None if found is None else found.text
        if await soon(records.put_record(site, KIND, kept, before, now)):
            return


def _known(found: Record | None, now: float) -> dict[str, float]:
    if found is None:
        return {}
    known: dict[str, float] = json.loads(found.text)
    return {place: at for place, at in known.items() if now - at < REMEMBERED_S}
