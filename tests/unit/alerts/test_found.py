"""Lockouts and sign-ins as alerts."""

from __future__ import annotations

import pytest

from fastagi.alerts.found import of_entering, of_lockout, of_sign_in
from fastagi.alerts.heard import Entered
from fastagi.events import event
from fastagi.stores.records import EVERYWHERE
from fastagi.stores.store import FailureKind, Lockout, SubjectKind
from tests.unit.alerts.conftest import NOW
from tests.unit.webhooks.conftest import sign_in


def locked(
    kind: SubjectKind = SubjectKind.EXTENSION, name: str = "101", site: str = "office"
) -> Lockout:
    """Return a lockout."""
    return Lockout(site, kind, name, NOW, NOW + 900, 2, FailureKind.CODE)


@pytest.mark.parametrize(
    ("lockout", "what", "command"),
    [
        (
            locked(),
            "Extension 101 is locked out at office",
            "`dialguard lockouts clear extension 101 --site office`",
        ),
        (
            locked(SubjectKind.ADDRESS, "192.0.2.7"),
            "Address 192.0.2.7 is locked out at office",
            "`dialguard lockouts clear address 192.0.2.7 --site office`",
        ),
        (
            locked(SubjectKind.ADDRESS, "192.0.2.7", EVERYWHERE),
            "Address 192.0.2.7 is locked out",
            "`dialguard lockouts clear address 192.0.2.7 --site '~'`",
        ),
        (
            locked(SubjectKind.OPERATOR, "anna", EVERYWHERE),
            "Operator anna is locked out",
            "`dialguard lockouts clear operator anna`",
        ),
        (
            locked(name="$(reboot)"),
            "Extension ??reboot? is locked out at office",
            "`dialguard lockouts`",
        ),
        (
            locked(name="--help"),
            "Extension --help is locked out at office",
            "`dialguard lockouts`",
        ),
    ],
)
def test_a_lockout_says_who_and_the_command_to_type(
    lockout: Lockout, what: str, command: str
) -> None:
    """One that does what it says, whoever chose the name."""
    alert = of_lockout(event.of_lockout(lockout))
    assert alert.what == what
    assert f"if so: {command};" in alert.do
    assert ("Why", "wrong codes") in alert.facts
    assert ("In a row", "2") in alert.facts


@pytest.mark.parametrize(
    ("extension", "command"),
    [("101", "`dialguard signins end 101 --site office`"), ("a.b", "`dialguard signins`")],
)
def test_a_sign_in_says_who_from_where(extension: str, command: str) -> None:
    """And the command that ends it."""
    alert = of_sign_in(event.of_sign_in(sign_in(extension)))
    assert alert.site == "office"
    assert ("Address", "10.0.0.5") in alert.facts
    assert f"if not: {command}," in alert.do


def test_an_operator_is_of_no_site() -> None:
    """What they may do is everywhere."""
    alert = of_entering(Entered("anna", "192.0.2.7", NOW))
    assert alert.what == "Operator anna entered the console from a new address"
    assert alert.site == ""
