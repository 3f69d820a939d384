"""`configuration.unlisted`: phones that may log in from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.unlisted import check_unlisted
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read

ALL = "0.0.0.0"  # noqa: S104 - nothing is bound here
UDP = "[u]\ntype=transport\nbind={}\n"
PHONE = "[{0}]\ntype=endpoint\nauth=x\n{1}\n"
CLOSED = "deny=0.0.0.0/0\npermit=10.0.0.0/8"


def test_phones_without_a_list_are_told_together(read: Read) -> None:
    """One of them has a list of its own, and the trunk needs none."""
    text = (
        UDP.format("0.0.0.0:5060")
        + PHONE.format(101, CLOSED)
        + PHONE.format(102, "")
        + PHONE.format(103, "permit=10.0.0.0/8")
        + PHONE.format("t", "outbound_auth=y")
    )
    (finding,) = check_unlisted(read({"pjsip.conf": text}))
    assert (finding.kind, finding.severity) == (Kind.NO_ACL, Severity.LOW)
    assert "`102` and `103`" in finding.message
    assert finding.place.line == 9


@pytest.mark.parametrize(
    "text",
    [
        UDP.format(ALL) + PHONE.format(101, CLOSED),
        UDP.format(ALL) + PHONE.format(101, "contact_deny=0.0.0.0/0"),
        UDP.format(ALL) + PHONE.format(101, "acl=office"),
        UDP.format(ALL) + PHONE.format(101, "") + f"[acl]\ntype=acl\n{CLOSED}\n",
        UDP.format("127.0.0.1") + PHONE.format(101, ""),
        UDP.format("10.0.0.1:5060") + PHONE.format(101, ""),
        PHONE.format(101, ""),
        UDP.format(ALL) + "[101]\ntype=endpoint\n",
    ],
)
def test_a_list_or_a_transport_that_nobody_reaches_is_sound(read: Read, text: str) -> None:
    """A list of the phone's, of all, by name; of requests, or of contacts."""
    acl = f"[office]\n{CLOSED}\n"
    assert list(check_unlisted(read({"pjsip.conf": text, "acl.conf": acl}))) == []
