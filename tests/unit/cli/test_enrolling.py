"""What `dialguard phone` does to an enrolment; the commands themselves are in `test_phone`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.cli import enrolling
from fastagi.cli.service import with_store
from fastagi.second_factor import one_time_code, pin, recovery
from fastagi.second_factor.vault import Vault, new_key
from fastagi.stores.store import Enrolment

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def test_what_is_stored_can_be_checked_by_the_service(dialguard: Dialguard) -> None:
    """The PIN by its hash, the secret under the same owner, recovery codes by their digests."""
    phone = enrolling.phone_of(dialguard.settings, "", "101")
    vault = Vault([new_key()])
    secret, codes = one_time_code.new_secret(), recovery.new_codes()
    present = Enrolment("101")
    for change in (
        enrolling.with_pin(phone, vault, "80911"),
        enrolling.with_totp(phone, vault, secret),
        enrolling.with_recovery(phone, vault, codes),
    ):
        present = change(present)
    assert pin.verify_pin(vault, "office", "101", "80911", present.pin)
    assert present.totp is not None
    assert one_time_code.unseal(vault, "office", "101", present.totp) == secret
    assert recovery.digest(vault, "office", "101", codes[0]) in present.recovery


def test_a_change_keeps_the_rest(dialguard: Dialguard) -> None:
    """And is dated."""
    phone = enrolling.phone_of(dialguard.settings, "office", "101")
    vault = phone.vault()
    phone.change(enrolling.with_pin(phone, vault, "80911"))
    phone.change(enrolling.with_totp(phone, vault, one_time_code.new_secret()))
    present = phone.enrolment()
    assert present is not None
    assert present.pin is not None
    assert present.totp is not None
    assert present.since > 0


def test_a_change_brings_no_burnt_code_back(dialguard: Dialguard) -> None:
    """Nor anything else that it does not set, as it never looks at what is there."""
    phone = enrolling.phone_of(dialguard.settings, "office", "101")
    vault = phone.vault()
    codes = recovery.new_codes()
    phone.change(enrolling.with_recovery(phone, vault, codes))
    present = phone.enrolment()
    assert present is not None
    burnt = recovery.digest(vault, "office", "101", codes[0])
    settings = phone.settings
    assert with_store(settings, lambda store: store.claim_recovery("office", present, burnt))
    phone.change(enrolling.with_pin(phone, vault, "80911"))
    after = phone.enrolment()
    assert after is not None
    assert after.recovery == present.recovery - {burnt}


def test_nobody_sits_at_a_pipe() -> None:
    """Under the tests there is no terminal."""
    assert not enrolling.sits_there()
