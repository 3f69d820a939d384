"""Which endpoints are phones of ours, and which are trunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.endpoints import Role, read_endpoints
from fastagi.audit.entry import Devices

if TYPE_CHECKING:
    from fastagi.audit.configuration.files import Files


def read_devices(files: Files) -> Devices:
    """Return PJSIP's phones and trunks.

    A phone registers here: `max_contacts` of its aor is one or more, and no contact is written
    down. Whatever has an address of its own, or is logged in to, is a trunk. Of one name that is
    both, in two places, nothing is sure, so it is a trunk.
    """
    named: dict[Role, set[str]] = {role: set() for role in Role}
    for each in read_endpoints(files):
        named[each.role].add(each.name)
    trunks = frozenset(named[Role.TRUNK])
    return Devices(phones=frozenset(named[Role.PHONE]) - trunks, trunks=trunks)
