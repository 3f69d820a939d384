"""The channels of one Asterisk, as its events and its lists tell of them. No I/O, no clock.

A channel is known by its `uniqueid`: names change when Asterisk swaps channels in a transfer.
All of it may be forged: it says where to look, and nothing is released or ended for it alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.watcher.blocks import USER_EVENT
from fastagi.watcher.dialled import read_dial_string

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastagi.watcher.dialled import Dialled

MARK: Final = "DIALGUARD_LEG"
"""The variable that the dialplan sets on a trunk leg: `CALL:NUMBER:SITE`."""

_MARK: Final = re.compile(
    r"(?P<call>[A-Za-z0-9_.:-]{1,150}):(?P<number>[0-9+*#]{1,80}):(?P<site>[a-z0-9-]{0,80})"
)
_ENDPOINT: Final = re.compile(r"PJSIP/(?P<endpoint>.+)-[0-9a-f]{8}")
_DOWN: Final = "0"
"""`AST_STATE_DOWN`: how a channel begins that Asterisk makes to dial; one that calls in rings."""
_OUTGOING: Final = "(Outgoing Line)"
"""What a list gives as the data of a channel that was dialled (app_dial.c, app_queue.c)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose trunk leg a channel is: what the gate let through.

    Attributes:
        call: The `uniqueid` of the calling channel.
        number: What the trunk was given.
        site: As the dialplan names it: empty where there is one policy.
    """

    call: str
    number: str
    site: str


def read_mark(written: str) -> Mark | None:
    """Read a mark; None where there is none, or none of ours."""
    found = _MARK.fullmatch(written)
    return None if found is None else Mark(found["call"], found["number"], found["site"])


@dataclass(slots=True)
class Channel:
    """One channel.

    Attributes:
        uniqueid: Its name for ever.
        name: Its name for now.
        since: When it was first heard of, by the clock that the table is told.
        outgoing: Whether Asterisk made it to dial.
        born: Whether it was heard of from its beginning on, and not only by a list.
        judged: Whether it was looked at already, as one that may not have asked.
        mark: Whose trunk leg it is, if it was asked about.
        dialled: What was dialled; None while nobody has told.
        dialled_at: When that was heard, or that it rings; None before.
        caller: The name of the channel that dialled it; empty where no channel did.
        caller_id: That one's `uniqueid`.
        was: The endpoints that it was said to be of, by other names.
        bounded: Whether it has an absolute timeout, by the last list; None where none told.
    """

    uniqueid: str
    name: str
    since: float
    outgoing: bool
    born: bool
    judged: bool = False
    mark: Mark | None = None
    dialled: Dialled | None = None
    dialled_at: float | None = None
    caller: str = ""
    caller_id: str = ""
    was: set[str] = field(default_factory=set)
    bounded: bool | None = None

    @property
    def endpoint(self) -> str:
        """The PJSIP endpoint it goes to or comes from; empty where it is none."""
        return endpoint_of(self.name)

    def rename(self, name: str) -> None:
        """Give it another name."""
        self.was.add(self.endpoint)
        self.name = name


def endpoint_of(name: str) -> str:
    """Return the endpoint of a channel's name: `my-trunk` of `PJSIP/my-trunk-0000002a`."""
    found = _ENDPOINT.fullmatch(name)
    return "" if found is None else found["endpoint"]


