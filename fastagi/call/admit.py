"""Letting a call through: its slots are taken first, all or none; only then is ALLOW said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Variable
from fastagi.call.ending import Ending, refused
from fastagi.call.ports import soon
from fastagi.policy.model import Reason, Then, Verdict
from fastagi.stores.store import Full, Hold, Lease, NotSignedIn

if TYPE_CHECKING:
    from fastagi.call.ending import Story
    from fastagi.call.identify import Caller
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Claim, Decision
    from fastagi.stores.store import Store, Taken

LEASE_MARGIN_S: Final = 60
"""A lease outlives its trunk leg's absolute timeout by this, so that it never ends first."""


def lease_of(
    site: str,
    caller: Caller,
    number: Number,
    decision: Decision,
    reference: str,
    now: float,
    sign_in: str = "",
) -> Lease:
    """Return the lease of a call that is let through from now on: a slot for each claim.

    Args:
        site: Whose call it is.
        caller: Who calls.
        number: Whom.
        decision: Why it is let through.
        reference: The decision's.
        now: The moment.
        sign_in: The id of the sign-in that is there; it counts where the decision hangs on it.
    """
    return Lease(
        site=site,
        call=caller.call,
        number=number.number,
        extension=caller.extension,
        country=number.country,
        category=number.category,
        channel=caller.channel,
        node=caller.node,
        rule=decision.rule,
        reference=reference,
        seconds=decision.seconds,
        since=now,
        expires=now + decision.seconds + LEASE_MARGIN_S,
        holds=tuple(_hold(claim) for claim in decision.claims),
        sign_in=sign_in if decision.then is Then.SIGN_IN else "",
    )


async def admit(
    store: Store,
    site: str,
    caller: Caller,
    number: Number,
    decision: Decision,
    reference: str,
    now: float,
    sign_in: str = "",
) -> Taken | Full | NotSignedIn:
    """Take every slot that the decision claims, or none; of a call that asks again, swap them.

    Raises:
        StoreError: Whether slots were taken is unknown; the caller's hangup handler releases them.
    """
    lease = lease_of(site, caller, number, decision, reference, now, sign_in)
    return await soon(store.take(lease, now))


def needs_others(held: Lease, decision: Decision) -> bool:
    """Tell whether the slots that the decision claims are others than the call holds."""
    claimed = {(claim.limit, claim.key) for claim in decision.claims}
    return claimed != {(hold.limit, hold.key) for hold in held.holds}


def may_go_on(held: Lease, decision: Decision) -> bool:
    """Tell whether a call that was let through may ask for its next trunk.

    Not once its extension is locked out, or who let it through by signing in is signed in no more.
    """
    if decision.reason is Reason.LOCKED_OUT:
        return False
    return not held.sign_in or decision.reason is not Reason.SIGN_IN_REQUIRED


def again(held: Lease, caller: Caller, now: float) -> Ending:
    """Return the same ALLOW once more: the call holds its slots, and asks for its next trunk.

    Its next leg may live only so long that the lease still outlives it. Nobody rides on the lease
    of another extension.
    """
    if held.extension != caller.extension:
        return refused(Reason.BAD_QUESTION)
    seconds = min(held.seconds, int(held.expires - LEASE_MARGIN_S - now))
    if seconds <= 0:
        return refused(Reason.LIMIT_REACHED, held.rule)
    return Ending(Verdict.ALLOW, held.rule, Reason.ALLOWED, seconds)


def admitted(
    taken: Taken | Full | NotSignedIn,
    caller: Caller,
    decision: Decision,
    story: Story,
    now: float,
) -> Ending:
    """Return how a call ends that asked for its slots."""
    if isinstance(taken, NotSignedIn):
        return refused(Reason.SIGN_IN_REQUIRED, decision.rule)
    if isinstance(taken, Full):
        return refused(Reason.LIMIT_REACHED, taken.limit)
    story.over = taken.over
    if not taken.fresh:
        return again(taken.lease, caller, now)
    story.taken = taken.lease
    return Ending(Verdict.ALLOW, decision.rule, decision.reason, decision.seconds)


def allowance(ending: Ending, number: Number, call: str, reference: str) -> dict[Variable, str]:
    """Return the variables of an ALLOW, the verdict last."""
    return {
        Variable.REASON: ending.reason,
        Variable.RULE: ending.rule,
        Variable.REF: reference,
        Variable.NUMBER: number.number,
        Variable.CATEGORY: number.category,
        Variable.COUNTRY: number.country,
        Variable.SECONDS: str(ending.seconds),
        Variable.CALL: call,
        Variable.VERDICT: "ALLOW",
    }


def _hold(claim: Claim) -> Hold:
    return Hold(claim.limit, claim.key, claim.calls, shadow=claim.shadow)
