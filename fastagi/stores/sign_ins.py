"""People who are signed in on phones, and how that ends; `store.SignIns` is what stores promise.

A sign-in opens rules with `then = "sign-in"` to the calls of one endpoint, made from the place it
was made from. It is over at the first of: somebody ends it; its `until`; no call of its own lived
or was let through for `idle_s`; its extension, or its person, is locked out; the factors it was
made with are changed. Nothing brings it back, but for one: a lockout that was never due, as the
very guess that caused it turns out right (`Failures.succeed`), has ended nothing; unless something
else would have ended it meanwhile, or somebody signed in on the extension anew.

A page or a program may hand out the password that a phone in a browser registers with (see
`call.credentials`): such a sign-in waits, and opens nothing, until that phone has registered.

What is over is remembered for `REMEMBERED_S`, so that a page can say why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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
    ATTACK = "attack"
    """A `[[watch]]` of the policy saw an attack on the extension, and says so."""


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

    @property
    def is_waiting(self) -> bool:
        """Whether its phone has not registered yet, and it opens nothing until it does."""
        return self.way is not Way.KEYPAD and not self.node and not self.origin.contact
