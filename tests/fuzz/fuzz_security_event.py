"""Security events: any block is a sighting of the address that it names once, or none."""

from __future__ import annotations

import re
from typing import Final

from fastagi.errors import Forged
from fastagi.signs.asterisk import ACCOUNT_MAX, read
from fastagi.signs.sighting import Seen

WHOLE: Final = (
    b"Event: ChallengeResponseFailed\r\nPrivilege: security,all\r\nSystemName: pbx\r\n"
    b"EventTV: 2026-11-30T14:46:05.043+0000\r\nSeverity: Error\r\nService: PJSIP\r\n"
    b"EventVersion: 1\r\nAccountID: 131\r\nSessionID: 1\r\n"
    b"LocalAddress: IPV4/UDP/127.0.0.1/5060\r\nRemoteAddress: IPV4/UDP/198.51.100.7/5060\r\n"
    b"Challenge: 1/a\r\nResponse: b\r\nExpectedResponse: "
)
INVALID: Final = WHOLE.replace(b"ChallengeResponseFailed", b"InvalidAccountID").partition(
    b"\r\nChallenge"
)[0]

SEEDS: Final = (
    WHOLE,
    INVALID,
    INVALID.replace(b"131", b"1\r\nRemoteAddress: IPV4/UDP/203.0.113.9/5060"),
    INVALID.replace(b"131", b"1\r\rRemoteAddress: IPV4/UDP/203.0.113.9/5060\r"),
    INVALID.replace(b"131", b"1\r\n\r\nEvent: InvalidAccountID"),
    INVALID.replace(b"IPV4/UDP/198.51.100.7", b"IPV6/TLS/::ffff:198.51.100.7"),
    INVALID.replace(b"IPV4/UDP/198.51.100.7", b"IPV6/TCP/fe80::1%eth0"),
    INVALID.replace(b"InvalidAccountID", b"SuccessfulAuth") + b"\r\nUsingPassword: 1",
    INVALID.replace(b"InvalidAccountID", b"FailedACL") + b"\r\nModule: x\r\nACLName: y",
    b"Response: Success\r\nActionID: 1",
    b"SessionID: 1",
)


def one_input(data: bytes) -> None:
    """Read a block; hold what `read` promises."""
    text = data.decode("utf-8", "surrogateescape")
    try:
        sighting = read(text, "pbx")
    except Forged:
        return
    if sighting is None:
        return
    lines = text.split("\r\n")
    (remote,) = (each for each in lines if each.startswith("RemoteAddress:"))
    transport, address = re.split("[/%]", remote)[1:3]
    assert str(sighting.address) in address.lower() or ":" in address
    assert sighting.transport == transport.lower()
    assert len(sighting.account) <= ACCOUNT_MAX
    udp = sighting.transport == "udp"
    assert sighting.proven == (not udp or sighting.seen is Seen.RIGHT_PASSWORD)
    assert len({each.partition(":")[0] for each in lines}) == len(lines)
