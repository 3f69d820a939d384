"""What is found, and how it is told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.audit.place import Place


class Severity(Enum):
    """How bad it is."""

    HIGH = "high"
    """Paid calls pass, or a stranger gets in."""
    MEDIUM = "medium"
    """It takes one more mistake."""
    LOW = "low"
    """Worth a look."""


class Kind(Enum):
    """What it is; the word is part of what programs read, and does not change."""

    UNGATED = "ungated-trunk"
    """A way leads to a trunk past the gate, or without its yes."""
    UNCHECKED = "verdict-not-checked"
    """The gate is asked, and what it says is not looked at, or AGISTATUS is looked at instead."""
    STALE = "verdict-used-again"
    """One yes is used for two calls, or is one of before."""
    OTHER_DIGITS = "other-digits-dialled"
    """Something else is dialled than `GUARD_NUMBER`, which was judged."""
    NAMED = "another-is-charged"
    """A phone calls whom it likes on the account of somebody whom the dialplan names."""
    UNBOUND = "leg-not-bound"
    """`GUARD_DIAL` is not passed to Dial, or options beside it undo it."""
    UNFILTERED = "unfiltered-extension"
    """What was dialled on a wide pattern goes unfiltered into an application."""
    UNKNOWN = "cannot-be-known"
    """A way leads where nothing can be said of it: a switch, a script, a variable of a channel."""
    UNREADABLE = "cannot-be-read"
    """Asterisk reads something that the audit cannot: `#exec`, a file that is hidden."""
    MISREAD = "read-otherwise"
    """Asterisk reads something otherwise than it is written, or not at all: a second priority of
    one number, a comment that is not closed."""
    ROUTINE = "routine-changed"
    """The gate's own routine is not as it was shipped."""
    TRANSFER = "transfer-open"
    """A party may transfer that should not, or to a context that is not gated."""
    REDIRECT = "redirect-past-dialplan"
    """A phone's 302 is dialled without the dialplan."""
    PASSWORD = "weak-password"  # noqa: S105 - a name, no password
    """A secret is short, common, or the extension itself."""
    GUEST = "guests-allowed"
    """Whoever comes without a name is let in."""
    OPEN_DOOR = "open-to-the-world"
    """AMI, HTTP or ARI listens to everybody, or lets everybody in."""
    NO_ACL = "no-address-list"
    """A phone's password is enough from anywhere."""
    READABLE = "secrets-readable"
    """A file with secrets can be read by everybody on the machine."""
    VOICEMAIL = "voicemail-dials"
    """Voicemail calls back or out."""
    DISA = "dial-tone-for-strangers"
    """DISA gives a dial tone: who has its code dials as if inside."""
    FEATURE = "feature-dials"
    """A feature code, a parking lot, follow-me or a conference reaches out."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One line of the way.

    Attributes:
        context: Where it is; empty for a line that is not of the dialplan (an endpoint).
        extension: As it is written; empty likewise.
        priority: 0 likewise.
        text: The line, as people know it: `Goto(outside,${EXTEN},1)`.
    """

    context: str
    extension: str
    priority: int
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        message: What, in a sentence; never a secret.
        advice: What to change, in a sentence.
        place: The line to change.
        way: From the entry to the trunk, line by line; empty where it is about one line alone.
    """

    kind: Kind
    severity: Severity
    message: str
    advice: str
    place: Place
    way: tuple[Hop, ...] = ()
