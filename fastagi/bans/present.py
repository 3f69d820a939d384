"""Which agents are there: what each says of itself in the store, so that others know.

An agent names its machine's addresses, too: no server bans another of the same store, nor does one
that cannot ask its kernel ban itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.bans.asking import pages, soon
from fastagi.bans.network import address_of
from fastagi.errors import BanError
from fastagi.stores.records import EVERYWHERE, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.bans.network import Address
    from fastagi.stores.records import Records

KIND: Final = "bans-agent"

SAY_S: Final = 15.0
"""How often an agent says that it is there …"""

SAID_S: Final = 3_600.0
"""… how long its addresses are believed to be its machine's …"""

ALIVE_S: Final = 60.0
"""… and from when on it is taken for gone."""

ADDRESSES_MOST: Final = 200
WRONG_MOST: Final = 400  # characters


@dataclass(frozen=True, slots=True)
class Present:
    """What an agent says of itself.

    Attributes:
        name: Of its machine.
        at: When it said so, in seconds since the epoch.
        on: How many bans are on there.
        dry_run: Whether it only says what it would do.
        wrong: What keeps it from doing it; empty where nothing does.
        addresses: Its machine's own.
    """

    name: str
    at: float
    on: int
    dry_run: bool
    wrong: str
    addresses: tuple[Address, ...] = ()

    def is_alive(self, now: float) -> bool:
        """Whether it said something lately."""
        return now - self.at < ALIVE_S


async def say(records: Records, what: Present, now: float) -> None:
    """Write it into the store.

    Raises:
        StoreError: It is unknown whether it is there.
    """
    text = json.dumps(
        {
            "at": what.at,
            "on": what.on,
            "dry_run": what.dry_run,
            "wrong": what.wrong[:WRONG_MOST],
            "addresses": [str(each) for each in what.addresses[:ADDRESSES_MOST]],
        }
    )
    there = await soon(records.record(EVERYWHERE, KIND, what.name, now))
    before = None if there is None else there.text
    record = Record(what.name, text, now + SAID_S)
    # Of two of one name one is told, and says it the next time.
    await soon(records.put_record(EVERYWHERE, KIND, record, before, now))


async def every(records: Records, now: float) -> list[Present]:
    """Return what all agents said last, of an hour.

    Raises:
        StoreError: It cannot be read.
    """
    read = (_read(each) for each in await pages(records, KIND, now))
    return [each for each in read if each is not None]


def addresses_of(there: Sequence[Present]) -> list[Address]:
    """Return the addresses of all machines that have one."""
    return [address for each in there for address in each.addresses]


def _read(record: Record) -> Present | None:
    try:
        read = json.loads(record.text)
        return Present(
            record.key,
            float(read["at"]),
            int(read["on"]),
            bool(read["dry_run"]),
            str(read["wrong"]),
            tuple(address_of(str(each)) for each in read["addresses"]),
        )
    except (BanError, ValueError, KeyError, TypeError):  # of another version of this package
        return None
