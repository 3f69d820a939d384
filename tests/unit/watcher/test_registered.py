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
    assert Registered(CONTACTS).digest == digest_of(CONTACTS)


async def test_the_contacts_of_every_aor_count(link: Link, manager: Manager) -> None:
    """In the order in which they stand; what is not registered leaves no trace."""
    manager.functions["PJSIP_ENDPOINT(101,aors)"] = "desk, 101,van"
    manager.functions |= of_aor("desk", ELSEWHERE) | of_aor("van", "")
    found = await registered(link, "101")
    assert found == Registered(f"{ELSEWHERE},{CONTACTS}")
    assert found.count == 2
    assert all("Channel" not in each for each in manager.asked("Getvar"))
    manager.functions |= of_aor("desk", "") | of_aor("van", ELSEWHERE)
    assert await registered(link, "101") == Registered(f"{CONTACTS},{ELSEWHERE}")
    manager.functions |= of_aor("101", "") | of_aor("van", "")
    found = await registered(link, "101")
    assert found == Registered("")
    assert found.count == 0


async def test_an_aor_that_is_not_told_of_is_not_nothing(link: Link, manager: Manager) -> None:
    """Whichever it is: the digest of the others would be another one."""
    manager.functions["PJSIP_ENDPOINT(101,aors)"] = "101,desk"
    assert await registered(link, "101") is None


async def test_more_than_the_dialplan_can_tell_is_not_told(link: Link, manager: Manager) -> None:
    """It would make a digest of a part."""
    aors = [f"desk{each}" for each in range(5)]
    manager.functions["PJSIP_ENDPOINT(101,aors)"] = ",".join(aors)
    for each in aors:
        manager.functions |= of_aor(each, "x" * 799)
    assert await registered(link, "101") == Registered(",".join(["x" * 799] * 5))
    manager.functions |= of_aor("desk0", "x" * 801)
    assert await registered(link, "101") is None


def of_aor(name: str, contacts: str) -> dict[str, str]:
    """Return what functions give of an AOR that is there."""
    return {f"PJSIP_AOR({name},contact)": contacts, f"PJSIP_AOR({name},max_contacts)": "1"}


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
    assert await registered(link, name) is None
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
