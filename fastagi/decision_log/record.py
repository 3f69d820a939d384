"""What is put on record of a decision, and how it reads as a line of JSON.

Every value that a caller can choose passes through JSON's escaping into ASCII: no line can be
forged, and nothing in it moves a terminal's cursor.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastagi.decision_log.judged import SHOWN_WHOLE, facts_of
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.decision_log.judged import Judged
    from fastagi.numbering.number import Category
    from fastagi.policy.model import Factor, Reason, Stage, Then, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One decision about one call, final.

    Attributes:
        at: When it fell, in seconds since the epoch, UTC.
        site: The policy's site.
        node: Which Asterisk asked, where the dialplan tells.
        call: Asterisk's `uniqueid` of the calling channel.
        channel: Asterisk's channel name.
        extension: Who was judged.
        address: Where the phone's SIP came from.
        trunk: The trunk the dialplan meant to use, where it told.
        number: What was judged (`Number.number`); of an invalid one, the digits as dialled.
        category: The leading category of the number; None where it never came to that.
        rule: The rule that decided.
        reference: The four digits that a refused caller hears.
        asked: The second factors the caller was asked for.
        shown: Those of them that the caller could show.
        waited_s: How long the caller waited from the question to the verdict, in seconds.
        seconds: How long the call may last; 0 where it is denied or not bounded. Of a call that
            is settled: how long it was.
        policy: The version of the policy (`Policy.version`).
        shadows: What rules under `shadow` would have said (`Decision.shadows`).
        over: Names of shadow limits that were full.
        without_store: Whether the store was away, and a rule's `without_store` decided.
        person: The extension whose factors were shown by who is signed in; empty where nobody is.
        override: The id of the override that let it through; empty where none did.
        price: The price a minute, in millionths; None where nobody knows it.
        reserved: The money that is reserved for it, in millionths; None where none is counted.
        cost: What it cost, in millionths; None where it is not over, or has no price.
        currency: Of the three; ISO 4217.
        crossed: Limits of which this call brought a budget over 80 % of it.
        brakes: What this call put the brake on, or kept it on for longer: stage and name.
        evidence: Watches that saw an attack on the extension and touch the call, those under
            `shadow` too, each with what it saw, in words.
        judged: What it hung on besides; None where it was never judged by a policy. It is written
            as `facts`, by whoever writes the line and not by the call.
    """

    at: float
    site: str
    call: str
    extension: str
    verdict: Verdict
    reason: Reason
    rule: str
    reference: str
    number: str = ""
    category: Category | None = None
    country: str = ""
    node: str = ""
    channel: str = ""
    address: str = ""
    trunk: str = ""
    asked: tuple[Factor, ...] = ()
    shown: frozenset[Factor] = frozenset()
    waited_s: float = 0.0
    seconds: int = 0
    policy: str = ""
    shadows: tuple[tuple[str, Then], ...] = ()
    over: tuple[str, ...] = ()
    without_store: bool = False
    person: str = ""
    override: str = ""
    price: int | None = None
    reserved: int | None = None
    cost: int | None = None
    currency: str = ""
    crossed: tuple[str, ...] = ()
    brakes: tuple[tuple[Stage, str], ...] = ()
    evidence: tuple[tuple[str, str], ...] = ()
    judged: Judged | None = None


def masked(number: str, category: Category | None, mask: int) -> str:
    """Return the number, its last `mask` digits as `x` unless it is inside or an emergency."""
    if category in SHOWN_WHOLE or mask <= 0:
        return number
    return number[:-mask] + re.sub(r"\d", "x", number[-mask:])


def _amount(millionths: int | None) -> str:
    return "" if millionths is None else amount(millionths)


def moment(at: float) -> str:
    """Return a moment (seconds since the epoch) as every line has it."""
    written = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def line(record: Record, mask: int) -> str:
    """Return the record as one line of JSON, with its newline."""
    return as_line(fields_of(record, mask))


def as_line(fields: Mapping[str, object]) -> str:
    """Return fields as one line of JSON, with its newline."""
    return json.dumps(fields, separators=(",", ":")) + "\n"


def fields_of(record: Record, mask: int) -> dict[str, object]:
    """Return what the line of a record has.

    The keys and their order are part of the format; new ones are added at the end.
    """
    return {
        "time": moment(record.at),
        "site": record.site,
        "node": record.node,
        "call": record.call,
        "channel": record.channel,
        "extension": record.extension,
        "address": record.address,
        "trunk": record.trunk,
        "number": masked(record.number, record.category, mask),
        "category": record.category or "",
        "country": record.country,
        "verdict": record.verdict,
        "rule": record.rule,
        "reason": record.reason,
        "reference": record.reference,
        "asked": list(record.asked),
        "shown": sorted(record.shown),
        "waited_s": round(record.waited_s, 3),
        "seconds": record.seconds,
        "policy": record.policy,
        "shadows": [{"rule": rule, "then": then} for rule, then in record.shadows],
        "over": list(record.over),
        "without_store": record.without_store,
        "person": record.person,
        "override": record.override,
        "price": _amount(record.price),
        "reserved": _amount(record.reserved),
        "cost": _amount(record.cost),
        "currency": record.currency,
        "crossed": list(record.crossed),
        "brakes": [{"stage": stage, "name": name} for stage, name in record.brakes],
        "evidence": [{"watch": watch, "seen": seen} for watch, seen in record.evidence],
        "facts": None if record.judged is None else facts_of(record.judged, mask),
    }
