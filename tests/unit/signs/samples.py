"""Sightings, and terms, as the tests need them."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from fastagi.signs.sighting import Seen, Sighting
from fastagi.signs.sign import Per, Sign
from fastagi.signs.terms import Terms

THIEF: Final = "203.0.113.9"
PHONE: Final = "198.51.100.7"
NOON: Final = 1_796_040_000.0


def seen(
    what: Seen,
    at: float = 0.0,
    account: str = "101",
    address: str = THIEF,
    *,
    proven: bool = True,
    site: str = "office",
    node: str = "pbx",
) -> Sighting:
    """Make a sighting, so many seconds after noon; of no address, if that is empty."""
    whose = ip_address(address) if address else None
    return Sighting(NOON + at, what, account, whose, "tls", proven, site, node)


def terms(
    sign: Sign,
    per: Per = Per.ADDRESS,
    count: int = 10,
    within_s: int = 60,
    *,
    site: str = "office",
    watch: str = "w",
) -> Terms:
    """Make terms."""
    return Terms(site, watch, sign, per, count, within_s)
