"""A report as a mail."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.attacks import text
from fastagi.attacks.mail import mail
from fastagi.attacks.page import page
from tests.unit.attacks.samples import NOW, month, of_hostile

MOMENT = datetime.fromtimestamp(NOW, UTC)


def read(raw: bytes) -> EmailMessage:
    """Read it as a mail program does."""
    message = email.message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_it_has_the_text_and_the_page() -> None:
    """To whom it is to go, when it was made, and that no holiday notice is to answer."""
    html = page(month(), "")
    raw = mail(month(), html, ["anna@example.org", "bert@example.org"], MOMENT)
    message = read(raw)
    assert message["To"] == "anna@example.org, bert@example.org"
    assert message["Subject"] == f"dialguard: {text.title(month())}"
    assert message["Date"] == "Tue, 01 Dec 2026 00:00:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    plain, rich = (str(each.get_content()) for each in message.iter_parts())
    assert plain == "".join(f"{each.text}\n" for each in text.lines(month()))
    assert rich.strip() == html.strip()
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.split(b"\n"))  # RFC 5322, 2.1.1
    assert b"\r" not in raw


@pytest.mark.parametrize(
    "address",
    ["", "anna", "@example.org", "anna@", "a@b\nBcc: c@d", "a@b\r\nX: y", "a b@example.org", "<"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """Above all one with a second line in it."""
    with pytest.raises(ValueError, match="is no mail address"):
        mail(month(), "", [address], MOMENT)


@given(hostile=st.text(max_size=60))
def test_no_hostile_text_becomes_a_header(hostile: str) -> None:
    """Whatever an attacker calls himself."""
    report = of_hostile(hostile)
    message = read(mail(report, page(report, ""), ["anna@example.org"], MOMENT))
    assert set(message.keys()) == {
        *("Subject", "To", "Date", "Auto-Submitted", "MIME-Version", "Content-Type"),
    }
    assert message.defects == []
