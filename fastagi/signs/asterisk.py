"""What Asterisk says on AMI of who tries its door: a security event, read as a sighting. No I/O.

Asterisk writes the user of From into `AccountID` as it came, line breaks and all, 36 bytes of it
(AST_UUID_STR_LEN in pjsip_distributor.c; 16 and 22 alike): `%0d%0a` there puts a line, or the end
of the event, into it. A whole event has 239 at least, and does not fit. Call-ID, without a
bound, is `SessionID`, and a digest's response, 255 bytes of it, `Response`; PJSIP takes no line
break in either. So an event counts if it has exactly the fields that Asterisk writes
(main/security_events.c), once each, in its order, and what is not text is well-formed. What is
otherwise is `Forged`: nobody may be counted for it, as nobody knows whose it is. A lone CR or LF
in a text tears nothing, and is let be: who puts one into a header that Asterisk does not look at
would else guess unseen.

Where an address was only written into a packet, the sighting is not `proven`. That is so for all
that comes over UDP, but the right password: Asterisk tells of a wrong response to a challenge
that it never sent just as of one that it did (it looks at the response first, and at the nonce
then: res_pjsip_authenticator_digest.c), and does not say which nonce it had sent. Who shows the
right password has shown the right nonce as well, which nobody but the address was told.

Only the service `PJSIP` is read: the gate's phones are there. Who logs in to AMI or to the HTTP
server is a machine of one's own, by names that are no extensions'; a monitoring tool with an old
password would be taken for somebody who guesses at phones, and no phone's call is his. Strangers
do not reach these ports (docs/hardening.md).

An account is `<unknown>` where there is none: such an event comes in addition to the
`InvalidAccountID` of the same request, and is left out. `ChallengeSent` is how every registration
begins; the limits of load, memory and sessions are about nobody.

What is not UTF-8 in From or in Call-ID makes Asterisk drop the event itself: nothing of this
kind can be seen here.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING, Final

from fastagi.errors import Forged
from fastagi.signs.sighting import Seen, Sighting

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCOUNT_MAX: Final = 255
"""Characters of an account: more than any endpoint's name has."""

UNKNOWN: Final = "<unknown>"
"""Asterisk's name of an account that there is not (get_account_id, res_pjsip)."""

SERVICE: Final = "PJSIP"

_SEEN: Final = {
    "InvalidAccountID": Seen.UNKNOWN_ACCOUNT,
    "InvalidPassword": Seen.WRONG_PASSWORD,
    "ChallengeResponseFailed": Seen.WRONG_PASSWORD,
    "SuccessfulAuth": Seen.RIGHT_PASSWORD,
    "FailedACL": Seen.NOT_LET_IN,
    "UnexpectedAddress": Seen.NOT_LET_IN,
    "RequestBadFormat": Seen.MALFORMED,
    "RequestNotSupported": Seen.MALFORMED,
    "RequestNotAllowed": Seen.MALFORMED,
    "AuthMethodNotAllowed": Seen.MALFORMED,
    "InvalidTransport": Seen.MALFORMED,
    "ChallengeSent": None,
    "SessionLimit": None,
    "MemoryLimit": None,
    "LoadAverageLimit": None,
}

CACHED: Final = 512
"""Moments, addresses and orders of fields that are remembered: in a flood most are alike."""

_FIRST: Final = ("Event", "Privilege")

_BY_SETTING: Final = ("Timestamp", "SequenceNumber", "File", "Line", "Func", "SystemName")
"""What manager.conf and asterisk.conf may have Asterisk write before what it tells (manager.c)."""

_COMMON: Final = (
    "EventTV",
    "Severity",
    "Service",
    "EventVersion",
    "AccountID",
    "SessionID",
    "LocalAddress",
    "RemoteAddress",
)

_NAMELESS: Final = tuple(each for each in _COMMON if each != "AccountID")

_OWN: Final = {
    "ChallengeResponseFailed": ("Challenge", "Response", "ExpectedResponse"),
    "SuccessfulAuth": ("UsingPassword",),
    "UnexpectedAddress": ("ExpectedAddress",),
    "RequestBadFormat": ("RequestType",),
    "RequestNotSupported": ("RequestType",),
    "RequestNotAllowed": ("RequestType",),
    "AuthMethodNotAllowed": ("AuthMethod",),
    "InvalidTransport": ("AttemptedTransport",),
    "ChallengeSent": ("Challenge",),
}
"""What an event has behind what all have."""

_MAY: Final = {
    "FailedACL": ("Module", "ACLName", "SessionTV"),
    "InvalidPassword": ("Module", "SessionTV", "Challenge", "ReceivedChallenge", "ReceivedHash"),
    "RequestBadFormat": ("Module", "SessionTV", "AccountID", "RequestParams"),
    "RequestNotAllowed": ("Module", "SessionTV", "RequestParams"),
}
"""What an event may have behind that; the others: `Module` and `SessionTV`."""

