"""Where a phone's calls will come from, for whoever signs in for it by a page or by the API.

By what it registered. A sign-in counts for calls from the same place only, so what is told here
has to be what the dialplan sends when that phone calls; where it is not, the calls are refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.call.identify import read_address
from fastagi.policy.scope import Transport
from fastagi.stores.sign_ins import Origin
from fastagi.watcher.registered import digest_of, registered, told

if TYPE_CHECKING:
    from fastagi.watcher.link import Link

CONTACT: Final = re.compile(r"[A-Za-z0-9_.@+-]{1,80};@[0-9a-f]{32}")
"""How Asterisk names what a phone registered (res_pjsip_registrar.c); `101@@…` stands in its
configuration, and no phone said so."""

URI: Final = re.compile(
    r"(?P<scheme>sips?):(?:[!-?A-~]+@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?"
    r"(?P<parameters>(?:;[!-:=A-~]+)*)",
    re.IGNORECASE,
)
"""A contact's URI: no blanks, no quotes needed, `@` only once (RFC 3261, 25.1)."""

SECURE: Final = {"udp": "tls", "tcp": "tls", "ws": "wss"}
"""What a `sips:` URI means by a transport (RFC 3261, 26.2.2; RFC 7118, 5.2).

The contact of a phone in a browser is a host that is none: Asterisk puts the address in its place
that it came from, and `ws`, also where that was secure (res_pjsip_transport_websocket.c).
"""


async def whereabouts(link: Link, endpoint: str) -> Origin | None:
    """Return the place of an endpoint's phone, by what it registered.

    What is not known of it is empty: an address where it registered a host's name.

    Returns:
        None where not exactly one contact is registered: nobody could say which phone is meant.
        Or where Asterisk does not tell, or the phone registered what cannot be read.

    Raises:
        LinkError: As `Link.ask`.
    """
    found = await registered(link, endpoint)
    if found is None or not CONTACT.fullmatch(found.contacts):
        return None
    uri = await told(link, f"PJSIP_CONTACT({found.contacts},uri)")
    agent = await told(link, f"PJSIP_CONTACT({found.contacts},user_agent)")
    read = URI.fullmatch(uri or "")
    if read is None or agent is None:
        return None
    address = read_address(read["host"])
    return Origin(
        address="" if address is None else str(address),
        transport=_transport(read["scheme"], read["parameters"]),
        agent=digest_of(agent),
        contact=found.digest,
    )


def _transport(scheme: str, parameters: str) -> str:
    """Return what a URI says of its transport; empty where that is none, or more than one."""
    pairs = [each.partition("=") for each in parameters.lower().split(";")]
    said = [value for name, _, value in pairs if name == "transport"] or [Transport.UDP]
    if scheme.lower() == "sips":
        said = [SECURE.get(each, each) for each in said]
    return said[0] if len(said) == 1 and said[0] in set(Transport) else ""
