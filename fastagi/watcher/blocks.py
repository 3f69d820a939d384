"""What AMI sends, block by block, and which blocks Asterisk never made. No I/O.

Asterisk writes what a caller dials, and calls itself, into its events as it came, line breaks and
all: whoever may send an INVITE can tear an event and write another behind it, of about eighty
characters. So each block is looked at: what is odd is told of and taken for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

END: Final = b"\r\n\r\n"
"""What ends a block."""

USER_EVENT: Final = "dialguard-leg"
"""The event by which the dialplan tells of a marked leg."""

_SNAPSHOT: Final = (
    "Channel",
    "ChannelState",
    "ChannelStateDesc",
    "CallerIDNum",
    "Uniqueid",
    "Linkedid",
)
"""What Asterisk says of a channel (manager_channels.c), or part of it: too much to be forged
within one number, and within two of one event as well: `CallerIDNum` is what is torn then."""

_NEEDED: Final = {
    "Newchannel": _SNAPSHOT,
    "Newstate": _SNAPSHOT,
    "Hangup": _SNAPSHOT,
    "Status": _SNAPSHOT,
    "DialBegin": tuple(f"Dest{each}" for each in _SNAPSHOT),
    "Rename": ("Channel", "Newname", "Uniqueid"),
}
"""The events that are used, with what none of them lacks."""

_MANY: Final = ("variable", "output")
"""How the names of fields end that may come more than once."""


@dataclass(frozen=True, slots=True)
class Block:
    """One message.

    Attributes:
        fields: What it says; nothing that it says twice.
        oddity: Why Asterisk did not make it; empty where nothing speaks against it.
    """

    fields: Mapping[str, str]
    oddity: str

    @property
    def is_event(self) -> bool:
        """Whether it is an event; what is none is a response."""
        return "Event" in self.fields

    @property
    def torn_row(self) -> str:
        """The name of the channel whose row of a list this is a piece of; else empty."""
        if not self.oddity or self.fields.get("Event") != "Status":
            return ""
        return self.fields.get("Channel", "")


def read(text: str) -> Block | None:
    """Read a block; None where it is empty."""
    fields: dict[str, str] = {}
    seen: set[str] = set()
    twice: set[str] = set()
    for line in text.strip().split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            continue
        if name.lower() in seen:
            twice.add(name.lower())
        seen.add(name.lower())
        fields[name] = value.removeprefix(" ")
    if not text.strip():
        return None
    fields = {name: value for name, value in fields.items() if name.lower() not in twice}
    return Block(fields, _oddity(fields, [each for each in twice if not each.endswith(_MANY)]))


def _oddity(fields: Mapping[str, str], twice: Sequence[str]) -> str:
    event = fields.get("Event")
    if event is None and "Response" not in fields:
        return "a block that is neither an event nor a response"
    if event is None and "ActionID" not in fields:
        return "a response to nothing"
    needed = _NEEDED.get(event or "", ())
    if event == "UserEvent" and fields.get("UserEvent") == USER_EVENT:
        needed = _SNAPSHOT
    if twice and (needed or event is None):
        return "a block that names a field twice"
    if any(each not in fields for each in needed):
        return f"a `{event}` that lacks what each has"
    return ""
