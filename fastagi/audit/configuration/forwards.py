"""Phones that are rung so that they may forward: a 302 with a slash is dialled as it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.devices import read_devices
from fastagi.audit.dial_options import (
    IN_PARENTHESES,
    OURS,
    VARIABLE,
    arguments_of,
    expanded,
    letters_of,
)
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.configuration.files import Files
    from fastagi.audit.dialplan import Dialplan, Step
    from fastagi.audit.entry import Devices

OPTIONS_AT: Final = {"dial": 2, "retrydial": 5, "page": 1, "queue": 1}
"""Applications that take `i` against forwards, and which of their arguments has the options."""

DEVICES_AT: Final = {"dial": 0, "retrydial": 3, "page": 0}
"""Where they name whom they ring; a queue rings its members."""

FORWARDING: Final = frozenset({"pjsip", "sip"})
"""Technologies whose phones may answer with a 302."""

CONTACTS: Final = "${PJSIP_DIAL_CONTACTS("


def check_forwards(files: Files, dialplan: Dialplan) -> Iterator[Finding]:
    """Find what rings phones without option `i`: their forward passes dialplan and gate."""
    devices = read_devices(files)
    for context in dialplan.contexts.values():
        for step in context.steps:
            yield from _of(step, devices, dialplan.variables)


def _of(step: Step, devices: Devices, variables: Mapping[str, str]) -> Iterator[Finding]:
    application = step.application.strip().lower()
    if application not in OPTIONS_AT:
        return
    given = [each.strip() for each in arguments_of(f"{step.arguments})")]
    if not _rings_a_phone(application, given, devices, variables):
        return
    options = expanded(_at(given, OPTIONS_AT[application]), variables)
    if OURS in options or "i" in letters_of(options):
        return
    written = f"{step.application.strip()}({step.arguments})"
    while IN_PARENTHESES.search(options):
        options = IN_PARENTHESES.sub("", options)
    if unknown := VARIABLE.search(options):
        yield Finding(
            Kind.UNKNOWN,
            Severity.LOW,
            f"whether `{written}` takes a phone's forward (302) is not known, as nobody knows "
            f"what is in `{unknown[0]}`",
            "write option `i` beside it",
            step.place,
        )
        return
    yield Finding(
        Kind.REDIRECT,
        Severity.HIGH,
        f"a phone that `{written}` rings may forward (302) to a trunk, past dialplan and gate",
        f"give {step.application.strip()} option `i`",
        step.place,
    )


def _at(given: list[str], place: int) -> str:
    return given[place] if place < len(given) else ""


def _rings_a_phone(
    application: str, given: list[str], devices: Devices, variables: Mapping[str, str]
) -> bool:
    place = DEVICES_AT.get(application)
    if place is None:
        return True
    rung = expanded(_at(given, place), variables)
    return any(_is_phone(each.strip(), devices) for each in rung.split("&"))


def _is_phone(device: str, devices: Devices) -> bool:
    """Whether it rings a phone: neither a trunk by name, nor a number at one."""
    if device.startswith(CONTACTS):
        return True
    technology, _, name = device.partition("/")
    if technology.lower() not in FORWARDING or not name or "@" in name or "/" in name:
        return False
    return name not in devices.trunks
