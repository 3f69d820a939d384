"""Where a phone's calls will come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.stores.sign_ins import Origin
from fastagi.watcher.link import connected
from fastagi.watcher.registered import VALUE_MAX, digest_of
from fastagi.watcher.whereabouts import whereabouts
from tests.doubles.manager import Manager
from tests.unit.watcher.samples import CONTACTS, ELSEWHERE, registers
from tests.unit.watcher.test_link import login_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastagi.watcher.link import Link

URI = f"PJSIP_CONTACT({CONTACTS},uri)"
AGENT = f"PJSIP_CONTACT({CONTACTS},user_agent)"


@pytest.fixture
async def manager() -> AsyncIterator[Manager]:
    """An Asterisk at which one phone is registered."""
    async with Manager() as playing:
        playing.functions = registers() | {URI: "sip:101@10.0.0.5:5062", AGENT: "A Phone/1.0"}
        yield playing


@pytest.fixture
async def link(manager: Manager) -> AsyncIterator[Link]:
    """A link to it."""
    async with connected(login_of(manager)) as linked:
        yield linked


async def test_it_is_what_the_dialplan_sends_for_a_call(link: Link) -> None:
    """Digests of what the phone says, and of the names of its contacts."""
    assert await whereabouts(link, "101") == Origin(
        "10.0.0.5", "udp", digest_of("A Phone/1.0"), digest_of(CONTACTS)
    )


@pytest.mark.parametrize(
    ("uri", "address", "transport"),
    [
        ("sip:101@10.0.0.5", "10.0.0.5", "udp"),
        ("sip:10.0.0.5:5060;transport=TCP;ob", "10.0.0.5", "tcp"),
        ("sip:101@[2001:DB8::5]:5061;transport=tls", "2001:db8::5", "tls"),
        ("sip:101@[::ffff:10.0.0.5]:5061", "10.0.0.5", "udp"),
        ("sip:101@10.0.0.5:5060;transport=ws;x-ast-orig-host=a.invalid:0", "10.0.0.5", "ws"),
        ("sips:101@10.0.0.5", "10.0.0.5", "tls"),
        ("sips:101@10.0.0.5;transport=tcp", "10.0.0.5", "tls"),
        ("sips:101@10.0.0.5;transport=ws", "10.0.0.5", "wss"),
        ("sip:x;transport=tls@10.0.0.5", "10.0.0.5", "udp"),
        ("sip:101%40evil%0d%0a@10.0.0.5", "10.0.0.5", "udp"),
        ("sip:101@10.0.0.5;transport=sctp", "10.0.0.5", ""),
        ("sip:101@10.0.0.5;transport=udp;transport=tls", "10.0.0.5", ""),
        ("sip:101@10.0.0.5;transport=", "10.0.0.5", ""),
        ("sip:101@phone.example.net", "", "udp"),
        ("sip:101@10.0.0.555", "", "udp"),
        ("sip:101@[10.0.0.5]", "10.0.0.5", "udp"),
    ],
)
async def test_address_and_transport_are_those_of_the_uri(
    link: Link, manager: Manager, uri: str, address: str, transport: str
) -> None:
    """Empty where they are not known."""
    manager.functions[URI] = uri
    found = await whereabouts(link, "101")
    assert found is not None
    assert (found.address, found.transport) == (address, transport)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "tel:101",
        "sip:",
        "sip:101@10.0.0.5?Replaces=x",
        "<sip:101@10.0.0.5>",
        "sip:101@10.0.0.5@10.0.0.6",
        "sip:101@10.0.0.5; transport=tls",
        "sip:101@10.0.0.5:506000",
        "sip:101@10.0.0.5" + ";x" * VALUE_MAX,
    ],
)
async def test_a_contact_that_cannot_be_read_is_none(
    link: Link, manager: Manager, uri: str
) -> None:
    """It is the phone's own text."""
    manager.functions[URI] = uri
    assert await whereabouts(link, "101") is None


async def test_a_phone_without_an_agent_has_the_digest_of_nothing(
    link: Link, manager: Manager
) -> None:
    """As the dialplan has; but one that AMI cannot hand over is not known."""
    manager.functions[AGENT] = ""
    found = await whereabouts(link, "101")
    assert found is not None
    assert found.agent == digest_of("")
    manager.functions[AGENT] = "\ufffd"
    assert await whereabouts(link, "101") is None


@pytest.mark.parametrize(
    "contacts", ["", f"{CONTACTS},{ELSEWHERE}", "101@@00112233445566778899aabbccddeeff", "x)"]
)
async def test_without_exactly_one_registered_contact_there_is_no_telling(
    link: Link, manager: Manager, contacts: str
) -> None:
    """None; two; one that stands in the configuration; what is no name."""
    manager.functions |= registers(contacts)
    assert await whereabouts(link, "101") is None


async def test_contacts_of_another_aor_are_other_phones(link: Link, manager: Manager) -> None:
    """Of the same endpoint."""
    manager.functions |= registers("", "desk") | {"PJSIP_ENDPOINT(101,aors)": "101,desk"}
    assert await whereabouts(link, "101") is not None
    manager.functions |= {"PJSIP_AOR(desk,contact)": ELSEWHERE}
    assert await whereabouts(link, "101") is None


async def test_an_endpoint_that_nobody_knows_is_nowhere(link: Link) -> None:
    """Nor one whose name is none."""
    assert await whereabouts(link, "102") is None
    assert await whereabouts(link, "101,aors)") is None
