"""What a dial string names: a phone, a trunk, a place of the dialplan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from fastagi.audit.ways.language import characters
from fastagi.audit.ways.values import (
    NOTHING,
    Hole,
    Origin,
    Value,
    begins,
    cut_at,
    holes,
    joined,
    language_of,
    spelled,
    text_of,
)

if TYPE_CHECKING:
    from fastagi.audit.entry import Devices

AT_HOME: Final = frozenset({"console", "multicastrtp", "unicastrtp", "announcer", "recorder"})
"""Technologies that reach no network of telephones."""

NAMES_A_PLACE: Final = characters("@/")


class Where(Enum):
    """What it is."""

    PHONE = "phone"
    TRUNK = "trunk"
    LOCAL = "local"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Device:
    """Whatever is dialled.

    Attributes:
        number: The digits that are dialled there; for a Local channel the extension.
        context: Of a Local channel.
    """

    where: Where
    said: str
    number: Value
    context: Value | None = None


def device(value: Value, devices: Devices) -> Device:
    """Say what `technology/resource` is."""
    technology, resource = cut_at(value, "/")
    said = spelled(value)
    if resource is None:
        where = Where.UNKNOWN if _may_name_a_place(value) else Where.PHONE
        return Device(where, said, value)
    kind = text_of(technology)
    match kind.lower() if kind is not None else None:
        case "local":
            dialled, context = cut_at(resource, "@")
            if context is not None:
                context = cut_at(context, "/")[0]
            else:
                dialled = cut_at(dialled, "/")[0]
            return Device(Where.LOCAL, said, dialled, context)
        case "pjsip":
            return _pjsip(resource, devices, said)
        case None:
            return Device(Where.TRUNK, said, _number(resource))
        case home if home in AT_HOME:
            return Device(Where.PHONE, said, NOTHING)
        case _:
            return Device(Where.TRUNK, said, _number(resource))


def _may_name_a_place(value: Value) -> bool:
    return bool(language_of(value).alphabet() & characters("/"))


def _pjsip(resource: Value, devices: Devices, said: str) -> Device:
    """Say what `endpoint`, `user@endpoint` or `endpoint/sip:…` is (chan_pjsip.c, request)."""
    endpoint, uri = cut_at(resource, "/")
    if uri is not None:
        user = cut_at(uri, "@")[0]
        if begins(user).lower().startswith(("sip:", "sips:")):
            user = cut_at(user, ":")[1] or NOTHING
        return Device(Where.TRUNK, said, user)
    user, named = cut_at(resource, "@")
    endpoint = named if named is not None else resource
    number = user if named is not None else NOTHING
    if (name := text_of(endpoint)) is not None:
        is_phone = name in devices.phones and name not in devices.trunks
        return Device(Where.PHONE if is_phone else Where.TRUNK, said, number)
    language = language_of(endpoint)
    if any(hole.origin is Origin.UNKNOWN for hole in holes(endpoint)):
        return Device(Where.UNKNOWN if named is None else Where.TRUNK, said, number)
    if language.alphabet() & NAMES_A_PLACE or any(map(language.has, devices.trunks)):
        return Device(Where.TRUNK, said, number if named is not None else endpoint)
    return Device(Where.PHONE, said, number)


def _number(resource: Value) -> Value:
    """Return the digits of what is dialled by another technology: behind the last slash."""
    rest: Value | None = resource
    number = resource
    while rest is not None:
        number = rest
        rest = cut_at(rest, "/")[1]
    return cut_at(number, "@")[0]


def is_judged(number: Value) -> bool:
    """Whether nothing is dialled but the number that was judged."""
    parts = list(number)
    # What an unknown technology wants behind the number: FreePBX has `@trunk` in a variable.
    while len(parts) > 1 and isinstance(parts[-1], Hole) and parts[-1].origin is Origin.UNKNOWN:
        parts.pop()
    if parts and parts[0] == "+":
        parts.pop(0)
    return len(parts) == 1 and isinstance(parts[0], Hole) and parts[0].origin is Origin.NUMBER


def options(value: Value) -> list[tuple[str, Value | None]]:
    """Split the options of an application into letters and their arguments.

    The gate's own are `$`; what is not known is `?`.
    """
    found: list[tuple[str, Value | None]] = []
    inside: list[str | Hole] = []
    depth = 0
    for part in value:
        if isinstance(part, Hole):
            if depth:
                inside.append(part)
            else:
                found.append(("$" if part.origin is Origin.BINDING else "?", None))
            continue
        for letter in part:
            if letter == "(":
                depth += 1
                if depth == 1:
                    inside = []
                    continue
            elif letter == ")" and depth:
                depth -= 1
                if not depth:
                    if found:
                        found[-1] = found[-1][0], joined(inside)
                    continue
            if depth:
                inside.append(letter)
            else:
                found.append((letter, None))
    return found
