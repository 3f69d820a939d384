"""Calls that were refused at the door, before anybody could tell whose they were, on record.

A stranger's connection is no call: it is counted and logged by the listener only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.decision_log.record import Record
from fastagi.policy.model import Reason, Verdict
from fastagi.server.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastagi.call.ports import Clock, Decisions
    from fastagi.server.refusal import Refused

REASONS: Final[Mapping[Refusal, Reason]] = {
    Refusal.FULL: Reason.BUSY,
    Refusal.PEER_FULL: Reason.BUSY,
    Refusal.PEER_FAST: Reason.BUSY,
    Refusal.SITE_FULL: Reason.BUSY,
    Refusal.SITE_FAST: Reason.BUSY,
    Refusal.SILENT: Reason.BAD_QUESTION,
    Refusal.ODD: Reason.BAD_QUESTION,
    Refusal.BAD_QUESTION: Reason.BAD_QUESTION,
    Refusal.BAD_TOKEN: Reason.BAD_QUESTION,
    Refusal.FOREIGN_SITE: Reason.BAD_QUESTION,
}


def recorder(decisions: Decisions, now: Clock) -> Callable[[Refused], None]:
    """Return what the listener tells of each connection that it closes without an answer."""

    def record(refused: Refused) -> None:
        if refused.kind is Refusal.STRANGER:
            return
        decisions.record(
            Record(
                at=now(),
                site="",
                call="",
                extension="",
                verdict=Verdict.DENY,
                reason=REASONS[refused.kind],
                rule=refused.kind,
                reference="",
                node=refused.peer,
            )
        )

    return record
