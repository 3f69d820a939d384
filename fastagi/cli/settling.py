"""What calls came to that a command released, on record beside the service's own decisions.

The service may be writing to the same file. To rotate it, and to make it, is left to the service:
what root made there, the service could not write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.call.costs import settlement
from fastagi.cli.output import warn
from fastagi.cli.service import owner_to_be
from fastagi.daemon.places import policy_place
from fastagi.daemon.reload import policy_files
from fastagi.decision_log.record import line
from fastagi.decision_log.shared_file import SharedFile
from fastagi.errors import DialguardError
from fastagi.policy.loading import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.policy.model import Policy
    from fastagi.settings import Settings
    from fastagi.stores.store import Lease


def record_settlements(settings: Settings, released: Sequence[Lease], now: float) -> None:
    """Put on record what leases were settled to as they were released, those that cost something.

    Where that cannot be written it is said, and no more: the slots are free.
    """
    priced = [each for each in released if each.tariff is not None or each.budgets]
    if not priced:
        return
    policies, file = _policies(settings), settings.log.decisions
    records = [settlement(policies.get(each.site), each, now, None) for each in priced]
    lines = "".join(line(each, settings.log.mask) for each in records)
    owner = owner_to_be(file)
    if owner is not None:
        warn(f"not on record: `{file}` is user {owner}'s to make; start the service")
        return
    try:
        SharedFile(file, rotate_bytes=0, keep=1).append(lines.encode())
    except OSError as error:
        warn(f"not on record: `{file}` cannot be written: {error.strerror}")


def _policies(settings: Settings) -> Mapping[str, Policy]:
    """Load the policies, for the currency; none where one is broken: that may be the trouble."""
    try:
        loaded = [load(file) for file in policy_files(policy_place(settings))]
    except DialguardError:
        return {}
    return {each.site.name: each for each in loaded}
