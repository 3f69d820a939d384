"""How the store is asked for what there is of bans: not for ever, and a page at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from fastagi.errors import StoreError
from fastagi.stores.records import EVERYWHERE

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from fastagi.stores.records import Record, Records

Found = TypeVar("Found")

PATIENCE_S: Final = 2.0
"""How long one answer may take; no call waits for it."""

PAGE: Final = 500  # records read in one step


async def soon(answer: Awaitable[Found]) -> Found:
    """Await an answer of the store, but not for ever.

    Raises:
        StoreError: It failed, or did not answer in time; what was asked may still be done later.
    """
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await answer
    except TimeoutError as error:
        raise StoreError(f"the store did not answer within {PATIENCE_S} s") from error


async def pages(records: Records, kind: str, now: float) -> list[Record]:
    """Return every record of a kind that is of no site.

    Raises:
        StoreError: They cannot be read.
    """
    found: list[Record] = []
    after = ""
    while page := await soon(records.records(EVERYWHERE, kind, after, PAGE, now)):
        found.extend(page)
        after = page[-1].key
        if len(page) < PAGE:
            break
    return found
