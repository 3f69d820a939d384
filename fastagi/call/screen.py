"""What was dialled, what is known, and what the policy says of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from fastagi.call import brakes, evidence
from fastagi.call.admit import lease_of
from fastagi.call.asked import asked_of, marks_of, notes_of, novel_of, over_of
from fastagi.call.ports import Reports, soon
from fastagi.call.sign_in import counting_for
from fastagi.policy.asking import question_of
from fastagi.policy.decision import class_of, decide, is_known
from fastagi.policy.model import Factor, Facts, Request, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.call.identify import Caller
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Decision, Policy
    from fastagi.stores.budgets import Level
    from fastagi.stores.records import Record
    from fastagi.stores.sign_ins import SignIn
    from fastagi.stores.store import Full, Lease, Lockout, Looked, NotSignedIn, Store, Taken


NOTHING: Final = Reports()


@dataclass(frozen=True, slots=True)
class Screened:
    """A call as the policy sees it.

    Attributes:
        held: The lease this very call holds already: it asks again, for its next trunk.
        lockout: The extension's, if it is locked out.
        taken: What became of the slots of a call that was let through in the same step; None
            where it was not tried, and nothing was taken.
        sign_in: The one that counts for this call; None where nobody is signed in on the phone.
        levels: What was used of the limits that the decision hangs on, before this call.
        marks: Those that were there before it, by their keys, of those that the decision hangs on.
    """

    request: Request
    facts: Facts
    decision: Decision
    held: Lease | None
    lockout: Lockout | None
    taken: Taken | Full | NotSignedIn | None = None
    sign_in: SignIn | None = None
    levels: tuple[Level, ...] = ()
    marks: Mapping[str, Record] = field(default_factory=dict)


def address_scope(caller: Caller) -> str:
    """Name the place that remembered factors are bound to."""
    return f"address:{caller.address}"


def call_scope(caller: Caller, number: Number) -> str:
    """Name the call that shown factors are bound to: one channel of one Asterisk, one number."""
    return f"call:{caller.call}/{number.number}/{caller.node}"


def request_of(
    policy: Policy, caller: Caller, number: Number, now: float, reports: Reports = NOTHING
) -> Request:
    """Put the call as a question to the policy."""
    return Request(
        extension=caller.extension,
        number=number,
        at=datetime.fromtimestamp(now, policy.site.timezone),
        address=caller.address,
        transport=caller.transport,
        trunk=caller.trunk,
        transferred=caller.transferred,
        off_net=caller.transferred and not _is_inside(policy, caller.party),
        number_reported=reports.number,
        address_reported=reports.address,
    )


def _is_inside(policy: Policy, party: str) -> bool:
    """Tell whether whoever talks is one of the site's: who is not known, is not.

    A pattern that takes all would take no name as well.
    """
    return bool(party) and is_known(policy, party, class_of(policy, party))


async def screen(
    policy: Policy,
    caller: Caller,
    number: Number,
    store: Store,
    now: float,
    reference: str | None = None,
    slice_s: int = 0,
    reports: Reports = NOTHING,
) -> Screened:
    """Gather what is known, and decide; and take the call's slots at once, where it may be.

    Most calls pass without a challenge, and nothing is known against them. So the call is decided
    before anything is known, as if all was well; the store takes its slots in the same step if all
    is well indeed. If not, the call is decided by what is known, and nothing was taken.

    Args:
        policy: The site's.
        caller: Who calls.
        number: Whom.
        store: Where it is known.
        now: The moment; if slots are taken, it is then.
        reference: The decision's, where slots may be taken; None where they may not.
        slice_s: As of `admit.lease_of`.
        reports: What others report of number and address.

    Raises:
        StoreError: Nothing is known; the call cannot be let through. Whether slots were taken is
            unknown; the caller's hangup handler releases them.
    """
    request = request_of(policy, caller, number, now, reports)
    question = question_of(policy, request)
    wanted = None
    if reference is not None:
        expected = decide(policy, request, Facts())
        if expected.verdict is Verdict.ALLOW:
            wanted = lease_of(
                policy.site.name,
                caller,
                number,
                expected,
                reference,
                now,
                slice_s=slice_s,
                notes=notes_of(policy, caller.extension, number, now),
            )
    known = await soon(
        store.known(
            policy.site.name,
            caller.extension,
            str(caller.address),
            number.country,
            caller.call,
            number.number,
            caller.node,
            now,
            wanted,
            asked_of(question, caller.extension, number, looked_for(policy, request)),
        )
    )
    sign_in = counting_for(caller, known.sign_ins, policy.sign_in)
    facts = Facts(
        locked_out=known.lockout is not None,
        shown=frozenset(map(Factor, known.shown_at)),
        proven_s={Factor(name): now - at for name, at in known.proven_at.items()},
        signed_in=sign_in is not None,
        known_country=known.known_country,
        novel=novel_of(question, caller.extension, number, known),
        over=over_of(known),
        braked=brakes.braked(policy, request, known.records),
        watched=evidence.watched(policy, request, known.records),
    )
    # What was taken was taken for what is decided here: what was shown besides asks for no less.
    decision = decide(policy, request, facts)
    return Screened(
        *(request, facts, decision, known.lease, known.lockout, known.taken, sign_in),
        levels=known.levels,
        marks=marks_of(known),
    )


def looked_for(policy: Policy, request: Request) -> tuple[Looked, ...]:
    """Return the records that a decision hangs on: of the brake, and of what watches saw."""
    return (*brakes.looked_for(policy, request), *evidence.looked_for(policy, request))


def may_change(policy: Policy, request: Request) -> bool:
    """Tell whether a call hangs on what others of the same moment bring about."""
    return bool(question_of(policy, request).budgets or looked_for(policy, request))


def lifted(policy: Policy, screened: Screened) -> Decision | None:
    """Decide as if an operator let the call through; None where that changes nothing."""
    if screened.decision.verdict is Verdict.ALLOW:
        return None
    decision = decide(policy, screened.request, replace(screened.facts, overridden=True))
    return decision if decision.verdict is Verdict.ALLOW else None


def decide_again(policy: Policy, screened: Screened, shown: frozenset[Factor]) -> Decision:
    """Decide with the factors the caller has just shown."""
    facts = replace(screened.facts, shown=screened.facts.shown | shown)
    return decide(policy, screened.request, facts)
