"""Events, lists, leases and a policy, as the tests of the watcher use them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from fastagi.policy.loading import load_text
from fastagi.stores.sign_ins import Origin, SignIn, Way
from fastagi.stores.store import Lease
from fastagi.watcher.registered import digest_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.policy.model import Policy

CALLER, LEG = "pbx-1.0", "pbx-1.1"
NUMBER = "+441632960000"
MARKED = f"{CALLER}:{NUMBER}:"
NODE = "127.0.0.1"
CONTACTS = "101;@00112233445566778899aabbccddeeff"
ELSEWHERE = "101;@ffeeddccbbaa99887766554433221100"


def policy(more: str = '[bypass]\ntrunks = ["my-trunk"]\n', site: str = "office") -> Policy:
    """Return a policy; `more` is added to it."""
    text = f"""
[site]
name = "{site}"
country = "GB"
timezone = "Europe/London"
internal = ["1XX"]
[classes]
staff = ["1XX"]
[[rule]]
name = "all"
then = "allow"
"""
    return load_text(text + more, Path("policy.toml"))


def snapshot(
    uniqueid: str = LEG, name: str = "PJSIP/my-trunk-00000001", state: str = "6", prefix: str = ""
) -> dict[str, str]:
    """Return what Asterisk says of a channel in each of its events."""
    fields = {
        "Channel": name,
        "ChannelState": state,
        "ChannelStateDesc": "",
        "CallerIDNum": "<unknown>",
        "Uniqueid": uniqueid,
        "Linkedid": uniqueid,
    }
    return {f"{prefix}{each}": value for each, value in fields.items()}


def begins(
    uniqueid: str = LEG, name: str = "PJSIP/my-trunk-00000001", state: str = "0"
) -> dict[str, str]:
    """Return how a channel begins."""
    return {"Event": "Newchannel", **snapshot(uniqueid, name, state)}


def dials(string: str = f"{NUMBER}@my-trunk", leg: str = LEG) -> dict[str, str]:
    """Return how a leg is dialled."""
    caller = snapshot(CALLER, "PJSIP/101-00000000")
    dest = snapshot(leg, prefix="Dest")
    return {"Event": "DialBegin", **caller, **dest, "DialString": string}


def turns_to(state: str, uniqueid: str = LEG) -> dict[str, str]:
    """Return how a channel's state changes."""
    return {"Event": "Newstate", **snapshot(uniqueid, state=state)}


def marks(leg: str = LEG, mark: str = MARKED) -> dict[str, str]:
    """Return how a leg is marked."""
    return {"Event": "UserEvent", **snapshot(leg), "UserEvent": "dialguard-leg", "Leg": mark}


def ends(uniqueid: str = LEG) -> dict[str, str]:
    """Return how a channel ends."""
    return {"Event": "Hangup", **snapshot(uniqueid)}


def row(
    uniqueid: str = LEG,
    name: str = "PJSIP/my-trunk-00000001",
    mark: str = MARKED,
    until: str = "1795627046",
    data: str = "(Outgoing Line)",
) -> dict[str, str]:
    """Return a channel of a list."""
    return {
        **snapshot(uniqueid, name),
        "TimeToHangup": until,
        "Data": data,
        "Variable": f"DIALGUARD_LEG={mark}",
    }


def lease(
    call: str = CALLER,
    *,
    number: str = NUMBER,
    node: str = NODE,
    since: float = 1000.0,
    seconds: int = 3600,
    expires: float = 5000.0,
    extension: str = "101",
    site: str = "office",
    sign_in: str = "",
) -> Lease:
    """Return a lease."""
    return Lease(
        site=site,
        call=call,
        number=number,
        node=node,
        extension=extension,
        country="GB",
        category="national",
        channel="PJSIP/101-00000000",
        rule="all",
        reference="0000",
        seconds=seconds,
        since=since,
        expires=expires,
        sign_in=sign_in,
    )


def signed_in(
    id: str = "one",
    *,
    contact: str = CONTACTS,
    extension: str = "101",
    node: str = NODE,
    site: str = "office",
) -> SignIn:
    """Return a sign-in, made while the names of these contacts were registered."""
    return SignIn(
        site=site,
        extension=extension,
        id=id,
        person=extension,
        way=Way.KEYPAD,
        origin=Origin("10.0.0.5", "udp", digest_of("a phone"), contact and digest_of(contact)),
        node=node,
        since=1000.0,
        until=5000.0,
        idle_s=0,
        used=1000.0,
    )


def registers(contacts: str = CONTACTS, extension: str = "101") -> dict[str, str]:
    """Return what functions give once contacts of these names are registered."""
    return {
        f"PJSIP_ENDPOINT({extension},aors)": extension,
        f"PJSIP_AOR({extension},contact)": contacts,
        f"PJSIP_AOR({extension},max_contacts)": "1",
    }


def hint(extension: str = "101", status: str = "Created") -> dict[str, str]:
    """Return what tells that something became of a contact."""
    return {
        "Event": "ContactStatus",
        "URI": "sip:101@10.0.0.6:5060",
        "ContactStatus": status,
        "AOR": extension,
        "EndpointName": extension,
    }


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - nobody sets an event for it
            await asyncio.sleep(0.005)
