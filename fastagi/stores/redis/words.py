"""What is asked and answered, as the script has it: text of 17 digits, NULs, JSON.

Longer than other files, as each thing that a store keeps is put into words and read back here, one
beside the other: what is written in one place is read in the same.
"""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING, Any, Final

from fastagi.errors import StoreError
from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Charge, Level, Unit, charge_id
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import Origin, SignedOff, SignIn, Way
from fastagi.stores.store import (
    NOTHING_ASKED,
    Asked,
    Dossier,
    Enrolment,
    Failed,
    FailureKind,
    Full,
    Hold,
    Lease,
    Lockout,
    Longer,
    Note,
    NotSignedIn,
    Served,
    Standing,
    SubjectKind,
    Taken,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

HEAD: Final = (
    *("site", "call", "number", "node", "extension", "country", "category", "channel"),
    *("rule", "reference", "seconds", "sign_in"),
)
"""What is told of a lease at once; all but `seconds` never changes."""


def moment(seconds: float) -> str:
    """Write a moment so that it is read as the very same number."""
    return repr(float(seconds))


def joined(*parts: str) -> str:
    """Make one name of several.

    Raises:
        StoreError: A part holds the NUL that parts them.
    """
    if any("\0" in part for part in parts):
        raise StoreError("a name holds a NUL character; nothing is kept under it")
    return "\0".join(parts)


# ----------------------------------------------------------------------------- leases


def lease_words(lease: Lease, shift_s: float) -> list[str]:
    """Write a lease, as `take` wants it."""
    holds = []
    for hold in lease.holds:
        joined(hold.limit, hold.key)
        holds.append([hold.limit, hold.key, hold.calls, hold.shadow])
    named = charge_id(lease.call, lease.number, lease.node, lease.since)
    return [
        joined(lease.call, lease.number, lease.node),
        lease.extension,
        lease.country,
        json.dumps({name: getattr(lease, name) for name in HEAD}),
        moment(lease.since + shift_s),
        moment(lease.expires + shift_s),
        json.dumps(holds),
        joined(lease.extension, lease.sign_in) if lease.sign_in else "",
        str(lease.seconds),
        "" if lease.tariff is None else " ".join(map(str, astuple(lease.tariff))),
        json.dumps([lease.longest_s, lease.least_s, named]),
        json.dumps([_budget_words(each) for each in lease.budgets]),
        str(min(lease.least_s, lease.seconds)),
        json.dumps([_note_words(each, shift_s) for each in lease.notes]),
    ]


def _note_words(note: Note, shift_s: float) -> list[str]:
    """Write a record that is put with a lease."""
    joined(note.kind, note.key)
    return [note.kind, note.key, note.text, moment(note.until + shift_s)]


def _budget_words(budget: Budget) -> list[str | int]:
    """Write a budget; `most` as text, as the script would lose digits of a number."""
    joined(budget.limit, budget.key, budget.unit)
    return [
        *(budget.limit, budget.key, budget.unit, str(budget.most), budget.within_s),
        *(budget.shadow, budget.item),
    ]


def lease_of(told: Sequence[bytes], shift_s: float) -> Lease:
    """Read a lease; one that was taken before there were budgets has none, and no terms."""
    head, since, expires, holds, seconds, tariff, terms, budgets = told
    fields = json.loads(head)
    if seconds:
        fields["seconds"] = int(seconds)
    longest_s, least_s, _ = json.loads(terms) if terms else (0, 1, "")
    return Lease(
        **fields,
        budgets=tuple(
            Budget(limit, key, Unit(unit), int(most), within_s, shadow=shadow, item=item)
            for limit, key, unit, most, within_s, shadow, item, _ in json.loads(budgets)
        ),
        tariff=Tariff(*map(int, tariff.split())) if tariff else None,
        longest_s=longest_s,
        least_s=least_s,
        since=float(since) - shift_s,
        expires=float(expires) - shift_s,
        holds=tuple(
            Hold(limit, key, calls, shadow=shadow)
            for limit, key, calls, shadow in json.loads(holds)
        ),
    )


def taken_of(told: Sequence[Any], shift_s: float) -> Taken | Full | NotSignedIn:
    """Read what came of taking a lease."""
    if told[0] == b"full":
        limit, key, unit = (each.decode() for each in told[1:])
        return Full(limit, key, Unit(unit) if unit else None)
    if told[0] == b"not-signed-in":
        return NotSignedIn()
    _, lease, fresh, over, crossed = told
    names = tuple(each.decode() for each in over)
    return Taken(lease_of(lease, shift_s), bool(fresh), names, _crossed(crossed))


def longer_of(told: Sequence[Any], shift_s: float) -> Longer:
    """Read what came of letting a lease last longer."""
    lease, crossed = told
    return Longer(lease_of(lease, shift_s), _crossed(crossed))


def _crossed(told: Sequence[Any]) -> tuple[Level, ...]:
    return tuple(
        Level(limit.decode(), key.decode(), Unit(unit.decode()), int(used), int(most))
        for limit, key, unit, used, most in told
    )


def level_of(told: Sequence[bytes]) -> Level:
    """Read how much of a window is used."""
    window, used, most, reserved = told
    limit, key, unit = window.decode().split("\0")
    return Level(limit, key, Unit(unit), int(used), int(most), int(reserved))


def charge_words(charge: Charge, shift_s: float) -> list[str | int]:
    """Write a charge."""
    joined(charge.limit, charge.key, charge.unit)
    return [
        *(charge.limit, charge.key, charge.unit, charge.id, charge.amount),
        *(moment(charge.until + shift_s), charge.within_s, charge.most),
    ]


def charge_of(told: Sequence[Any], shift_s: float) -> Charge:
    """Read a charge."""
    window, name, value, until, most, is_held = told
    limit, key, unit = window.decode().split("\0")
    amount, within_s = map(int, value.split())
    ends = float(until) - shift_s
    return Charge(
        *(limit, key, Unit(unit), name.decode(), amount, ends, within_s, int(most)),
        is_held=bool(is_held),
    )


# ----------------------------------------------------------------------------- failures


def lockout_of(site: str, told: Sequence[Any], shift_s: float) -> Lockout:
    """Read a lockout."""
    subject, since, until, row, failure = told[:5]
    kind, name = subject.decode().split("\0")
    return Lockout(
        site,
        SubjectKind(kind),
        name,
        float(since) - shift_s,
        float(until) - shift_s,
        int(row),
        FailureKind(failure.decode()),
    )


def standing_of(site: str, told: Sequence[Any], shift_s: float) -> Standing:
    """Read what is held against a subject."""
    subject, failures, lockouts = told
    kind, name = subject.decode().split("\0")
    return Standing(
        SubjectKind(kind),
        name,
        tuple(
            Failed(FailureKind(of.decode()), float(at) - shift_s, float(forget) - shift_s)
            for of, at, forget in failures
        ),
        tuple(
            Served(lockout_of(site, each, shift_s), float(each[5]) - shift_s) for each in lockouts
        ),
    )


def standing_words(standing: Standing, shift_s: float) -> list[str]:
    """Write what is held against a subject."""
    failures = [
        [each.kind, moment(each.at + shift_s), moment(each.forget + shift_s)]
        for each in standing.failures
    ]
    lockouts = [
        [
            each.lockout.failure,
            moment(each.lockout.since + shift_s),
            moment(each.lockout.until + shift_s),
            each.lockout.row,
            moment(each.forget + shift_s),
        ]
        for each in standing.lockouts
    ]
    subject = joined(standing.kind, standing.name)
    return [subject, json.dumps(failures), json.dumps(lockouts)]


# ----------------------------------------------------------------------------- sign-ins


def sign_in_words(sign_in: SignIn, shift_s: float) -> list[str | int]:
    """Write a sign-in."""
    place = sign_in.origin
    head = {
        "site": sign_in.site,
        "extension": sign_in.extension,
        "id": sign_in.id,
        "person": sign_in.person,
        "way": sign_in.way,
        "node": sign_in.node,
        "origin": [place.address, place.transport, place.agent, place.contact],
    }
    return [
        joined(sign_in.extension, sign_in.id),
        joined(sign_in.person),
        joined(place.address, place.transport, place.agent, place.contact),
        json.dumps(head),
        moment(sign_in.since + shift_s),
        moment(sign_in.until + shift_s),
        sign_in.idle_s,
        moment(sign_in.used + shift_s),
        "" if sign_in.ended is None else moment(sign_in.ended + shift_s),
        sign_in.why or "",
    ]


def sign_in_of(told: Sequence[bytes], shift_s: float) -> SignIn:
    """Read a sign-in."""
    head, since, until, idle_s, used, ended, why = told
    fields = json.loads(head)
    way, origin = Way(fields.pop("way")), Origin(*fields.pop("origin"))
    return SignIn(
        **fields,
        way=way,
        origin=origin,
        since=float(since) - shift_s,
        until=float(until) - shift_s,
        idle_s=int(idle_s),
        used=float(used) - shift_s,
        ended=float(ended) - shift_s if ended else None,
        why=SignedOff(why.decode()) if why else None,
    )


# ----------------------------------------------------------------------------- records


def record_words(kind: str, record: Record, before: str | None, shift_s: float) -> list[bytes]:
    """Write a record, and the text that is to be in its place."""
    ends = "" if record.until is None else moment(record.until + shift_s)
    words = (joined(kind, record.key), record.text, ends)
    return [*(each.encode() for each in words), optional(before)]


def record_of(told: Sequence[bytes], shift_s: float) -> Record:
    """Read a record."""
    key, text, ends = told
    return Record(key.decode(), text.decode(), float(ends) - shift_s if ends else None)


def asked_words(asked: Asked) -> str:
    """Write what a decision needs to know besides; empty where that is nothing."""
    if asked == NOTHING_ASKED:
        return ""
    looked = []
    for each in asked.records:
        joined(each.kind, each.key)
        looked.append([each.kind, each.key, each.expected])
    return json.dumps([looked, [_budget_words(each) for each in asked.budgets]])


def records_of(asked: Asked, told: Sequence[Any], shift_s: float) -> dict[tuple[str, str], Record]:
    """Read what is there of the records that were asked for."""
    return {
        (each.kind, each.key): record_of(found, shift_s)
        for each, found in zip(asked.records, told, strict=True)
        if found
    }


def levels_of(asked: Asked, told: Sequence[bytes]) -> tuple[Level, ...]:
    """Read how much is used of the budgets that were asked for."""
    return tuple(
        Level(*budget.window, int(used), budget.most)
        for budget, used in zip(asked.budgets, told, strict=True)
    )


# ----------------------------------------------------------------------------- enrolments


def optional(value: str | bytes | int | None) -> bytes:
    """Write a value that may be missing."""
    if value is None:
        return b""
    return b"=" + (value if isinstance(value, bytes) else str(value).encode())


def in_force(verified: Enrolment) -> list[str | bytes]:
    """Write which enrolment a guess was held against."""
    return [verified.extension, optional(verified.pin), optional(verified.totp)]


def enrolment_of(told: Sequence[Any]) -> Enrolment:
    """Read an enrolment."""
    extension, pin, totp, since, digests = told[:5]
    return Enrolment(
        extension.decode(),
        pin[1:].decode() if pin else None,
        totp[1:] if totp else None,
        frozenset(each.decode() for each in digests),
        float(since),
    )


def dossier_of(told: Sequence[Any]) -> Dossier:
    """Read a dossier."""
    extension, enrolment, flat = told
    countries = {
        country.decode(): float(since)
        for country, since in zip(flat[::2], flat[1::2], strict=True)
    }
    has = bool(enrolment)
    step = enrolment[5][1:] if has else b""
    return Dossier(
        extension.decode(),
        enrolment_of(enrolment) if has else None,
        int(step) if step else None,
        dict(sorted(countries.items())),
    )


def dossier_words(dossier: Dossier) -> list[str | bytes]:
    """Write a dossier."""
    enrolment = dossier.enrolment or Enrolment(dossier.extension)
    flat = [word for country, at in dossier.countries.items() for word in (country, moment(at))]
    return [
        dossier.extension,
        json.dumps(flat),
        "0" if dossier.enrolment is None else "1",
        optional(enrolment.pin),
        optional(enrolment.totp),
        moment(enrolment.since),
        optional(dossier.step),
        *sorted(enrolment.recovery),
    ]
