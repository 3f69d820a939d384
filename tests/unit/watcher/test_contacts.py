"""Taking what a phone registered off Asterisk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import LinkError
from fastagi.watcher.contacts import drop
from fastagi.watcher.link import connected
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import CONTACTS, ELSEWHERE, registers
from tests.unit.watcher.test_link import login_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.watcher.link import Link

LENT = {"PJSIP_ENDPOINT(101,auth)": "office/101"}


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """An Asterisk at which a phone is registered whose password was handed out."""
    async with Manager() as playing:
        playing.functions = registers() | LENT
        yield playing


@pytest.fixture
async def link(manager: Manager) -> AsyncIterator[Link]:
    """A link to it."""
    async with connected(login_of(manager)) as linked:
        yield linked


def removed(manager: Manager) -> list[str]:
    """Return what was to be removed."""
    return [each["Variable"] for each in manager.asked("Setvar")]


async def test_each_contact_is_removed_from_asterisks_database(
    manager: Manager, link: Link
) -> None:
    """By its own name."""
    manager.functions |= registers(f"{CONTACTS},{ELSEWHERE}")
    assert await drop(link, "office", "101") == 2
    assert removed(manager) == [
        f"DB_DELETE(registrar/contact/{each})" for each in (CONTACTS, ELSEWHERE)
    ]


@pytest.mark.parametrize("contacts", ["", "101@@0011223344", "101;@00112233)", f"x,{'0' * 5000}"])
async def test_what_no_phone_registered_stays(manager: Manager, link: Link, contacts: str) -> None:
    """It stands in the configuration; or is no name of a contact, and asks for something else."""
    manager.functions |= registers(contacts)
    assert await drop(link, "office", "101") == 0
    assert removed(manager) == []


@pytest.mark.parametrize("auth", ["", "101", "branch/101", "office/102", "office/101,101"])
async def test_a_phone_whose_password_the_site_does_not_hand_out_stays(
    manager: Manager, link: Link, auth: str
) -> None:
    """It is another's, or has one that stands in the configuration."""
    manager.functions |= {"PJSIP_ENDPOINT(101,auth)": auth}
    assert await drop(link, "office", "101") is None
    assert removed(manager) == []


async def test_what_is_no_endpoint_is_never_asked_about(manager: Manager, link: Link) -> None:
    """It would be another question."""
    assert await drop(link, "office", "101,auth)") is None
    assert manager.asked("Getvar") == []


async def test_where_asterisk_does_not_do_it_that_is_told(manager: Manager, link: Link) -> None:
    """As where the login may not."""
    manager.refuses = {"Setvar"}
    with pytest.raises(LinkError, match="Permission denied"):
        await drop(link, "office", "101")
