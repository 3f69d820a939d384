"""Letting a call through: its slots are taken first, all or none; only then is ALLOW said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call.channel import Variable
from fastagi.call.ending import Ending, refused
from fastagi.call.ports import soon
from fastagi.policy.limits import LEAST_S as LEAST_S
from fastagi.policy.limits import putting_brake_on, under_shadow
from fastagi.policy.model import Reason, Then, Verdict
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.store import Full, Hold, Lease, NotSignedIn

if TYPE_CHECKING:
    from fastagi.call.ending import Story
    from fastagi.call.identify import Caller
    from fastagi.numbering.number import Number
    from fastagi.policy.model import BudgetClaim, Claim, Decision
    from fastagi.stores.store import Note, Store, Taken

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
    slice_s: int = 0,
    notes: tuple[Note, ...] = (),
) -> Lease:
    """Return the lease of a call that is let through from now on: a slot for each claim.

    What its budgets are charged for the whole call is reserved at once, or for a slice of it.

    Args:
        site: Whose call it is.
        caller: Who calls.
        number: Whom.
        decision: Why it is let through.
        reference: The decision's.
        now: The moment.
        sign_in: The id of the sign-in that is there; it counts where the decision hangs on it.
        slice_s: For how many seconds to reserve, as more are reserved before they are over; 0
            where nobody would see to that.
        notes: What it leaves behind.
    """
    seconds, longest_s = decision.seconds, 0
    if slice_s and is_metered(decision):
        seconds, longest_s = min(slice_s, seconds), seconds
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
        seconds=seconds,
        since=now,
        expires=now + seconds + LEASE_MARGIN_S,
        holds=tuple(_hold(claim) for claim in decision.claims),
        sign_in=sign_in if decision.then is Then.SIGN_IN else "",
        budgets=tuple(budget_of(claim) for claim in decision.budgets),
        tariff=decision.tariff,
        longest_s=longest_s,
        least_s=LEAST_S,
        notes=notes,
    )


def is_metered(decision: Decision) -> bool:
    """Tell whether how long the call lasts is charged to a budget that could end it."""
    return any(Unit(each.unit).is_reserved and not each.shadow for each in decision.budgets)


async def admit(
    store: Store,
    site: str,
    caller: Caller,
    number: Number,
    decision: Decision,
    reference: str,
    now: float,
    sign_in: str = "",
    slice_s: int = 0,
    notes: tuple[Note, ...] = (),
) -> Taken | Full | NotSignedIn:
    """Take every slot and budget that the decision claims, or none; see `Leases.take`.

    Raises:
        StoreError: Whether slots were taken is unknown; the caller's hangup handler releases them.
    """
    lease = lease_of(site, caller, number, decision, reference, now, sign_in, slice_s, notes)
    return await soon(store.take(lease, now))


def needs_others(held: Lease, decision: Decision) -> bool:
    """Tell whether the call needs other slots than it holds, or budgets that it is not charged to.

    What it is charged to and needs no more stays as it is.
    """
    claimed = {(claim.limit, claim.key) for claim in decision.claims}
    budgets = {budget_of(claim).window for claim in decision.budgets}
    return claimed != {(hold.limit, hold.key) for hold in held.holds} or not (
        budgets <= {budget.window for budget in held.budgets}
    )


def may_go_on(held: Lease, decision: Decision) -> bool:
    """Tell whether a call that was let through may ask for its next trunk.

    Not once its extension is locked out, or the brake is on and lets none through, or a watch
    saw an attack and lets none through; or who let it through by signing in is signed in no more.
    """
    if decision.reason in (Reason.LOCKED_OUT, Reason.BRAKED, Reason.WATCHED):
        return False
    return not held.sign_in or decision.reason is not Reason.SIGN_IN_REQUIRED


def again(held: Lease, caller: Caller, now: float) -> Ending:
    """Return the same ALLOW once more: the call holds its slots, and asks for its next trunk.

    Its next leg may live only so long that the lease still outlives it, and that what is reserved
    lasts: for so many seconds from when the lease was taken, though it was renewed since. Nobody
    rides on the lease of another extension.
    """
    if held.extension != caller.extension:
        return refused(Reason.BAD_QUESTION)
    seconds = min(held.seconds, int(held.expires - LEASE_MARGIN_S - now))
    if held.budgets:
        seconds = min(seconds, int(held.since + held.seconds - now))
    if seconds <= 0:
        return refused(Reason.BUDGET_REACHED, held.rule)
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
        story.full = taken
        slots = taken.unit is None
        return refused(Reason.LIMIT_REACHED if slots else Reason.BUDGET_REACHED, taken.limit)
    if story.policy is not None:
        story.over = under_shadow(story.policy, (*decision.over, *taken.over))
        story.braking = putting_brake_on(story.policy, taken.over)
    story.crossed = taken.crossed
    story.lease = taken.lease
    if not taken.fresh:
        story.again = True
        return again(taken.lease, caller, now)
    story.taken = taken.lease
    return Ending(Verdict.ALLOW, decision.rule, decision.reason, taken.lease.seconds)


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


def budget_of(claim: BudgetClaim) -> Budget:
    """Put what a call needs of a budget into the store's words."""
    return Budget(
        claim.limit,
        claim.key,
        Unit(claim.unit),
        claim.most,
        claim.within_s,
        shadow=claim.shadow,
        item=claim.item,
    )
