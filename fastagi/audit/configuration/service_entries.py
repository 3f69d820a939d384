"""Where voicemail, queues, conferences, parking and feature codes send people in the dialplan."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.applications import targets
from fastagi.audit.configuration.endpoints import Role, read_endpoints
from fastagi.audit.configuration.features import read_features
from fastagi.audit.configuration.mailboxes import read_mailboxes
from fastagi.audit.configuration.values import is_true, last, value
from fastagi.audit.entry import Entry, Party

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.files import Files

QUEUES_OWN: Final = frozenset({"general"})  # apps/app_queue.c reload_queues()
EXEC: Final = re.compile(r"dialplan_exec\s*\(\s*(?P<words>[^)]*)\)", re.IGNORECASE)
PARKED: Final = "parkedcallstimeout"  # res_parking.conf, comebackcontext


def read_service_entries(files: Files) -> tuple[Entry, ...]:
    """Return every context that somebody is sent to by a key, a time-out or a mailbox's menu."""
    return tuple(
        dict.fromkeys(
            (
                *_mailboxes(files),
                *_queues(files),
                *_conferences(files),
                *_parking(files),
                *_features(files),
            )
        )
    )


def _mailboxes(files: Files) -> Iterator[Entry]:
    """Find where a mailbox dials: out, back to who left a message, and on `*` and `0`."""
    for box in read_mailboxes(files):
        for option, how in (("dialout", "calls out of"), ("callback", "calls back of")):
            if found := box.option(option):
                who = f"{how} mailbox `{box.name}`"
                yield Entry(found.value, None, Party.TRANSFER, who, found.place)
        if found := box.option("exitcontext"):
            for key in ("a", "o"):  # app_voicemail.c: `*` goes to a, `0` to o
                who = f"keys in mailbox `{box.name}`"
                yield Entry(found.value, key, Party.TRANSFER, who, found.place)


def _queues(files: Files) -> Iterator[Entry]:
    """Find where keys lead out of a queue, and what runs on a member's leg as it answers."""
    for section in files.sections("queues.conf"):
        if section.name.lower() in QUEUES_OWN:
            continue
        found = last(section, "context")
        if found and found.value:
            who = f"keys in queue `{section.name}`"
            yield Entry(found.value.strip(), None, Party.TRANSFER, who, found.place)
        for option, mark in (("membergosub", ""), ("membermacro", "macro-")):
            found = last(section, option)
            if found and found.value:
                context = mark + found.value.partition(",")[0].strip()
                who = f"members of queue `{section.name}`"
                yield Entry(context, "s", Party.MACHINE, who, found.place)


def _conferences(files: Files) -> Iterator[Entry]:
    for section in files.sections("confbridge.conf"):
        if value(section, "type").lower() != "menu":
            continue
        for each in section.settings:
            for found in EXEC.finditer(each.value):
                words = [word.strip() for word in found["words"].split(",")]
                extension = words[1] if len(words) > 1 else "s"
                who = f"key `{each.name}` in conferences (menu `{section.name}`)"
                yield Entry(words[0], extension, Party.TRANSFER, who, each.place)


def _parking(files: Files) -> Iterator[Entry]:
    """Find where a parked call goes that nobody takes, if not to who parked it.

    To `PJSIP_101` for one whom `PJSIP/101` parked, else to `s` (parking_bridge_features.c).
    """
    phones = [each.name for each in read_endpoints(files) if each.role is Role.PHONE]
    for section in files.sections("res_parking.conf"):
        if section.name.lower() == "general":
            continue
        if is_true(value(section, "comebacktoorigin", "yes")):
            continue
        found = last(section, "comebackcontext")
        context, place = (found.value.strip(), found.place) if found else (PARKED, section.place)
        for extension in ("s", *(f"PJSIP_{name}" for name in phones)):
            who = f"parked calls nobody takes (`{section.name}`)"
            yield Entry(context, extension, Party.TRANSFER, who, place)


def _features(files: Files) -> Iterator[Entry]:
    for feature in read_features(files):
        for target in targets(feature.application, feature.arguments):
            if target.context:
                yield Entry(
                    target.context,
                    target.extension,
                    Party.TRANSFER,
                    feature.who,
                    feature.place,
                )
