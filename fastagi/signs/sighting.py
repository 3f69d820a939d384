"""One thing that was seen of somebody who may be an attacker."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


class Seen(StrEnum):
    """What was seen. Those of SIP are Asterisk's security events (main/security_events.c)."""

    UNKNOWN_ACCOUNT = "unknown-account"
    """InvalidAccountID: an account was tried that there is not."""
    WRONG_PASSWORD = "wrong-password"  # noqa: S105 - no password, a word for one
    """InvalidPassword, ChallengeResponseFailed."""
    RIGHT_PASSWORD = "right-password"  # noqa: S105 - as above
    """SuccessfulAuth with a password."""
    NOT_LET_IN = "not-let-in"
    """FailedACL, UnexpectedAddress: from where nobody may come."""
    MALFORMED = "malformed"
    """RequestBadFormat, and the like: what no phone sends."""
    REGISTERED = "registered"
    """A phone registered, and Asterisk was asked where from and with what."""
    TRAP = "trap"
    """An extension or a number of `[honeypot]` was touched."""
    PROBE = "probe"
    """The gate's own door: a stranger, a wrong secret, an environment that makes no sense."""
    WRONG_CODE = "wrong-code"
    """A PIN or a one-time code at a keypad, a page or the API."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that was seen.

    Attributes:
        at: Seconds since the epoch, by the clock of who saw it.
        account: The extension that it is about; empty where it is about none. Of
            UNKNOWN_ACCOUNT it is text of whoever sent it.
        address: Whose doing it is; None where that is not known.
        transport: `udp`, `tcp`, `tls`, `ws`, `wss`; empty where that is not known.
        proven: Whether who is at the address has shown it: over UDP anybody writes any address
            into a packet. A handshake shows it, as does an answer to a challenge that was sent
            there.
        site: Whose account it is; empty where it is of no site, or may be of any.
        country: ISO 3166-1 of the address; empty where nobody knows.
        agent: A digest of the user agent; empty where it is not known.
    """

    at: float
    seen: Seen
    account: str = ""
    address: IPv4Address | IPv6Address | None = None
    transport: str = ""
    proven: bool = False
    site: str = ""
    node: str = ""
    country: str = ""
    agent: str = ""