_BREAK: Final = "\r\n"
_WHEN: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d{4}", re.ASCII)
_ADDRESS: Final = re.compile(
    r"IPV([46])/(UDP|TCP|TLS|WS|WSS)/([0-9A-Fa-f:.]{2,45})(?:%\w{1,16})?/(\d{1,5})", re.ASCII
)


def read(text: str, node: str) -> Sighting | None:
    """Read a block of AMI as it came, without what ends it.

    This is the strict way in, and a lookout's: a mapping no longer says whether a field came
    twice.

    Args:
        text: The block, its lines parted by CR LF.
        node: Which Asterisk it is of.

    Returns:
        None where it is no security event, or one that says nothing of an attack.

    Raises:
        Forged: Asterisk never made it.
    """
    fields: dict[str, str] = {}
    lines = text.split(_BREAK)
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon:
            name, colon, value = line.partition(":")
        fields[name] = value
    if fields.get("Event") not in _SEEN:
        _look_at_another(fields)
        return None
    if len(fields) != len(lines):
        raise Forged("a security event that names a field twice")
    return sighting_of(fields, node)


def sighting_of(fields: Mapping[str, str], node: str) -> Sighting | None:
    """Read the fields of an event, in the order in which they came.

    Args:
        fields: All of them, once each: whoever made the mapping left out none that came twice.
        node: Which Asterisk it is of.

    Returns:
        As `read`.

    Raises:
        Forged: Asterisk never made it.
    """
    event = fields.get("Event", "")
    if event not in _SEEN:
        _look_at_another(fields)
        return None
    if any(_BREAK in each for each in fields.values()):
        raise Forged(f"a `{event}` with a line break in it")
    if not _is_whole(event, tuple(fields)):
        raise Forged(f"a `{event}` that has not the fields of one")
    if fields["Privilege"] != "security,all":
        raise Forged(f"a `{event}` of another class of events")
    account = fields.get("AccountID", "")
    if len(account) > ACCOUNT_MAX:
        raise Forged(f"a `{event}` of an account with {len(account)} characters")
    try:
        at = _moment(fields["EventTV"])
        _address(fields["LocalAddress"])
        transport, address = _address(fields["RemoteAddress"])
    except ValueError as error:
        raise Forged(f"a `{event}` with a moment or an address that is none") from error
    seen = _SEEN[event]
    if seen is None or fields["Service"] != SERVICE:
        return None
    if seen is Seen.RIGHT_PASSWORD and fields["UsingPassword"] == "0":
        return None  # its address was enough
    if account == UNKNOWN and seen is not Seen.UNKNOWN_ACCOUNT:
        if seen in (Seen.WRONG_PASSWORD, Seen.RIGHT_PASSWORD):
            return None
        account = ""
    return Sighting(
        at=at,
        seen=seen,
        account=account,
        address=address,
        transport=transport,
        proven=transport != "udp" or seen is Seen.RIGHT_PASSWORD,
        node=node,
    )


def _look_at_another(fields: Mapping[str, str]) -> None:
    """Refuse the rest of a torn event; what is another event, or an answer, is none.

    Raises:
        Forged: It is neither.
    """
    if "Event" not in fields and "Response" not in fields:
        raise Forged("a block that is neither an event nor a response")


@lru_cache(CACHED)
def _is_whole(event: str, names: tuple[str, ...]) -> bool:
    """Tell whether these are the fields of an event, in its order."""
    common = _NAMELESS if event == "RequestBadFormat" else _COMMON
    rest = _without(names, _FIRST)
    rest = None if rest is None else _without(_past(rest, _BY_SETTING), common)
    rest = None if rest is None else _without(rest, _OWN.get(event, ()))
    return rest is not None and not _past(rest, _MAY.get(event, ("Module", "SessionTV")))


def _without(names: tuple[str, ...], first: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what comes behind these names; None where they are not the first."""
    return names[len(first) :] if names[: len(first)] == first else None


def _past(names: tuple[str, ...], may: tuple[str, ...]) -> tuple[str, ...]:
    """Return what comes behind those of these names that are there, in their order."""
    at = 0
    for each in may:
        if at < len(names) and names[at] == each:
            at += 1
    return names[at:]


@lru_cache(CACHED)
def _moment(text: str) -> float:
    """Read a moment.

    Raises:
        ValueError: It is none, as Asterisk writes it.
    """
    if _WHEN.fullmatch(text) is None:
        raise ValueError("this is no moment")
    return datetime.fromisoformat(text).timestamp()


@lru_cache(CACHED)
def _address(text: str) -> tuple[str, IPv4Address | IPv6Address]:
    """Read a transport and an address; one of IPv4 that is written as one of IPv6 is of IPv4.

    Raises:
        ValueError: It is none, as Asterisk writes it.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise ValueError("this is no address")
    family, transport, address = found[1], found[2].lower(), found[3]
    if family == "4":
        return transport, IPv4Address(address)
    of_six = IPv6Address(address)
    return transport, of_six.ipv4_mapped or of_six
