"""Where accounts showed their right password from, kept in the store, as a restart forgets it.

Without it each phone that registers amid guesses at its password would look as if somebody had
guessed it, until it was seen once without.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.signs.familiar import KEPT_S
from fastagi.signs.places import number_of, phone_place
from fastagi.stores.records import Record

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.signs.familiar import Familiar
    from fastagi.stores.records import Records

KIND: Final = "familiar"

PAGE: Final = 500  # records read in one step

log = structlog.get_logger(__name__)


async def keep(records: Records, familiar: Familiar, site: str, account: str, now: float) -> None:
    """Keep what is remembered of an account, with what other gates do.

    Raises:
        StoreError: It is unknown whether it is kept.
    """
    while True:
        found = await soon(records.record(site, KIND, account, now), LISTING_PATIENCE_S)
        if found is not None:
            _take(familiar, site, found)
        text = familiar.text(site, account)
        before = None if found is None else found.text
        if text in ("", before):
            return
        record = Record(account, text, now + KEPT_S)
        if await soon(records.put_record(site, KIND, record, before, now), LISTING_PATIENCE_S):
            return


async def is_kept(
    records: Records,
    familiar: Familiar,
    site: str,
    account: str,
    address: IPv4Address | IPv6Address,
    now: float,
) -> bool:
    """Whether an account showed its right password there, by what the store knows of all gates.

    Raises:
        StoreError: It cannot be read.
    """
    found = await soon(records.record(site, KIND, account, now), LISTING_PATIENCE_S)
    if found is None:
        return False
    _take(familiar, site, found)
    return familiar.knows(site, account, phone_place(number_of(address)), now)


async def recall(records: Records, familiar: Familiar, site: str, now: float) -> None:
    """Remember all that is kept of a site.

    Raises:
        StoreError: It cannot be read.
    """
    after = ""
    while page := await soon(records.records(site, KIND, after, PAGE, now), LISTING_PATIENCE_S):
        for each in page:
            _take(familiar, site, each)
        after = page[-1].key
        if len(page) < PAGE:
            break


def _take(familiar: Familiar, site: str, record: Record) -> None:
    try:
        familiar.take(site, record.key, record.text)
    except ValueError as error:  # of another version: it is written anew
        log.warning("places-unreadable", site=site, extension=record.key, error=str(error))
