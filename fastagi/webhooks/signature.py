"""How whoever is told knows that it was us, and now: HMAC-SHA256 over the time and the body."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

DELIVERY: Final = "Dialguard-Delivery"
"""The event's id: the same however often it is sent."""

TIMESTAMP: Final = "Dialguard-Timestamp"
"""Seconds since the epoch, when it was sent."""

SIGNATURE: Final = "Dialguard-Signature"
"""`v1=` and the HMAC in hex."""


def headers(secret: str, delivery: str, body: bytes, now: float) -> dict[str, str]:
    """Return the headers of a delivery.

    The id is in the body, too, and so is signed with it.
    """
    timestamp = str(int(now))
    return {
        DELIVERY: delivery,
        TIMESTAMP: timestamp,
        SIGNATURE: f"v1={sign(secret, timestamp, body)}",
    }


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC, in hex, of `timestamp.body`."""
    signed = timestamp.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
