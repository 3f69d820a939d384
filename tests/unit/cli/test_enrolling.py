"""What `dialguard phone` does to an enrolment; the commands themselves are in `test_phone`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.call.enrolling import with_pin, with_recovery, with_totp
from fastagi.cli import enrolling
from fastagi.cli.service import with_store
from fastagi.second_factor import one_time_code, recovery

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def test_a_change_keeps_the_rest(dialguard: Dialguard) -> None:
    """And is dated."""
    phone = enrolling.phone_of(dialguard.settings, "office", "101")
    vault = phone.vault()
    secret = one_time_code.new_secret()
    phone.change(lambda present: with_pin(vault, "office", present, "80911"))
    phone.change(lambda present: with_totp(vault, "office", present, secret))
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
    phone.change(lambda present: with_recovery(vault, "office", present, codes))
    present = phone.enrolment()
    assert present is not None
    burnt = recovery.digest(vault, "office", "101", codes[0])
    settings = phone.settings
    assert with_store(settings, lambda store: store.claim_recovery("office", present, burnt))
    phone.change(lambda present: with_pin(vault, "office", present, "80911"))
    after = phone.enrolment()
    assert after is not None
    assert after.recovery == present.recovery - {burnt}


def test_nobody_sits_at_a_pipe() -> None:
    """Under the tests there is no terminal."""
    assert not enrolling.sits_there()
