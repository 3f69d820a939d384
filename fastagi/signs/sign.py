"""What sightings amount to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    """What an attack is known by: closed and stable; policies, logs and dashboards name it."""

    ENUMERATION = "enumeration"
    """One address, or network, tries accounts that there are not, one after another."""
    GUESSING = "guessing"
    """Many wrong passwords: for one account from wherever, or from one address or network."""
    SPRAYING = "spraying"
    """Wrong passwords for many accounts, few for each, from one address, network or anywhere."""
    SUCCESS_AFTER_GUESSING = "success-after-guessing"
    """The right password for an account that was guessed at, or from who guessed at others."""
    NEW_ADDRESS = "new-address"
    """A phone registered from a neighbourhood (/24, /64) that it never registered from."""
    NEW_COUNTRY = "new-country"
    NEW_AGENT = "new-agent"
    NEW_TRANSPORT = "new-transport"
    NOT_LET_IN = "not-let-in"
    MALFORMED = "malformed"
    HONEYPOT = "honeypot"
    """An extension or a number that no honest person uses was touched."""
    GATE_PROBING = "gate-probing"
    """Somebody tries the gate's own door."""
    CODE_GUESSING = "code-guessing"
    """Wrong PINs or codes for several extensions from one address, or at one site."""


class Per(StrEnum):
    """Whose doings are counted together."""

    ADDRESS = "address"
    NETWORK = "network"
    """A /24 of IPv4, a /64 of IPv6."""
    ACCOUNT = "account"
    SITE = "site"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sign, for one whom it is counted for, with what it is made of.

    Attributes:
        watch: The name of the policy's `[[watch]]`.
        name: Whom it is counted for: an address, a network, an account; empty of a site.
        account: The extension that it is about; empty where it is about none.
        address: The address of the last sighting; empty where it is not known.
        count: Sightings, or different accounts, as the sign counts them.
        within_s: The seconds between the first of them and the last.
        addresses: From how many addresses, as far as they are remembered.
        proven: Whether `count` of them came from where they say. Who may be somebody else is
            told of, and never banned, but where the policy says so.
        at: The moment of the last.
        so_far: What the account was before, in words: `203.0.113.0/24`, `DE`; of what is new.
    """

    site: str
    watch: str
    sign: Sign
    per: Per
    name: str
    account: str
    address: str
    count: int
    within_s: float
    addresses: int
    proven: bool
    at: float
    so_far: str = ""
