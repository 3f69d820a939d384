"""The report of a month with attacks, and one with hostile text wherever there can be any."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from fastagi.attacks import book
from fastagi.attacks.book import Did, Entry
from fastagi.attacks.tally import Tally
from fastagi.decision_log.record import line
from fastagi.signs.sign import Per, Sign
from fastagi.stores.opening import open_store
from fastagi.stores.records import EVERYWHERE
from tests.doubles import attacked_month

if TYPE_CHECKING:
    from fastagi.attacks.report import Report

NOW: Final = attacked_month.NOW


@functools.cache
def entries() -> tuple[Entry, ...]:
    """Return the book of the month."""

    async def noted() -> tuple[Entry, ...]:
        store = open_store("sqlite://:memory:")
        try:
            await attacked_month.write_book(store)
            return tuple(await book.every(store, attacked_month.SITE, 0, NOW))
        finally:
            await store.close()

    with ThreadPoolExecutor(1) as apart:  # where a browser is driven, a loop runs already
        return apart.submit(asyncio.run, noted()).result()


@functools.cache
def month() -> Report:
    """Return the report of the month."""
    tally = Tally([attacked_month.SITE], attacked_month.BEGIN, NOW, mask=4)
    for entry in entries():
        tally.note(entry)
    for record in attacked_month.decisions():
        tally.take(line(record, mask=4).encode())
    return tally.report(files=1, locked_out=2)


def an_entry(sign: Sign = Sign.GUESSING, **said: object) -> Entry:
    """Return an entry of yesterday's about 101."""
    made = Entry(
        site="office",
        day="2026-11-30",
        watch="passwords",
        sign=sign,
        per=Per.ACCOUNT,
        name="101",
        first=NOW - 3600,
        last=NOW - 1800,
        count=10,
        sources=1,
        addresses=("203.0.113.7",),
        accounts=("101",),
        proven=True,
        did=frozenset({Did.TOLD}),
    )
    return dataclasses.replace(made, **said)  # type: ignore[arg-type]  # of the fields' types


def a_line(**said: object) -> bytes:
    """Return a line of the record: a call of 101 that was refused 600 s ago."""
    fields = {
        "time": "2026-11-30T23:50:00.000Z",
        "site": "office",
        "node": "",
        "call": "1.1",
        "channel": "PJSIP/101-00000001",
        "extension": "101",
        "address": "203.0.113.7",
        "number": "+39021234xxxx",
        "category": "international",
        "country": "IT",
        "verdict": "deny",
        "rule": "abroad",
        "reason": "rule",
        "reference": "4071",
        "shown": [],
        "price": "0.25",
        "currency": "GBP",
    }
    return json.dumps(fields | said, separators=(",", ":")).encode() + b"\n"


def of_hostile(text: str) -> Report:
    """Return a report in which everything that others choose is this text."""
    tally = Tally(["office"], NOW - 86_400, NOW, mask=4)
    for sign in Sign:
        named = an_entry(sign, name=text, accounts=(text,), addresses=(text,), countries=(text,))
        tally.note(dataclasses.replace(named, watch=text, site=EVERYWHERE, others=0))
    words = dict.fromkeys(
        ("address", "number", "category", "country", "rule", "reference", "currency"), text
    )
    for verdict in ("allow", "deny"):
        tally.take(a_line(**words, extension=text, verdict=verdict, reason=text, shown=[text]))
        tally.take(a_line(**words, extension="101", verdict=verdict, reason=text))
    return tally.report()
