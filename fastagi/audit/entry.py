"""Where calls begin, and what is a trunk."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastagi.audit.place import Place


class Party(Enum):
    """Whose digits they are that come into a context."""

    __hash__ = object.__hash__  # each is one object; Enum's own hashes the name at every line

    PHONE = "phone"
    """A phone of ours dials."""
    TRANSFER = "transfer"
    """Somebody is sent there: by REFER, a feature code, a 302, a forward, a key in a queue."""
    OUTSIDE = "outside"
    """A trunk brings a call in."""
    GUEST = "guest"
    """Nobody asked who it is."""
    MACHINE = "machine"
    """A program starts it: AMI, ARI, a call file, the command line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One way into the dialplan.

    Attributes:
        context: Where it comes in.
        extension: What it dials; None for whatever somebody keys.
        who: Said to people: "endpoint `101`", "guests".
        place: Where the configuration says so.
    """

    context: str
    extension: str | None
    party: Party
    who: str
    place: Place


@dataclass(frozen=True, slots=True)
class Devices:
    """What can be dialled.

    Attributes:
        phones: Names of PJSIP endpoints that lead to a phone of ours and cost nothing. Everything
            else that is dialled, of whatever technology, is taken for a trunk.
        trunks: Names of PJSIP endpoints that are known for trunks.
    """

    phones: frozenset[str] = frozenset()
    trunks: frozenset[str] = frozenset()
