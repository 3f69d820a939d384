"""`configuration.guests`: who gets in without a password."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.guests import check_guests
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files
    from tests.unit.audit.configuration.conftest import Read

PHONE = "[101]\ntype=endpoint\ncontext=phones\nauth=x\naors=101\n[101]\ntype=aor\nmax_contacts=1\n"


def seen(files: Files) -> list[tuple[Severity, str]]:
    """Return how bad it is, and where."""
    found = list(check_guests(files))
    assert {each.kind for each in found} <= {Kind.GUEST}
    return [(each.severity, str(each.place)) for each in found]


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        ("context=public", Severity.MEDIUM),
        ("context=phones", Severity.HIGH),
    ],
)
def test_guests_are_found(read: Read, lines: str, severity: Severity) -> None:
    """Worst where they come in as phones do."""
    text = f"{PHONE}[anonymous]\ntype=endpoint\n{lines}\n"
    assert seen(read({"pjsip.conf": text})) == [(severity, "pjsip.conf:9")]


def test_guests_that_are_asked_or_not_let_in_are_sound(read: Read) -> None:
    """With `auth`; or where nobody is taken for one."""
    assert seen(read({"pjsip.conf": "[anonymous]\ntype=endpoint\nauth=x\n"})) == []
    modules = "[modules]\nautoload=yes\nnoload=res_pjsip_endpoint_identifier_anonymous.so\n"
    text = "[anonymous]\ntype=endpoint\n"
    assert seen(read({"pjsip.conf": text, "modules.conf": modules})) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        # A phone that nobody asks for a password.
        ("aors=e\n[e]\ntype=aor\nmax_contacts=1\n", [(Severity.HIGH, "pjsip.conf:1")]),
        # One that is no phone that rings, and has its context for itself.
        ("context=alone\n", [(Severity.MEDIUM, "pjsip.conf:1")]),
        # A trunk that is known by its name too: no more than anybody outside.
        ("context=in\n[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1\n", []),
        ("identify_by=ip\n[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1\n", []),
        # One that everybody is taken for.
        (
            "identify_by=ip\n[i]\ntype=identify\nendpoint=e\nmatch=192.0.2.1,0.0.0.0/0\n",
            [(Severity.HIGH, "pjsip.conf:7")],
        ),
        (
            "identify_by=header\n[i]\ntype=identify\nendpoint=e\nmatch_header=X: y\n",
            [(Severity.MEDIUM, "pjsip.conf:7")],
        ),
        ("auth=x\n[i]\ntype=identify\nendpoint=e\nmatch=0.0.0.0/0\n", []),
    ],
)
def test_who_is_taken_for_an_endpoint(
    read: Read, lines: str, found: list[tuple[Severity, str]]
) -> None:
    """By name, by address, by header: where there is no `auth`, that is all."""
    assert seen(read({"pjsip.conf": f"[e]\ntype=endpoint\n{lines}"})) == found


def test_a_trunk_known_by_name_in_the_phones_context_is_worse(read: Read) -> None:
    """A stranger dials as a phone then."""
    text = f"{PHONE}[t]\ntype=endpoint\ncontext=phones\naors=t\n[t]\ntype=aor\ncontact=sip:x\n"
    assert seen(read({"pjsip.conf": text})) == [(Severity.HIGH, "pjsip.conf:9")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[general]\ncontext=public\n", [(Severity.MEDIUM, "sip.conf:1")]),
        ("[general]\ncontext=phones\nallowguest=yes\n", [(Severity.HIGH, "sip.conf:3")]),
        ("[general]\nallowguest=no\n", []),
        (
            "[general]\nallowguest=no\n[1]\ntype=friend\nhost=dynamic\n",
            [(Severity.HIGH, "sip.conf:3")],
        ),
        (
            "[general]\nallowguest=no\n[1]\ntype=friend\nhost=dynamic\nsecret=x\n"
            "insecure=port,invite\n",
            [(Severity.HIGH, "sip.conf:7")],
        ),
        ("[general]\nallowguest=no\n[1]\ntype=friend\nhost=dynamic\nsecret=x\n", []),
        ("[general]\nallowguest=no\n[1]\ntype=peer\nhost=192.0.2.1\ninsecure=invite\n", []),
    ],
)
def test_guests_of_chan_sip(read: Read, text: str, found: list[tuple[Severity, str]]) -> None:
    """Guests, and phones that are not asked."""
    assert seen(read({"pjsip.conf": PHONE, "sip.conf": text})) == found
    modules = "[modules]\nautoload=no\n"
    assert seen(read({"modules.conf": modules, "sip.conf": text})) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[g]\ntype=user\ncontext=public\n", [(Severity.MEDIUM, "iax.conf:1")]),
        ("[g]\ntype=user\ncontext=phones\n", [(Severity.HIGH, "iax.conf:1")]),
        ("[g]\ntype=user\nsecret=\n", [(Severity.MEDIUM, "iax.conf:1")]),
        ("[g]\ntype=user\nsecret=x\n", []),
        ("[g]\ntype=user\ninkeys=x\n", []),
        ("[g]\ntype=peer\n", []),
    ],
)
def test_guests_of_iax(read: Read, text: str, found: list[tuple[Severity, str]]) -> None:
    """A user without a secret is one."""
    assert seen(read({"pjsip.conf": PHONE, "iax.conf": text})) == found
