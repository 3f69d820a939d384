"""What is told of a bypass: on record, and in the service's log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.decision_log.record import Record, masked
from fastagi.policy.model import Reason, Verdict
from fastagi.watcher.bypass import RULE
from fastagi.watcher.channels import endpoint_of

if TYPE_CHECKING:
    from fastagi.watcher.bypass import Bypass


def record_of(found: Bypass, node: str, at: float) -> Record:
    """Return what goes on record: a denial that nobody asked for.

    The call is the caller's, or the leg itself where no channel dialled it (an Originate).
    """
    channel, number = found.channel, found.number
    return Record(
        at=at,
        site=found.policy.site.name,
        node=node,
        call=channel.caller_id or channel.uniqueid,
        channel=channel.name,
        extension=endpoint_of(channel.caller),
        trunk=channel.endpoint,
        number="" if number is None else number.number or number.dialled,
        category=None if number is None else number.category,
        country="" if number is None else number.country or "",
        verdict=Verdict.DENY,
        reason=Reason.BYPASS,
        rule=RULE,
        reference="",
        policy=found.policy.version,
    )


def words_of(found: Bypass, node: str, mask: int) -> dict[str, str]:
    """Return what the service log says; numbers are masked as in the record."""
    number = found.number
    shown = "unknown"
    if number is not None:
        shown = masked(number.number or number.dialled, number.category, mask)
    return {
        "node": node,
        "site": found.policy.site.name,
        "channel": found.channel.name,
        "caller": found.channel.caller or "none",
        "trunk": found.channel.endpoint,
        "number": shown,
        "then": "hang-up" if found.hang_up else "alarm",
    }
