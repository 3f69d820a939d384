"""Giving a call's slots back; the one door that every end of a call knocks on.

Knocking twice changes nothing, so the trunk leg's handler and the caller's both may. Slots that
were taken while the store was away are given back first, whatever becomes of the rest: `adoption`
counts on that order.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.channel import Argument
from fastagi.call.costs import is_priced, settlement
from fastagi.call.identify import UNIQUEID, node_of
from fastagi.call.ports import soon
from fastagi.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.call.channel import Question
    from fastagi.call.ports import Ports
    from fastagi.policy.model import Policy
    from fastagi.stores.records import Record
    from fastagi.stores.store import Lease, Note, Store

PAUSES_S: Final = (0.2, 1.0, 3.0)
"""Nobody waits for a release, so a store that is away is asked again; else leases expire."""

TALKED: Final = re.compile(r"[0-9]{1,7}")
"""Seconds; seven digits are four months, which no call lasts."""

log = structlog.get_logger(__name__)


async def release(question: Question, ports: Ports) -> int:
    """End the lease of a call's number, or all leases of the call; return how many were live.

    Those of the Asterisk that asks: another may have a call of that name, and it may be up. What
    the call used is settled by what the dialplan says of how long was talked.

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
    talk = (call, number, node_of(question), talked_in(question))
    for pause_s in PAUSES_S:
        try:
            return await _settle(ports, policy, *talk)
        except StoreError:
            await asyncio.sleep(pause_s)
    return await _settle(ports, policy, *talk)


async def _settle(
    ports: Ports,
    policy: Policy,
    call: str,
    number: str | None,
    node: str,
    talked_s: int | None,
) -> int:
    """End the call's lease, or leases, and put on record what it cost.

    Raises:
        StoreError: As `end`.
    """
    lease = None
    if number is not None:
        lease = await to_settle(ports.store, policy, call, number, node, ports.now())
    ended = await end(ports, policy.site.name, call, number, node, talked_s)
    if ended and lease is not None:
        ports.decisions.record(settlement(policy, lease, ports.now(), talked_s))
    return ended


async def to_settle(
    store: Store, policy: Policy, call: str, number: str, node: str, now: float
) -> Lease | None:
    """Return the lease that is about to be released, where it goes on record what it came to.

    None where nothing of the site has a price, or the call holds no lease.

    Raises:
        StoreError: The store did not answer.
    """
    if not is_priced(policy):
        return None
    known = await soon(store.known(policy.site.name, "", "", "", call, number, node, now))
    return known.lease


def talked_in(question: Question) -> int | None:
    """Return for how many seconds was talked, by the dialplan; None where it does not say.

    What cannot be read is not known either: it must never make a call cost less.
    """
    said = question.arguments.get(Argument.TALKED, "")
    return int(said) if TALKED.fullmatch(said) else None


async def end(
    ports: Ports, site: str, call: str, number: str | None, node: str, talked_s: int | None
) -> int:
    """End the call's lease, or leases, wherever they are; return how many were live.

    Args:
        ports: Where they may be.
        site: Whose call it was.
        call: Which.
        number: To which number; None for all.
        node: Of which Asterisk.
        talked_s: See `Leases.release`.

    Raises:
        StoreError: The store did not answer. What the call held on this machine is free.
    """
    ended = 0
    if ports.local is not None:
        try:
            ended = await soon(
                ports.local.release(site, call, number, node, ports.now(), talked_s)
            )
        except StoreError as error:  # it ends when it expires
            log.error("local-release-failed", call=call, error=str(error))
    return ended + await soon(ports.store.release(site, call, number, node, ports.now(), talked_s))


async def unmark(
    store: Store, site: str, notes: Sequence[Note], there: Mapping[str, Record], now: float
) -> None:
    """Take back the marks of a call that was not let through after all.

    A mark that was there before the call lasts as long as it did then: else nothing that others
    have long called would be known to the site any more, or the call would keep it known.

    Args:
        store: Where they are.
        site: Whose.
        notes: All that the call left.
        there: What is known to have been there before it, by its key.
        now: The moment.

    Raises:
        StoreError: It is unknown which are taken back.
    """
    for note in notes:
        before = there.get(note.key)
        if before is None:
            await soon(store.take_record(site, note.kind, note.key, now))
        else:
            await soon(store.put_record(site, note.kind, before, note.text, now))


async def take_back(ports: Ports, lease: Lease) -> None:
    """Give back what was taken for a caller who had hung up by then: nothing was dialled.

    The hangup handler asks for the release but once, and may have done so before.
    """
    try:
        await end(ports, lease.site, lease.call, lease.number, lease.node, 0)
    except StoreError as error:
        log.error("release-failed", call=lease.call, error=str(error))