class Channels:
    """Every channel there is, as far as was told."""

    def __init__(self) -> None:
        self._by_id: dict[str, Channel] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def hear(self, event: Mapping[str, str], at: float) -> Channel | None:
        """Take an event in; return the channel that it was about.

        Args:
            event: Its fields, as AMI names them.
            at: When it came, by a clock that only goes forward.
        """
        match event.get("Event", ""):
            case "Newchannel":
                return self._begin(event, at)
            case "Rename":
                if (channel := self._of(event)) is not None:
                    channel.rename(event.get("Newname", channel.name))
                return channel
            case "Newstate":
                channel = self._of(event)
                if channel is not None and event.get("ChannelState") != _DOWN:
                    channel.dialled_at = at if channel.dialled_at is None else channel.dialled_at
                return channel
            case "DialBegin":
                return self._dial(event, at)
            case "UserEvent" if event.get("UserEvent") == USER_EVENT:
                channel = self._of(event)
                if channel is not None:
                    channel.mark = read_mark(event.get("Leg", "")) or channel.mark
                return channel
            case "Hangup":
                return self._by_id.pop(event.get("Uniqueid", ""), None)
            case _:
                return None

    def put_back(self, channel: Channel) -> None:
        """Take a channel in that was said to be gone and is not."""
        self._by_id.setdefault(channel.uniqueid, channel)

    def list(
        self, rows: Iterable[Mapping[str, str]], asked_at: float, *, whole: bool = True
    ) -> Sequence[Channel]:
        """Take a list in; return the channels that nobody had told of.

        What is not on it is gone, if it is whole, unless it came after `asked_at`, when the list
        was asked for.
        """
        new = []
        listed = set()
        for row in rows:
            uniqueid, name = row.get("Uniqueid", ""), row.get("Channel", "")
            if not uniqueid or not name:
                continue
            listed.add(uniqueid)
            channel = self._by_id.get(uniqueid)
            if channel is None:
                channel = self._by_id[uniqueid] = Channel(
                    uniqueid, name, asked_at, row.get("Data", _OUTGOING) == _OUTGOING, born=False
                )
                new.append(channel)
            channel.mark = _mark_of(row) or channel.mark
            channel.bounded = _is_bounded(row.get("TimeToHangup", ""))
        for channel in tuple(self._by_id.values()):
            if whole and channel.uniqueid not in listed and channel.since < asked_at:
                del self._by_id[channel.uniqueid]
        return new

    def of(self, uniqueid: str) -> Channel | None:
        """Return a channel by its `uniqueid`, while it lives."""
        return self._by_id.get(uniqueid)

    def legs(self, call: str | None = None, number: str | None = None) -> Sequence[Channel]:
        """Return the marked legs: all, those of a call, or those of a number of a call."""
        return [
            each
            for each in self._by_id.values()
            if each.mark is not None
            and call in {None, each.mark.call}
            and number in {None, each.mark.number}
        ]

    def is_alive(self, call: str) -> bool:
        """Whether the caller of a call, or any leg of it, is there."""
        return call in self._by_id or bool(self.legs(call))

    def _of(self, event: Mapping[str, str]) -> Channel | None:
        return self._by_id.get(event.get("Uniqueid", ""))

    def _begin(self, event: Mapping[str, str], at: float) -> Channel | None:
        uniqueid, name = event.get("Uniqueid", ""), event.get("Channel", "")
        if not uniqueid or not name:
            return None
        outgoing = event.get("ChannelState") == _DOWN
        channel = self._by_id.get(uniqueid)
        if channel is None:
            channel = self._by_id[uniqueid] = Channel(uniqueid, name, at, outgoing, born=True)
        else:  # a list was faster, or somebody forged one of the two: both are looked at
            channel.rename(name)
            channel.outgoing = channel.outgoing or outgoing
            channel.born = True
        return channel

    def _dial(self, event: Mapping[str, str], at: float) -> Channel | None:
        channel = self._by_id.get(event.get("DestUniqueid", ""))
        if channel is not None:
            channel.dialled = read_dial_string(event.get("DialString", ""))
            channel.dialled_at = at if channel.dialled_at is None else channel.dialled_at
            channel.caller = event.get("Channel", "")
            channel.caller_id = event.get("Uniqueid", "")
        return channel


def _mark_of(row: Mapping[str, str]) -> Mark | None:
    name, _, value = row.get("Variable", "").partition("=")
    return read_mark(value) if name == MARK else None


def _is_bounded(text: str) -> bool | None:
    """Read `TimeToHangup`: the moment, in seconds since the epoch, or 0 where there is none."""
    return int(text) != 0 if re.fullmatch(r"-?[0-9]{1,18}", text) else None
