"""The caller's channel as the call's story sees it, and every word shared with the dialplan.

`Channel` is a port: `server.session` implements it over FastAGI, tests over a script. The names
below are the contract with `dialplan/dialguard.conf`; change both together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Script(StrEnum):
    """The doors of the service: paths of AGI URLs."""

    OUTBOUND = "outbound"
    RELEASE = "release"
    SIGN_IN = "sign-in"
    SIGN_OFF = "sign-off"
    SIGNED_IN = "signed-in"
    """What is left of the phone's sign-in."""


class Argument(StrEnum):
    """The names of AGI arguments, sent as `name=value`; each at most once, in any order."""

    CALL = "call"
    """`${UNIQUEID}` of the calling channel."""
    DIALLED = "dialled"
    """What the caller dialled, `malformed` where it holds more than `+*#` and digits."""
    ENDPOINT = "endpoint"
    """`${CHANNEL(endpoint)}`: who is calling. Never caller ID."""
    ADDRESS = "address"
    """Where the phone's SIP came from: `ip:port`."""
    TRANSPORT = "transport"
    AGENT = "agent"
    """SHA-1, in hex, of what the phone says it is (User-Agent)."""
    CONTACT = "contact"
    """SHA-1, in hex, of the names of all contacts registered for the endpoint."""
    TRANSFERER = "transferer"
    """`${BLINDTRANSFER}`: the channel that transferred this one, if it comes of a transfer."""
    FORWARDER = "forwarder"
    """`${FORWARDERNAME}`: the channel whose phone forwarded the call, if one did."""
    ATTENDED = "attended"
    """`${TRANSFERERNAME}` of a Local channel: who asks before an attended transfer by code."""
    BEHALF = "behalf"
    """Which extension caused the call, where the dialplan says so (`on-behalf`)."""
    TRUNK = "trunk"
    SITE = "site"
    NODE = "node"
    """Which Asterisk this is, where the administrator names it."""
    TOKEN = "token"  # noqa: S105 - the name of an argument
    """SHA-1 in hex, where a secret is shared: of `secret:call:dialled`, of a release's
    `secret:call:release:talked`."""
    NUMBER = "number"
    """Of `release`: which of the channel's numbers; left out, all."""
    TALKED = "talked"
    """Of `release`: for how many seconds the legs to it were answered; left out, nobody knows."""


class Variable(StrEnum):
    """The channel variables that an answer sets."""

    VERDICT = "GUARD_VERDICT"
    """`ALLOW` or `DENY`; set last, so that it stands for all the others."""
    REASON = "GUARD_REASON"
    RULE = "GUARD_RULE"
    REF = "GUARD_REF"
    """Four digits, spoken at a refusal; the operator looks the decision up by it."""
    NUMBER = "GUARD_NUMBER"
    """What was judged, and the only thing to dial."""
    CATEGORY = "GUARD_CATEGORY"
    COUNTRY = "GUARD_COUNTRY"
    SECONDS = "GUARD_SECONDS"
    """How long the trunk leg may live, which is paid for; `0` (emergency only): unbounded."""
    CAUSE = "GUARD_CAUSE"
    """Q.850 hangup cause of a refusal; empty on ALLOW."""
    PROMPT = "GUARD_PROMPT"
    """Sound files to play to a refused caller, joined by `&`."""
    CALL = "GUARD_CALL"
    """The `UNIQUEID` the verdict is for."""
    HOURS = "GUARD_HOURS"
    """Of what is left of a sign-in, the whole hours …"""
    MINUTES = "GUARD_MINUTES"
    """… and the whole minutes besides; both are missing where nobody is signed in."""
    RELEASED = "GUARD_RELEASED"
    """`yes` once a release was heard; until then the dialplan goes on asking for it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the dialplan asked, as it came: nothing in it has been believed yet.

    Attributes:
        script: The path of the AGI URL.
        arguments: `name=value` arguments by name.
        channel: `agi_channel`.
        uniqueid: `agi_uniqueid`: Asterisk's own word, which `call` must equal.
        language: `agi_language`.
        peer: The IP address of the Asterisk that asks.
    """

    script: str
    arguments: Mapping[str, str]
    channel: str
    uniqueid: str
    language: str
    peer: str


@dataclass(frozen=True, slots=True)
class Keyed:
    """What the caller keyed at a prompt.

    Attributes:
        digits: The digits, without the ending `#`; `*` is among them. Never shown in a repr.
        timed_out: Whether the caller fell silent before `#` or the last digit.
    """

    digits: str = field(repr=False)
    timed_out: bool


class Channel(Protocol):
    """One caller's channel while the dialplan waits for us.

    Every method raises `ChannelGone` when the caller has hung up or the connection is lost, and
    `ChannelSilent` when Asterisk does not answer in time.
    """

    @property
    def hung_up(self) -> bool:
        """Whether the caller hung up: whatever Asterisk was told, it will not dial."""
        ...

    async def answer(self) -> None:
        """Answer the channel; nothing happens where it is answered already."""
        ...

    async def progress(self) -> None:
        """Have the phone hear sounds without an answer: SIP 183, early media."""
        ...

    async def bound(self, seconds: int) -> None:
        """Have Asterisk itself free the caller after so many seconds, should we fall silent."""
        ...

    async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
        """Play sounds, which digits interrupt, and collect up to `most` digits, ended by `#`.

        Args:
            sounds: Sound files without extension, in order.
            wait_s: Seconds of silence after which it is given up.
            most: The most digits there can be.
        """
        ...

    async def tell(self, variables: Mapping[Variable, str]) -> None:
        """Set channel variables, the verdict last, in one step; the last thing that is said."""
        ...
