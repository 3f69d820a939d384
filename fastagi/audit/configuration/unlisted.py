"""Phones that may log in from anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.addresses import Reach, lets_everybody_in, reach_of
from fastagi.audit.configuration.endpoints import Role, read_endpoints, read_objects
from fastagi.audit.configuration.values import told, value
from fastagi.audit.finding import Finding, Kind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.conf import Section
    from fastagi.audit.configuration.files import Files


def check_unlisted(files: Files) -> Iterator[Finding]:
    """Find phones that no list of addresses guards, where everybody reaches a transport.

    A list of `type = acl` counts for all; one of an endpoint's own, of where its requests come
    from or of what it registers (`contact_…`), for that one. A phone without a password is
    another's matter (`check_guests`).
    """
    binds = [value(each, "bind") for each in read_objects(files, "transport")]
    if all(reach_of(each) is not Reach.WORLD for each in binds):
        return
    shared = read_objects(files, "acl")
    if not _open(files, *shared):
        return
    phones = [
        each
        for each in read_endpoints(files)
        if each.role is Role.PHONE and not each.is_open and _open(files, each.section)
    ]
    if phones:
        yield Finding(
            Kind.NO_ACL,
            Severity.LOW,
            f"the password of {told(each.name for each in phones)} is enough from anywhere",
            "where phones have addresses you know, name them: `deny`, `permit` or `acl`",
            phones[0].place,
        )


def _open(files: Files, *sections: Section) -> bool:
    return lets_everybody_in(files, sections) and lets_everybody_in(files, sections, "contact_")
