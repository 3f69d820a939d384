"""What describes a call to a command, pretended or explained: who dials what, from where, how."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Final, TypeAlias

import typer

from fastagi.call.identify import ENDPOINT
from fastagi.cli.output import fail
from fastagi.policy.hours import DAYS
from fastagi.policy.model import Transport

WITH_PORT: Final = re.compile(r"(?P<host>[0-9.]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")

_WEEKLY: Final = re.compile(rf"(?P<day>{'|'.join(DAYS)}) (?P<clock>[0-2][0-9]:[0-5][0-9])")

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

AtOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="TIME",
        help="when, in the site's time: `Sat 03:00`, the next one, or `2026-01-05T10:10`",
    ),
]

MomentOption: TypeAlias = Annotated[
    str,
    typer.Option(
        "--at",
        metavar="TIME",
        help="when, in the site's time: `Sat 03:00`, the next one, or `2026-01-05T10:10`; "
        "now, if left out",
    ),
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


def moment_of(text: str, now: datetime) -> datetime:
    """Return the moment that is meant, by the site's clock; ends the command where it is none.

    Args:
        text: As it was typed; empty for now.
        now: By the site's clock: of a weekday, the next one from now on is meant.
    """
    if not text:
        return now
    found = _WEEKLY.fullmatch(text)
    if found:
        hour, minute = map(int, found["clock"].split(":"))
        days = (DAYS.index(found["day"]) - now.weekday()) % len(DAYS)
        if hour < 24:
            day = now + timedelta(days)
            moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
            return moment if moment >= now else moment + timedelta(len(DAYS))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = now  # which has a time zone
    if moment.tzinfo is not None:
        fail(f"`{text}` is no time of the site; write `Sat 03:00` or `2026-01-05T10:10`")
    return moment.replace(tzinfo=now.tzinfo)
