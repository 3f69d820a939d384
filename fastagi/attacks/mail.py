"""A report as a mail, ready for `sendmail -t`: plain text, and the page as it is in a browser."""

from __future__ import annotations

import contextlib
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING

from fastagi.attacks import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from fastagi.attacks.report import Report


def mail(report: Report, page: str, to: Sequence[str], now: datetime) -> bytes:
    """Return the mail, as `sendmail` takes it; who it is from, whoever sends it says.

    Args:
        report: What it says.
        page: The same as HTML.
        to: Addresses, as `anna@example.org`.
        now: When it is written.

    Raises:
        ValueError: One of these is no address.
    """
    message = EmailMessage()
    message["Subject"] = f"dialguard: {text.title(report)}"
    message["To"] = [_address(each) for each in to]
    message["Date"] = format_datetime(now)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday notice answers
    lines = "\n".join(each.text for each in text.lines(report))
    message.set_content(f"{lines}\n")
    message.add_alternative(page, subtype="html")
    return message.as_bytes()


def _address(written: str) -> Address:
    address = None
    if written.isprintable():
        # The last of these is a fault of the library's, of what ends too early.
        with contextlib.suppress(MessageError, ValueError, IndexError):
            address = Address(addr_spec=written)
    if address is None or not (address.username and address.domain):
        raise ValueError(f"{written!r} is no mail address; write `anna@example.org`")
    return address
