"""Giving a call's slots back; the one door that every end of a call knocks on.

Knocking twice changes nothing, so the trunk leg's handler and the caller's both may. Slots that
were taken while the store was away are given back first, whatever becomes of the rest: `adoption`
counts on that order.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.channel import Argument
from fastagi.call.identify import UNIQUEID, node_of
from fastagi.call.ports import soon
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from fastagi.call.channel import Question
    from fastagi.call.ports import Ports
    from fastagi.stores.store import Lease

PAUSES_S: Final = (0.2, 1.0, 3.0)
"""Nobody waits for a release, so a store that is away is asked again; else leases expire."""

log = structlog.get_logger(__name__)


async def release(question: Question, ports: Ports) -> int:
    """End the lease of a call's number, or all leases of the call; return how many were live.

    Those of the Asterisk that asks: another may have a call of that name, and it may be up.

    Raises:
        StoreError: The store stayed away; the leases end when they expire.
    """
    policy = ports.policies.of(question.arguments.get(Argument.SITE, ""))
    call = question.arguments.get(Argument.CALL, "")
    number = question.arguments.get(Argument.NUMBER) or None
    if policy is None or not UNIQUEID.fullmatch(call):
        # No dialplan of ours asks that; what such a call holds stays until it expires.
        site = question.arguments.get(Argument.SITE, "")
        log.error("release-of-nobody", site=site, call=call, node=node_of(question))
        return 0
    site, node = policy.site.name, node_of(question)
    for pause_s in PAUSES_S:
        try:
            return await end(ports, site, call, number, node)
        except StoreError:
            await asyncio.sleep(pause_s)
    return await end(ports, site, call, number, node)


async def end(ports: Ports, site: str, call: str, number: str | None, node: str) -> int:
    """End the call's lease, or leases, wherever they are; return how many were live.

    Raises:
        StoreError: The store did not answer. What the call held on this machine is free.
    """
    ended = 0
    if ports.local is not None:
        try:
            ended = await soon(ports.local.release(site, call, number, node, ports.now()))
        except StoreError as error:  # it ends when it expires
            log.error("local-release-failed", call=call, error=str(error))
    return ended + await soon(ports.store.release(site, call, number, node, ports.now()))


async def take_back(ports: Ports, lease: Lease) -> None:
    """Give back what was taken for a caller who had hung up by then.

    The hangup handler asks for the release but once, and may have done so before.
    """
    try:
        await end(ports, lease.site, lease.call, lease.number, lease.node)
    except StoreError as error:
        log.error("release-failed", call=lease.call, error=str(error))
