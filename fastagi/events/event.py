"""What happened, and how it is put into words for other programs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Lockout

DENIED: Final = b'"verdict":"deny"'
TOLD_OF_DENIAL: Final = (
    *("node", "call", "extension", "address", "number", "category", "country"),
    *("rule", "reason", "reference"),
)
"""Fields of the record of decisions; the number is masked there already."""


BRAKED: Final = b'"brakes":[{'
TOLD_OF_BRAKE: Final = (*TOLD_OF_DENIAL, "verdict", "brakes")
"""Likewise, where a call put the brake on, or kept it on for longer."""


class Kind(StrEnum):
    """What there is to tell of; closed and stable."""

    SIGN_IN = "sign-in"
    SIGN_OFF = "sign-off"
    DENIAL = "denial"
    LOCKOUT = "lockout"
    BRAKE = "brake"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        id: Hangs on what happened, and not on who saw it, when, or how often.
        at: When it happened.
        facts: What there is to say of it; JSON.
    """

    kind: Kind
    id: str
    at: float
    site: str
    facts: Mapping[str, object]

    @property
    def body(self) -> str:
        """What is sent: one line of JSON, whose keys are part of the format."""
        return json.dumps(
            {
                "id": self.id,
                "event": self.kind,
                "time": moment(self.at),
                "site": self.site,
                "data": dict(self.facts),
            },
            separators=(",", ":"),
        )


def of_sign_in(sign_in: SignIn) -> Event:
    """Return that a sign-in was opened."""
    names = (sign_in.site, sign_in.extension, sign_in.id)
    facts = {**_who(sign_in), "until": moment(sign_in.until)}
    return Event(Kind.SIGN_IN, _id(Kind.SIGN_IN, *names), sign_in.since, sign_in.site, facts)


def of_sign_off(sign_in: SignIn) -> Event:
    """Return that a sign-in is over."""
    names = (sign_in.site, sign_in.extension, sign_in.id)
    at = sign_in.until if sign_in.ended is None else sign_in.ended
    facts = {**_who(sign_in), "since": moment(sign_in.since), "why": sign_in.why}
    return Event(Kind.SIGN_OFF, _id(Kind.SIGN_OFF, *names), at, sign_in.site, facts)


def of_lockout(lockout: Lockout) -> Event:
    """Return that an extension or an address is locked out."""
    names = (lockout.site, lockout.kind, lockout.name, repr(lockout.since))
    facts = {
        "kind": lockout.kind,
        "name": lockout.name,
        "failure": lockout.failure,
        "until": moment(lockout.until),
        "in_a_row": lockout.row,
    }
    return Event(Kind.LOCKOUT, _id(Kind.LOCKOUT, *names), lockout.since, lockout.site, facts)


def of_line(line: bytes) -> Event | None:
    """Return the denial that a line of the record of decisions tells of; None where it is none."""
    return _of_record(Kind.DENIAL, line, TOLD_OF_DENIAL) if DENIED in line else None


def of_braking(line: bytes) -> Event | None:
    """Return that a call put the brake on, or kept it on, by its line; None where it did not."""
    return _of_record(Kind.BRAKE, line, TOLD_OF_BRAKE) if BRAKED in line else None


def _of_record(kind: Kind, line: bytes, told: Sequence[str]) -> Event | None:
    try:
        read = json.loads(line)
        at = datetime.fromisoformat(read["time"]).timestamp()
        site, facts = str(read["site"]), {name: read[name] for name in told}
    except (ValueError, KeyError, TypeError):  # it is not whole, or not ours
        return None
    return Event(kind, _id(kind, hashlib.sha256(line).hexdigest()), at, site, facts)


def moment(at: float) -> str:
    """Write a moment as RFC 3339 has it."""
    written = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return written.replace("+00:00", "Z")


def _who(sign_in: SignIn) -> dict[str, object]:
    return {
        "sign_in": sign_in.id,
        "extension": sign_in.extension,
        "person": sign_in.person,
        "way": sign_in.way,
        "address": sign_in.origin.address,
        "node": sign_in.node,
    }


def _id(*names: str) -> str:
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:32]
