"""What is seen of whoever touches a trap."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.signs.sighting import Seen, Sighting

if TYPE_CHECKING:
    from fastagi.call.identify import Caller
    from fastagi.policy.model import Policy


def touch_of(policy: Policy, caller: Caller, now: float) -> Sighting:
    """Return what is seen of a phone that asks from a trap, or for one.

    Of a transferred call the address is that of whoever was transferred, who touched nothing.
    """
    return Sighting(
        at=now,
        seen=Seen.TRAP,
        account=caller.extension,
        address=None if caller.transferred else caller.address,
        transport="" if caller.transport is None or caller.transferred else caller.transport,
        proven=caller.is_proven,
        site=policy.site.name,
        node=caller.node,
    )
