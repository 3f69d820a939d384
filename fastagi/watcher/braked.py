"""Live calls that a brake touches and that began before it was put on, where that ends them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, assert_never

from fastagi.call import brakes
from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.policy.decision import class_of, may_be_braked
from fastagi.policy.model import LiveCalls, Request, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.call.brakes import Brake
    from fastagi.policy.model import Policy
    from fastagi.stores.store import Lease
    from fastagi.watcher.ports import WatchPorts


async def braked(ports: WatchPorts, node: str) -> Sequence[Lease]:
    """Return the leases of one Asterisk whose calls are to end, as the brake is on.

    Whoever was let through since has shown what the brake asks for. Emergency and inside calls
    have no lease.

    Raises:
        StoreError: The store does not tell.
    """
    found: list[Lease] = []
    for policy in ports.policies.all():
        if policy.brake is None or policy.brake.calls is not LiveCalls.END:
            continue
        site = policy.site.name
        on = await brakes.every(ports.store, site, ports.now())
        if on:
            leases = await soon(ports.store.live(site, ports.now()), LISTING_PATIENCE_S)
            found += [
                each
                for each in leases
                if each.node == node and _is_braked(policy, each, on, ports.now())
            ]
    return found


def _is_braked(policy: Policy, lease: Lease, on: Sequence[Brake], now: float) -> bool:
    if not any(lease.since <= each.since and _is_of(policy, each, lease) for each in on):
        return False
    prefix = "" if lease.number.startswith("+") else policy.site.outside_prefix
    number = policy.plan.read(prefix + lease.number)
    at = datetime.fromtimestamp(now, policy.site.timezone)
    return may_be_braked(policy, Request(lease.extension, number, at))


def _is_of(policy: Policy, brake: Brake, lease: Lease) -> bool:
    match brake.stage:
        case Stage.EXTENSION:
            return brake.name == lease.extension
        case Stage.CLASS:
            return brake.name == (class_of(policy, lease.extension) or "")
        case Stage.SITE:
            return True
        case _:
            assert_never(brake.stage)
