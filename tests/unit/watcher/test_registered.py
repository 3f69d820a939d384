"""What is registered for a phone, as Asterisk answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.errors import LinkError
from fastagi.watcher.link import connected
from fastagi.watcher.registered import VALUE_MAX, Registered, digest_of, registered
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import CONTACTS, ELSEWHERE, registers
from tests.unit.watcher.test_link import login_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.watcher.link import Link


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """An Asterisk at which 101 is registered."""
    async with Manager() as playing:
        playing.functions = registers()
        yield playing


@pytest.fixture
async def link(manager: Manager) -> AsyncIterator[Link]:
    """A link to it."""
    async with connected(login_of(manager)) as linked:
        yield linked


def test_the_digest_is_what_asterisk_makes_of_the_names() -> None:
    """By `SHA1`, in small letters."""
    assert digest_of("") == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert Registered(CONTACTS, ("other",)).digest == digest_of(CONTACTS)


async def test_the_contacts_of_the_first_aor_count(link: Link, manager: Manager) -> None:
    """As in the dialplan; the others are only looked at by who asks for them."""
    manager.functions["PJSIP_ENDPOINT(101,aors)"] = "desk, 101"
    manager.functions["PJSIP_AOR(desk,contact)"] = ELSEWHERE
    assert await registered(link, "101") == Registered(ELSEWHERE)
    assert await registered(link, "101", whole=True) == Registered(ELSEWHERE, (CONTACTS,))
    assert all("Channel" not in each for each in manager.asked("Getvar"))


async def test_nothing_registered_is_not_the_same_as_nothing_told(
    link: Link, manager: Manager
) -> None:
    """AMI gives an empty value for both, and Asterisk logs the rest."""
    manager.functions = registers("")
    assert await registered(link, "101") == Registered("")
    manager.functions["PJSIP_AOR(101,max_contacts)"] = ""
    assert await registered(link, "101") is None
    manager.functions = {}
    assert await registered(link, "101") is None


@pytest.mark.parametrize("odd", ["x" * (VALUE_MAX + 1), "101;@\ufffd"])
async def test_an_answer_that_may_be_a_part_is_none(
    link: Link, manager: Manager, odd: str
) -> None:
    """Nor one that is no text: its digest would be another one."""
    manager.functions["PJSIP_AOR(101,contact)"] = odd
    assert await registered(link, "101") is None


@pytest.mark.parametrize(
    "name", ["", "101,aors)", "1" * 81, "101\r\nAction: Hangup", "${SHELL(id)}", "10 1"]
)
async def test_what_is_no_name_of_an_endpoint_is_never_asked_about(
    link: Link, manager: Manager, name: str
) -> None:
    """Names come of events, which anybody may write."""
    assert await registered(link, name, whole=True) is None
    assert manager.asked("Getvar") == []


async def test_an_aor_of_an_odd_name_is_not_asked_about(link: Link, manager: Manager) -> None:
    """Even of the endpoint's other ones."""
    manager.functions["PJSIP_ENDPOINT(101,aors)"] = "101,a b"
    assert await registered(link, "101") is None
    assert len(manager.asked("Getvar")) == 1


async def test_a_no_of_asterisk_is_told(link: Link, manager: Manager) -> None:
    """A user without the right to ask."""
    manager.refuses.add("Getvar")
    with pytest.raises(LinkError, match="does not do `Getvar`: Permission denied"):
        await registered(link, "101")
