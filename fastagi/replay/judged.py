"""A call of the past, judged: what it looks like, and what a policy would have done with it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from fastagi.cdr.past_call import PastCall
    from fastagi.policy.model import Reason
    from fastagi.replay.destinations import Destination
    from fastagi.replay.office_hours import Moment
    from fastagi.replay.traits import Looked

OR: Final = " or "
"""Between the limits that may have done something, where it is not known which did."""


class Codes(StrEnum):
    """Who is taken to key the right PIN or code when asked."""

    HONEST = "honest"
    """All whose call does not look like fraud: a thief has the SIP password and nothing else."""
    ALL = "all"
    NONE = "none"


class Effect(StrEnum):
    """What a policy would have done with a call."""

    SAME = "as it was"
    STEPPED_UP = "asked for a code"
    """Let through after a PIN or a code."""
    CUT = "cut"
    """Let through, and ended before its time; perhaps after a PIN or a code."""
    REFUSED = "refused"


class Under(NamedTuple):
    """What one policy would have done with a call.

    Attributes:
        rule: The rule or the limit that did it; of a cut, what may have ended it.
        reason: Why it is refused, or let through.
        still: What it would have cost still, in millionths; None where nobody knows.
    """

    effect: Effect
    rule: str
    reason: Reason
    still: int | None


class Judged(NamedTuple):
    """A call, and what one policy would have done with it, or two.

    Attributes:
        moment: When, on the clock on the site's wall.
        was: What it cost as it was, by the policy's rates, in millionths; None where nobody knows.
        under: What the policy would have done.
        other: The same of the policy beside it; None where there is none.
    """

    call: PastCall
    to: Destination
    moment: Moment
    looked: Looked
    was: int | None
    under: Under
    other: Under | None = None
