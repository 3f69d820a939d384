"""Addresses where phones of this company's are: records that whoever hears Asterisk writes.

A friend is on the allow list until its time is over. Who writes one says that somebody there
knew a password that nobody had guessed at: of a success after guessing none is to be written, nor
of a packet that may come from somewhere else. Whoever guesses at others from there is one no more.

Of IPv6 a friend is a /64, in which a phone takes a new address every day; and an account makes so
many at most, whoever has its password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from fastagi.bans.asking import pages, soon
from fastagi.bans.network import address_of, around, plain, read
from fastagi.errors import BanError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.bans.network import Address, Network
    from fastagi.stores.records import Records

KIND: Final = "friend"

MOST: Final = 20_000
"""That there are at a time; whoever comes then is told of, and is none."""

MOST_OF_ONE: Final = 8
"""That one account makes; of more the one that would be over first is none any more."""

LONGEST_S: Final = 30 * 86_400

FRESH_S: Final = 60.0
"""By less than this nothing is kept for longer: a registration is renewed every minute or so."""

log = structlog.get_logger(__name__)


async def befriend(
    records: Records, address: Address, until: float, now: float, of: str = ""
) -> bool:
    """Keep an address from being banned, or for longer; never for less.

    Args:
        records: Where friends are kept.
        address: Its own; of IPv6 its whole /64 is meant.
        until: When that is over.
        now: The time.
        of: Whose it is, `site account`; empty where that is not known.

    Returns:
        Whether it is a friend until then, or nearly: False where there are too many.

    Raises:
        StoreError: It is unknown whether it is one.
    """
    until = min(until, now + LONGEST_S)
    key = _key(address)
    while True:
        there = await soon(records.record(EVERYWHERE, KIND, key, now))
        if there is not None and (there.until or 0) >= until - FRESH_S:
            return True
        if there is None:
            every = await pages(records, KIND, now)
            if len(every) - await _made_room(records, every, of, now) >= MOST:
                log.error("friends-full", address=key, most=MOST)
                return False
        # The moment is part of the text, too: of two who keep it for longer, one is told. Whose it
        # is stays what it was: else one account would take another's, and have it dropped.
        whose = of if there is None else _whose(there)
        record = Record(key, f"{until} {whose}", until)
        before = None if there is None else there.text
        if await soon(records.put_record(EVERYWHERE, KIND, record, before, now)):
            return True


async def unfriend(records: Records, address: Address, now: float) -> bool:
    """Have an address be no friend any more; whether it was one.

    Raises:
        StoreError: It is unknown whether it still is one.
    """
    # The second is what an older version wrote of IPv6.
    keys = dict.fromkeys((_key(address), str(plain(address))))
    gone = [await soon(records.take_record(EVERYWHERE, KIND, each, now)) for each in keys]
    if found := [each.key for each in gone if each is not None]:
        log.warning("friend-no-more", address=found[0])
    return bool(found)


async def friends(records: Records, now: float) -> list[Address | Network]:
    """Return all of them: addresses, and of IPv6 networks.

    Raises:
        StoreError: They cannot be read.
    """
    found: list[Address | Network] = []
    for each in await pages(records, KIND, now):
        try:
            found.append(read(each.key) if "/" in each.key else address_of(each.key))
        except BanError:  # of a later version of this package
            continue
    return found


def _key(address: Address) -> str:
    it = plain(address)
    return str(it if it.version == 4 else around(it))


def _whose(record: Record) -> str:
    return record.text.partition(" ")[2]


async def _made_room(records: Records, every: Iterable[Record], of: str, now: float) -> int:
    """Drop what an account has too many of, for one more; how many were dropped.

    Raises:
        StoreError: It is unknown whether they are.
    """
    own = sorted(
        (each for each in every if of and _whose(each) == of), key=lambda each: each.until or 0
    )
    over = own[: max(0, len(own) - MOST_OF_ONE + 1)]
    for each in over:
        await soon(records.take_record(EVERYWHERE, KIND, each.key, now))
    return len(over)
