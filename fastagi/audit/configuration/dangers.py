"""Settings of Asterisk itself that take a guard away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.values import is_false, is_true, last, listed
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.files import Files


KEYS: Final = frozenset({"dtmf", "*"})
"""Levels of logger.conf under which each key that is pressed is written (main/logger.c)."""

FORMATTER: Final = re.compile(r"^\s*\[[^]]*\]")
"""How lines are written, before the levels: `[json]notice,warning`."""


def check_dangers(files: Files) -> Iterator[Finding]:
    """Find `live_dangerously` of asterisk.conf, `strictrtp` that is off, and logged keys."""
    for section in files.named("asterisk.conf", "options"):
        found = last(section, "live_dangerously")
        if found and is_true(found.value):
            yield Finding(
                Kind.OPEN_DOOR,
                Severity.MEDIUM,
                "whoever sets a variable over AMI or ARI may run programs on the machine",
                "set `live_dangerously = no`, or take it away",
                found.place,
            )
    for section in files.named("rtp.conf", "general"):
        found = last(section, "strictrtp")
        if found and is_false(found.value):
            yield Finding(
                Kind.OPEN_DOOR,
                Severity.LOW,
                "whoever finds the port of a call can be heard in it, and key digits",
                "take `strictrtp = no` away",
                found.place,
            )
    for section in files.named("logger.conf", "logfiles"):
        for each in section.settings:
            if KEYS & set(listed(FORMATTER.sub("", each.value.lower()))):
                yield Finding(
                    Kind.OPEN_DOOR,
                    Severity.LOW,
                    f"log `{each.name}` is told every key that is pressed, PINs too",
                    "leave `dtmf` and `*` out of its levels",
                    each.place,
                )
