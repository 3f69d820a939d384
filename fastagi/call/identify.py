"""Who is calling: the endpoint, or the one whose transfer or forward caused the call.

Or whom the dialplan names, where it calls by itself.

Never caller ID, which the caller chooses.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Argument
from fastagi.policy.model import Reason, Transport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.call.channel import Question

UNIQUEID: Final = re.compile(r"[A-Za-z0-9_.:-]{1,150}")
"""Asterisk's `uniqueid`: `[systemname-]epoch.number`; AST_MAX_UNIQUEID is 150."""

ENDPOINT: Final = re.compile(r"[A-Za-z0-9_.@+-]{1,80}")
"""The PJSIP section name of an endpoint, as far as a policy can name it."""

DIGEST: Final = re.compile(r"[0-9a-f]{40}")
"""SHA-1, as `func_sha1` writes it."""

OF_NOTHING: Final = hashlib.sha1(b"").hexdigest()  # noqa: S324 - what a dialplan can make

CHANNEL_NAME: Final = re.compile(r"[A-Za-z0-9]+/(?P<endpoint>[A-Za-z0-9_.@+-]+)-[0-9a-f]{8}")
"""`PJSIP/101-0000002a`: technology, endpoint, a number. `Local/…;1` does not fit."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is judged and charged, and where the call came from.

    Attributes:
        party: The endpoint of whoever talks, on a call that another caused; empty where that is
            not known.
    """

    extension: str
    call: str
    channel: str
    address: IPv4Address | IPv6Address | None
    transport: Transport | None
    trunk: str
    node: str
    transferred: bool
    party: str = ""
    agent: str = ""
    contact: str = ""

    @property
    def is_proven(self) -> bool:
        """Whether who calls is at the address for certain: over UDP anybody writes any there.

        Of a transferred call it is that of whoever was transferred.
        """
        is_connected = self.transport not in (None, Transport.UDP)
        return self.address is not None and is_connected and not self.transferred


def identify(question: Question) -> Caller | Reason:
    """Return the caller, or why nobody can be held to the call."""
    arguments = question.arguments
    call = arguments.get(Argument.CALL, "")
    if call != question.uniqueid or not UNIQUEID.fullmatch(call):
        return Reason.BAD_QUESTION
    blamed = _blamed(arguments)
    extension = arguments.get(Argument.ENDPOINT, "") if blamed is None else blamed
    if not ENDPOINT.fullmatch(extension):
        return Reason.NO_IDENTITY
    return Caller(
        extension=extension,
        call=call,
        channel=question.channel,
        address=read_address(arguments.get(Argument.ADDRESS, "")),
        transport=_transport(arguments.get(Argument.TRANSPORT, "")),
        trunk=arguments.get(Argument.TRUNK, ""),
        node=node_of(question),
        transferred=blamed is not None,
        party="" if blamed is None else _party(arguments, blamed),
        agent=_digest(arguments.get(Argument.AGENT, "")),
        contact=_digest(arguments.get(Argument.CONTACT, "")),
    )


def node_of(question: Question) -> str:
    """Return which Asterisk asks: by the name that its dialplan gives it, or by its address."""
    return question.arguments.get(Argument.NODE, "") or question.peer


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read `10.0.0.5:5060` or `[2001:db8::5]:5060`, with the port or without.

    `[::ffff:10.0.0.5]` is `10.0.0.5` (RFC 4291, 2.5.5.2): one place has one name, or failures
    would be counted under two.
    """
    bare = text.removeprefix("[")
    host = bare.partition("]")[0] if bare != text else text
    if host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        address = ip_address(host)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _blamed(arguments: Mapping[str, str]) -> str | None:
    """Return the endpoint that caused the call; empty when it cannot be told.

    None where nobody did but whoever calls. The dialplan names nobody if it knows of a transfer or
    a forward that came later.
    """
    behalf = arguments.get(Argument.BEHALF, "")
    if behalf:
        return behalf
    for source in (Argument.FORWARDER, Argument.TRANSFERER, Argument.ATTENDED):
        channel = arguments.get(source, "")
        if channel:
            named = CHANNEL_NAME.fullmatch(channel)
            return named["endpoint"] if named else ""
    return None


def _party(arguments: Mapping[str, str], blamed: str) -> str:
    """Return who talks, on a call that `blamed` caused.

    Before an attended transfer by a feature code, whoever transfers talks.
    """
    spoken = arguments.get(Argument.ENDPOINT, "")
    causes = (Argument.BEHALF, Argument.FORWARDER, Argument.TRANSFERER)
    attended = not spoken and not any(arguments.get(each) for each in causes)
    return blamed if attended else spoken


def _transport(text: str) -> Transport | None:
    """Read a transport in any case; None for what is not one."""
    try:
        return Transport(text.lower())
    except ValueError:
        return None


def _digest(text: str) -> str:
    """Read a digest; empty for one of nothing, which says as little as none.

    A phone without a name, or with nothing registered, would else be like every other of them.
    """
    return text if DIGEST.fullmatch(text) and text != OF_NOTHING else ""
