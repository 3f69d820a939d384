"""People who are signed in on phones, and how that ends: a part of what every store must promise.

A sign-in opens rules with `then = "sign-in"` to the calls of one endpoint, made from the place it
was made from. It is over at the first of: somebody ends it; its `until`; no call of its own lived
or was let through for `idle_s`; its extension, or its person, is locked out; the factors it was
made with are changed. Nothing brings it back, but for one: a lockout that was never due, as the
very guess that caused it turns out right (`Failures.succeed`), has ended nothing.

What is over is remembered for `REMEMBERED_S`, so that a page can say why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Enrolment

REMEMBERED_S: Final = 86400.0
"""How long after its end a sign-in can still be read, from `SignIns.sign_in`."""


class Way(StrEnum):
    """How somebody signed in."""

    KEYPAD = "keypad"
    PAGE = "page"
    API = "api"


class SignedOff(StrEnum):
    """Why a sign-in is over: closed and stable; prompts, pages and webhooks hang on it."""

    KEYPAD = "keypad"
    PAGE = "page"
    API = "api"
    OPERATOR = "operator"
    EXPIRED = "expired"
    IDLE = "idle"
    LOCKOUT = "lockout"
    REVOKED = "revoked"
    """The PIN or the secret it was made with is another now, or there is none."""
    ELSEWHERE = "elsewhere"
    """The same extension signed in anew, and more at a time it may not be."""
    MOVED = "moved"
    """The phone registered anew, from another place or as another phone."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a phone's calls come from; a sign-in counts for calls from there only.

    Attributes:
        address: Of the phone's SIP; empty where it is not known.
        transport: Of `policy.model.Transport`; empty where it is not known.
        agent: A digest of what the phone says it is (User-Agent); empty where it is not known.
        contact: A digest of all that is registered for the endpoint; empty where not known.
    """

    address: str = ""
    transport: str = ""
    agent: str = ""
    contact: str = ""


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in.

    Attributes:
        extension: The endpoint whose calls it opens.
        id: Names it within the extension; nobody can guess it.
        person: The extension whose factors were shown; on one's own phone, the same.
        node: Which Asterisk the phone is registered at; empty where that is not known.
        until: When it is over in any case.
        idle_s: How long it lives without a call; 0 where that does not matter.
        used: When the last of its calls was let through or released; `since` at the beginning.
        ended: When it was over; None while it lives.
        why: Why it is over; None while it lives.
    """

    site: str
    extension: str
    id: str
    person: str
    way: Way
    origin: Origin
    node: str
    since: float
    until: float
    idle_s: int
    used: float
    ended: float | None = None
    why: SignedOff | None = None


class SignIns(Protocol):
    """Who is signed in.

    A lease of `sign_in` other than empty was let through by that sign-in: `Leases.take` takes it
    only while the sign-in lives (else `NotSignedIn`), and dates `used` in the same step; so does
    its release. While one of its leases is live a sign-in is not idle.
    `Enrolments.enrol` (with another PIN or secret) and `unenrol` end, as REVOKED, every sign-in of
    which the extension is the `person`; `Failures.begin_attempt`, as LOCKOUT, where it locks an
    extension out, every sign-in of which that is the extension or the person.
    """

    async def open_sign_in(
        self, sign_in: SignIn, verified: Enrolment | None, at_once: int, now: float
    ) -> Sequence[SignIn] | None:
        """Open a sign-in; return those that it ended, as they are over now.

        Of the same extension, the one of the same origin, and of the others the oldest until no
        more than `at_once` live with the new one, are over as ELSEWHERE. To open the very same
        again (by its id) changes nothing and returns ().

        Returns:
            None, and nothing is done, where `verified` is given and in force no more (see
            `Enrolments`), or a lockout of the extension or the person is in force.
        """
        ...

    async def end_sign_ins(
        self, site: str, extension: str, id: str | None, why: SignedOff, now: float
    ) -> Sequence[SignIn]:
        """End one sign-in of an extension, or all of them (None); those that were live, ended."""
        ...

    async def sign_in(self, site: str, extension: str, id: str, now: float) -> SignIn | None:
        """Return a sign-in, also one that is over, with when and why; None where it is forgotten.

        `Known.sign_ins` has those of an extension that are live.
        """
        ...

    async def sign_ins(self, site: str | None, now: float) -> Sequence[SignIn]:
        """List every live sign-in of a site (or of all), oldest first.

        One that is live from the beginning to the end of the listing is in it exactly once; one
        that is opened or ended meanwhile may be in it or not.
        """
        ...

    async def put_sign_in(self, sign_in: SignIn) -> None:
        """Put a sign-in in as it is, from another store.

        Of one that is there already the later `used` counts, and it is over if either is.
        """
        ...
