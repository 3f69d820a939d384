"""How a policy in shadow differs from the one in force, call by call, and how that goes on record.

Lines are as those of the decision log, by the policy in shadow, with what was decided indeed under
`live`; so whatever reads the one reads the other. Now and then there is a line that says how many
calls were judged: else nobody knew whether three differences are many.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from fastagi.decision_log.record import as_line, fields_of, masked, moment
from fastagi.policy.model import Verdict
from fastagi.rating.tariff import amount

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.decision_log.record import Record


class Kind(StrEnum):
    """What a policy in shadow would have made of a call: the gravest of what differs."""

    REFUSED = "refused"
    """Let through now, refused then."""
    LET_THROUGH = "let-through"
    """Refused now, let through then."""
    ASKED = "asked"
    """Would have been asked for a code that nobody asks for now; and then let through."""
    SPARED = "spared"
    """Would not have been asked for a code that is asked for now."""
    SHORTENED = "shortened"
    """Let through for less time, or ended earlier."""
    LENGTHENED = "lengthened"
    OTHER = "other"
    """The verdict is the same; by another rule, for another reason, or with other money held."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One call that a policy in shadow would have judged otherwise.

    Attributes:
        record: What would have gone on record; of the site's own name.
        live: What went on record.
        longest_s: The most seconds it would have been given in the end, slice by slice or at once;
            0 where it is not bounded.
        live_longest_s: The same of the policy in force.
    """

    kind: Kind
    record: Record
    live: Record
    longest_s: int = 0
    live_longest_s: int = 0

    @property
    def site(self) -> str:
        """The site's name."""
        return self.live.site


@dataclass(slots=True)
class Tally:
    """How many calls were judged by one version of a policy in shadow, within a time.

    Attributes:
        since: When it began.
        until: When it ended.
        judged: Calls that were judged; a call that asks again, for its next trunk, once more.
        differs: How many of these differ, by kind.
        dropped: Calls, and ends of calls, that were not followed, as too many waited.
        failed: Those that could not be: the store was away, or something broke.
    """

    site: str
    policy: str
    since: float
    until: float = 0.0
    judged: int = 0
    dropped: int = 0
    failed: int = 0
    differs: dict[Kind, int] = field(default_factory=dict)


Entry: TypeAlias = "Difference | Tally"


def kind_of(
    record: Record, live: Record, longest_s: int = 0, live_longest_s: int = 0
) -> Kind | None:
    """Return how the two differ; None where they do not.

    Args:
        record: What would have gone on record.
        live: What did.
        longest_s: As of `Difference`.
        live_longest_s: Likewise.
    """
    if record.verdict is not live.verdict:
        return Kind.REFUSED if live.verdict is Verdict.ALLOW else Kind.LET_THROUGH
    if record.verdict is Verdict.ALLOW:
        if not set(record.asked) <= set(live.asked):
            return Kind.ASKED
        if not set(live.asked) <= set(record.asked):
            return Kind.SPARED
        if longest_s and live_longest_s and longest_s != live_longest_s:
            return Kind.SHORTENED if longest_s < live_longest_s else Kind.LENGTHENED
    is_same = (record.rule, record.reason, record.reserved) == (
        live.rule,
        live.reason,
        live.reserved,
    )
    return None if is_same else Kind.OTHER


def line(entry: Entry, mask: int) -> str:
    """Return an entry as one line of JSON, with its newline."""
    return as_line(_of_tally(entry) if isinstance(entry, Tally) else _of_call(entry, mask))


def _of_call(entry: Difference, mask: int) -> Mapping[str, object]:
    live = entry.live
    # The policy in shadow may take an outside number for an inside one; it is masked all the same.
    number = masked(live.number, live.category, mask)
    return {
        **fields_of(entry.record, mask),
        "number": number,
        "seconds": entry.longest_s,
        "differs": entry.kind,
        "live": {
            "verdict": live.verdict,
            "rule": live.rule,
            "reason": live.reason,
            "asked": list(live.asked),
            "seconds": entry.live_longest_s,
            "reserved": "" if live.reserved is None else amount(live.reserved),
            "policy": live.policy,
        },
    }


def _of_tally(tally: Tally) -> Mapping[str, object]:
    return {
        "time": moment(tally.until),
        "site": tally.site,
        "policy": tally.policy,
        "since": moment(tally.since),
        "judged": tally.judged,
        "differences": dict(sorted(tally.differs.items())),
        "dropped": tally.dropped,
        "failed": tally.failed,
    }
