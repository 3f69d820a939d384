"""What describes a call to a command, pretended or explained: who dials what, from where, how."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Final, TypeAlias

import typer

from fastagi.call.identify import ENDPOINT
from fastagi.cli.output import fail
from fastagi.policy.model import Transport

WITH_PORT: Final = re.compile(r"(?P<host>[0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")

ExtensionArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="EXTENSION", help="the endpoint that calls")
]

DialledArgument: TypeAlias = Annotated[
    str, typer.Argument(metavar="DIALLED", help="the digits it dials")
]

AddressOption: TypeAlias = Annotated[
    str, typer.Option(metavar="ADDRESS", help="where the phone's SIP comes from: 10.0.0.5")
]

TransportOption: TypeAlias = Annotated[
    Transport | None, typer.Option(help="how the phone's SIP comes")
]

TrunkOption: TypeAlias = Annotated[
    str, typer.Option(metavar="NAME", help="the trunk the dialplan means to use")
]


def address_of(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in a text, with a port or without; None in an empty one.

    Ends the command where there is no address in it.
    """
    if not text:
        return None
    found = WITH_PORT.fullmatch(text)
    host = found["host"].strip("[]") if found else text
    try:
        return ip_address(host)
    except ValueError:
        fail(f"`{text}` is no IP address; write `10.0.0.5` or `10.0.0.5:5060`")


def trunk_of(text: str) -> str:
    """Return the name of a trunk; ends the command where no PJSIP section is named like that."""
    if text and not ENDPOINT.fullmatch(text):
        fail(f"`{text}` cannot be a trunk's name: letters, digits and `_ . @ + -` can")
    return text
