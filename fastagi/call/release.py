"""Giving a call's slots back; the one door that every end of a call knocks on.

Knocking twice changes nothing, so the trunk leg's handler and the caller's both may.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Argument
from fastagi.call.identify import UNIQUEID, node_of
from fastagi.call.ports import soon
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from fastagi.call.channel import Question
    from fastagi.call.ports import Ports

PAUSES_S: Final = (0.2, 1.0, 3.0)
"""Nobody waits for a release, so a store that is away is asked again; else leases expire."""


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
        return 0
    site, node = policy.site.name, node_of(question)
    for pause_s in PAUSES_S:
        try:
            return await soon(ports.store.release(site, call, number, node, ports.now()))
        except StoreError:
            await asyncio.sleep(pause_s)
    return await soon(ports.store.release(site, call, number, node, ports.now()))
