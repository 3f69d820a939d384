"""How whoever is told knows that it was us."""

from __future__ import annotations

import hashlib
import hmac

from fastagi.webhooks import signature


def test_the_time_and_the_body_are_signed() -> None:
    """As the documents say; a receiver does it with what every language has."""
    found = signature.headers("secret", "id", b'{"id":"id"}', 1_800_000_000.9)
    expected = hmac.new(b"secret", b'1800000000.{"id":"id"}', hashlib.sha256).hexdigest()
    assert found == {
        "Dialguard-Delivery": "id",
        "Dialguard-Timestamp": "1800000000",
        "Dialguard-Signature": f"v1={expected}",
    }


def test_whatever_is_another_has_another_signature() -> None:
    """Secret, time and body."""
    signed = signature.sign("secret", "1", b"body")
    assert signed != signature.sign("Secret", "1", b"body")
    assert signed != signature.sign("secret", "2", b"body")
    assert signed != signature.sign("secret", "1", b"bodY")
