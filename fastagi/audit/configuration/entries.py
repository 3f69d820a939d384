"""Where calls begin, and where people are sent, as all files but the dialplan say."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from fastagi.audit.configuration.old_channels import read_old_entries
from fastagi.audit.configuration.pjsip_entries import read_pjsip_entries
from fastagi.audit.configuration.service_entries import read_service_entries
from fastagi.audit.finding import Finding, Kind, Severity
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastagi.audit.configuration.files import Files
    from fastagi.audit.entry import Entry

NO_VARIABLES: Final[Mapping[str, str]] = MappingProxyType({})


def read_entries(files: Files, variables: Mapping[str, str] = NO_VARIABLES) -> tuple[Entry, ...]:
    """Return every way into the dialplan that is written down.

    Not among them: programs with a login to AMI or ARI, and call files. They name a context of
    their own, or a trunk without any, so no context is theirs; `check_configuration` tells who has
    such a login.

    Args:
        files: Of `read_files`.
        variables: `[globals]` of the dialplan, which may say where transfers and forwards go.
    """
    return (
        *read_pjsip_entries(files, variables),
        *read_old_entries(files),
        *read_service_entries(files),
    )


def check_entries(files: Files) -> Iterator[Finding]:
    """Find that nobody is known to call: then no way is looked at, and none is found open."""
    if not read_entries(files):
        yield Finding(
            Kind.UNKNOWN,
            Severity.MEDIUM,
            "no file says who calls, so no way through the dialplan was looked at",
            "put pjsip.conf, and what it includes, beside the dialplan",
            Place("pjsip.conf", 0),
        )
