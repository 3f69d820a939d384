"""`configuration.passwords`: passwords of phones and trunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.passwords import check_passwords
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read

GOOD = "x7Kq9Lm2Pz4R"


def phone(*auth: str, endpoint: str = "") -> str:
    """Write a phone with what stands in its auth."""
    lines = ("[101]", "type=endpoint", "auth=login", endpoint, "[login]", "type=auth", *auth)
    return "\n".join((*lines, ""))


@pytest.mark.parametrize(
    ("auth", "endpoint"),
    [
        (("password=101",), ""),
        (("username=bob-desk", "password=bob-desk"), ""),
        (("password=4711",), ""),
        (("password=reception4711",), "callerid=Reception <4711>"),
        (("password=password1234",), ""),
        (("auth_type=userpass", "password="), ""),
        (("auth_type=digest",), ""),
    ],
)
def test_a_weak_password_of_a_phone_is_found(
    read: Read, auth: tuple[str, ...], endpoint: str
) -> None:
    """Where it is written, and without it."""
    (finding,) = check_passwords(read({"pjsip.conf": phone(*auth, endpoint=endpoint)}))
    assert (finding.kind, finding.severity) == (Kind.PASSWORD, Severity.HIGH)
    assert finding.message.startswith("the password of endpoint `101` ")
    assert finding.place.line >= 5
    assert "4711" not in finding.message + finding.advice


@pytest.mark.parametrize(
    "auth",
    [
        (f"password={GOOD}",),
        ("auth_type=md5", "md5_cred=0123", "password=101"),
        ("password_digest=MD5:0123",),
        ("auth_type=google_oauth",),
    ],
)
def test_good_passwords_and_digests_are_sound(read: Read, auth: tuple[str, ...]) -> None:
    """A digest tells nothing."""
    assert list(check_passwords(read({"pjsip.conf": phone(*auth)}))) == []


def test_a_password_of_many_is_told_once(read: Read) -> None:
    """A template, or a login that phones share."""
    text = phone("password=101") + "[102]\ntype=endpoint\nauth=login\n"
    assert len(list(check_passwords(read({"pjsip.conf": text})))) == 1


def test_a_trunks_password_is_no_worse_than_medium(read: Read) -> None:
    """It is the provider who is asked for it."""
    text = "[t]\ntype=endpoint\noutbound_auth=o\n[o]\ntype=auth\npassword=123\n"
    (finding,) = check_passwords(read({"pjsip.conf": text}))
    assert finding.severity is Severity.MEDIUM


def test_the_wizards_passwords_are_looked_at(read: Read) -> None:
    """`inbound_auth/password`, with its line."""
    text = "[101]\ntype=wizard\naccepts_auth=yes\ninbound_auth/password=101\n"
    (finding,) = check_passwords(read({"pjsip_wizard.conf": text}))
    assert str(finding.place) == "pjsip_wizard.conf:4"


@pytest.mark.parametrize("name", ["sip.conf", "iax.conf"])
def test_old_files_are_looked_at(read: Read, name: str) -> None:
    """A phone's is HIGH, a trunk's MEDIUM; a device without a secret is another's matter."""
    text = (
        "[general]\n[101]\ntype=friend\nhost=dynamic\nsecret=101\n[t]\ntype=peer\n"
        f"host=192.0.2.1\nsecret=abc\n[102]\ntype=friend\nhost=dynamic\nsecret={GOOD}\n"
        "[103]\ntype=friend\n"
    )
    found = list(check_passwords(read({name: text})))
    assert [(each.severity, each.place.line) for each in found] == [
        (Severity.HIGH, 5),
        (Severity.MEDIUM, 9),
    ]
    not_loaded = {"modules.conf": "[modules]\nautoload=no\n", name: text}
    assert list(check_passwords(read(not_loaded))) == []
