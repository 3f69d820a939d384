"""Which endpoints are phones of ours, and which are trunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.endpoints import Role, read_endpoints
from fastagi.audit.entry import Devices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.audit.configuration.files import Files


def read_devices(files: Files, trunks: Iterable[str] = ()) -> Devices:
    """Return PJSIP's phones and trunks.

    A phone registers here: `max_contacts` of its aor is one or more, and no contact is written
    down. Whatever has an address of its own, or is logged in to, is a trunk. Of one name that is
    both, in two places, nothing is sure, so it is a trunk.

    Args:
        files: Of `read_files`.
        trunks: Names that register as phones do, and are trunks all the same: of a gateway.
    """
    named: dict[Role, set[str]] = {role: set() for role in Role}
    for each in read_endpoints(files):
        named[each.role].add(each.name)
    all_trunks = frozenset((*named[Role.TRUNK], *trunks))
    return Devices(phones=frozenset(named[Role.PHONE]) - all_trunks, trunks=all_trunks)
