"""Addresses where phones of this company's are: records that whoever hears Asterisk writes.

A friend is on the allow list until its time is over. Who writes one says that somebody there
knew a password that nobody had guessed at: of a success after guessing none is to be written, nor
of a packet that may come from somewhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from fastagi.bans.asking import pages, soon
from fastagi.bans.network import address_of, plain
from fastagi.errors import BanError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from fastagi.bans.network import Address
    from fastagi.stores.records import Records

KIND: Final = "friend"

MOST: Final = 20_000
"""That there are at a time; whoever comes then is told of, and is none."""

LONGEST_S: Final = 30 * 86_400

FRESH_S: Final = 60.0
"""By less than this nothing is kept for longer: a registration is renewed every minute or so."""

log = structlog.get_logger(__name__)


async def befriend(records: Records, address: Address, until: float, now: float) -> bool:
    """Keep an address from being banned, or for longer; never for less.

    Whether it is a friend until then, or nearly: False where there are too many.

    Raises:
        StoreError: It is unknown whether it is one.
    """
    until = min(until, now + LONGEST_S)
    key = str(plain(address))
    while True:
        there = await soon(records.record(EVERYWHERE, KIND, key, now))
        if there is not None and (there.until or 0) >= until - FRESH_S:
            return True
        if there is None and len(await pages(records, KIND, now)) >= MOST:
            log.error("friends-full", address=key, most=MOST)
            return False
        # The moment is part of the text, too: of two who keep it for longer, one is told.
        record = Record(key, str(until), until)
        before = None if there is None else there.text
        if await soon(records.put_record(EVERYWHERE, KIND, record, before, now)):
            return True


async def friends(records: Records, now: float) -> list[Address]:
    """Return all of them.

    Raises:
        StoreError: They cannot be read.
    """
    found: list[Address] = []
    for each in await pages(records, KIND, now):
        try:
            found.append(address_of(each.key))
        except BanError:  # of a later version of this package
            continue
    return found
