"""The parts of an enrolment."""

from __future__ import annotations

from fastagi.call.enrolling import with_pin, with_recovery, with_totp
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.store import Enrolment


def test_what_is_stored_can_be_checked_by_the_service() -> None:
    """The PIN by its hash, the secret under the same owner, recovery codes by their digests."""
    vault, secret, codes = Vault([new_key()]), one_time_code.new_secret(), recovery.new_codes()
    present = with_pin(vault, "office", Enrolment("101"), "80911")
    present = with_totp(vault, "office", present, secret)
    present = with_recovery(vault, "office", present, codes)
    assert pin.verify_pin(vault, "office", "101", "80911", present.pin)
    assert present.totp is not None
    assert one_time_code.unseal(vault, "office", "101", present.totp) == secret
    assert recovery.digest(vault, "office", "101", codes[0]) in present.recovery
