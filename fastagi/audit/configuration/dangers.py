"""Settings of Asterisk itself that take a guard away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.values import is_false, is_true, last
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.configuration.files import Files


def check_dangers(files: Files) -> Iterator[Finding]:
    """Find `live_dangerously` of asterisk.conf, and `strictrtp` of rtp.conf that is off."""
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
