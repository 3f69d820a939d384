"""Live calls that a sign-in let through which is over, where the policy wants them ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call.ports import LISTING_PATIENCE_S, soon
from fastagi.policy.model import LiveCalls
from fastagi.stores.sign_ins import SignedOff

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Lease
    from fastagi.watcher.ports import WatchPorts

LOCKED_OUT_S: Final = 2.0
"""How long a lockout must have ended a sign-in before its calls end: the very guess that caused it
may turn out right, and then it has ended nothing. To look at a guess takes less."""


async def signed_off(ports: WatchPorts, node: str) -> Sequence[Lease]:
    """Return the leases of one Asterisk whose calls are to end, as their sign-in is over.

    Raises:
        StoreError: The store does not tell.
    """
    found: list[Lease] = []
    for policy in ports.policies.all():
        if policy.sign_in.calls is LiveCalls.END:
            found += await _of_site(ports, node, policy.site.name)
    return found


async def _of_site(ports: WatchPorts, node: str, site: str) -> Sequence[Lease]:
    store = ports.store
    # First the leases, and then who is signed in: a call that begins in between has a lease that
    # is not listed, or a sign-in that was opened before.
    leases = [
        each
        for each in await soon(store.live(site, ports.now()), LISTING_PATIENCE_S)
        if each.sign_in and each.node == node
    ]
    if not leases:
        return ()
    live = {
        (each.extension, each.id)
        for each in await soon(store.sign_ins(site, ports.now()), LISTING_PATIENCE_S)
    }
    over = {
        (extension, id)
        for extension, id in {(each.extension, each.sign_in) for each in leases} - live
        if await is_over(ports, site, extension, id)
    }
    return [each for each in leases if (each.extension, each.sign_in) in over]


async def is_over(ports: WatchPorts, site: str, extension: str, id: str) -> bool:
    """Tell whether a sign-in is over indeed; one that nobody remembers is."""
    now = ports.now()
    found = await soon(ports.store.sign_in(site, extension, id, now))
    if found is None or found.ended is None:
        return found is None
    return found.why is not SignedOff.LOCKOUT or found.ended <= now - LOCKED_OUT_S
