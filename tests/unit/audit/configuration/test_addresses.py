"""`configuration.addresses`: who reaches what listens, and whom a list lets in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.configuration.addresses import (
    Reach,
    is_wide,
    lets_everybody_in,
    network_of,
    reach_of,
)

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


@pytest.mark.parametrize(
    ("bind", "reach"),
    [
        ("", Reach.WORLD),
        ("0.0.0.0:5060", Reach.WORLD),
        ("[::]:5061", Reach.WORLD),
        ("::", Reach.WORLD),
        ("8.8.8.8:5060", Reach.WORLD),
        ("pbx.example.org", Reach.WORLD),
        ("127.0.0.1:5060", Reach.MACHINE),
        ("[::1]:8088", Reach.MACHINE),
        ("localhost:8088", Reach.MACHINE),
        ("10.0.0.1:5060", Reach.NETWORK),
        ("192.168.1.1", Reach.NETWORK),
        ("fe80::1%eth0", Reach.NETWORK),
    ],
)
def test_who_reaches_an_address(bind: str, reach: Reach) -> None:
    """With a port or without; a name may be anybody's."""
    assert reach_of(bind) is reach


def test_where_nothing_is_said_the_default_counts() -> None:
    """Modules differ in it."""
    assert reach_of("", "127.0.0.1") is Reach.MACHINE


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("0.0.0.0/0", True),
        ("0.0.0.0/0.0.0.0", True),
        ("::/0", True),
        ("128.0.0.0/1", True),
        ("10.0.0.0/8", False),
        ("192.0.2.1", False),
        ("sip.example.net", False),
    ],
)
def test_a_wide_network_is_everybodys(text: str, *, wide: bool) -> None:
    """A name is that of one."""
    assert is_wide(text) is wide


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("", True),
        ("permit=10.0.0.0/8\n", True),  # nobody is denied
        ("deny=0.0.0.0/0.0.0.0\npermit=10.0.0.0/255.0.0.0\n", False),
        ("permit=10.0.0.0/8\ndeny=0.0.0.0/0\n", False),  # the last that fits: nobody gets in
        ("deny=0.0.0.0/0\npermit=0.0.0.0/0\n", True),
        ("deny=0.0.0.0/0\npermit=10.0.0.0/8,!10.1.0.0/16\n", False),
        ("deny=nonsense\n", True),
        ("deny=0.0.0.0/1\ndeny=128.0.0.0/1\n", False),
        ("deny=::/0\n", True),
        ("acl=office\n", False),
        ("acl=missing\n", False),
        ("acl=everybody\n", True),
        ("acl=everybody,office\n", False),
    ],
)
def test_the_last_line_that_fits_decides(read: Read, text: str, *, is_open: bool) -> None:
    """As main/acl.c has it; of several lists all have to let in."""
    files = read(
        {
            "acl.conf": "[office]\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n"
            "[everybody]\npermit=0.0.0.0/0\n",
            "manager.conf": f"[user]\n{text}",
        }
    )
    assert lets_everybody_in(files, files.sections("manager.conf")) is is_open


def test_lists_of_contacts_are_apart(read: Read) -> None:
    """`contact_deny` is no `deny`."""
    files = read({"pjsip.conf": "[1]\ntype=endpoint\ncontact_deny=0.0.0.0/0\n"})
    sections = files.sections("pjsip.conf")
    assert lets_everybody_in(files, sections)
    assert not lets_everybody_in(files, sections, "contact_")


@given(st.text())
def test_no_address_breaks_it(text: str) -> None:
    """Whatever is written reaches somebody, and is a network or none."""
    assert reach_of(text) in Reach
    assert network_of(text) is None or not is_wide(text) or network_of(text) is not None
