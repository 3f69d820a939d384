"""A call that has its answer, judged once more: by the policy that is in shadow.

By the very steps that judge it when the policy is in force (`call.screen`, `call.admit`), so that
the two cannot drift apart. Slots, budgets, what is new and what is braked are the shadow's own;
who is locked out, signed in, remembered, or seen to be attacked is as the live story knew it.

Whether a caller could have shown what only the shadow asks for nobody knows. They are taken to be
able to; but for those who could not show what was asked of them indeed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fastagi.call import brakes
from fastagi.call.admit import admit, admitted, again, may_go_on
from fastagi.call.asked import notes_of
from fastagi.call.ending import Ending, Story, refused
from fastagi.call.flow import is_hit
from fastagi.call.ports import Reports, soon
from fastagi.call.record import record_of
from fastagi.call.release import unmark
from fastagi.call.screen import decide_again, request_of, screen
from fastagi.numbering.number import Category
from fastagi.policy.decision import TRAPPED, decide
from fastagi.policy.model import Facts, Reason, Verdict
from fastagi.policy.traps import is_touched
from fastagi.shadows.differences import Difference, kind_of
from fastagi.stores.shadows import shadow_of

if TYPE_CHECKING:
    from fastagi.call.identify import Caller
    from fastagi.call.ports import Lived
    from fastagi.call.screen import Screened
    from fastagi.decision_log.record import Record
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.stores.store import Lease, Store

UNJUDGED: Final = frozenset(
    {
        Reason.BAD_QUESTION,
        Reason.BUSY,
        Reason.EMERGENCY,
        Reason.FAILED,
        Reason.NO_IDENTITY,
        Reason.STORE_DOWN,
    }
)
"""No policy says that, or none could have: there is nothing to hold against one another."""

NOT_SHOWN: Final = frozenset(
    {Reason.HUNG_UP, Reason.NO_DIGITS, Reason.NOT_ENROLLED, Reason.WRONG_CODE}
)
"""The caller could not show what was asked."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A call as it was lived, and the terms that it was let through on.

    Attributes:
        story: What became known of it; changed no more.
        caller: Who called.
        record: What went on record.
        now: The moment at which it is judged.
        slice_s: For how long budgets are reserved at a time.
        will_end: Whether its end is here already, and comes in its turn.
    """

    story: Lived
    caller: Caller
    record: Record
    now: float
    slice_s: int = 0
    will_end: bool = False

    @property
    def was_let_through(self) -> bool:
        """Whether there is a call that will end."""
        return self.record.verdict is Verdict.ALLOW

    @property
    def reports(self) -> Reports:
        """What others report of it, as it was known then: for a shadow nobody is asked."""
        request = self.story.request
        if request is None:
            return Reports()
        return Reports(request.number_reported, request.address_reported)


def is_judged(record: Record) -> bool:
    """Tell whether a policy could have said what went on record.

    Not of who hung up before anybody asked anything: that may have been let through.
    """
    if record.reason is Reason.HUNG_UP and not record.asked:
        return False
    return record.reason not in UNJUDGED


def in_shadow(policy: Policy) -> Policy:
    """Return a policy that counts under a name of its own, and nowhere else."""
    return replace(policy, site=replace(policy.site, name=shadow_of(policy.site.name)))


async def judge(policy: Policy, heard: Heard, store: Store) -> Difference | None:
    """Judge a call by a policy in shadow; return how that differs, None where it does not.

    Args:
        policy: As of `in_shadow`.
        heard: The call.
        store: Where both count.

    Raises:
        StoreError: The store was away; what the call would hold is unknown, and ends by itself.
    """
    live = heard.story
    story = Story(
        call=live.call,
        claimed_extension=live.claimed_extension,
        claimed_number=live.claimed_number,
        reference=live.reference,
        began=live.began,
        policy=policy,
        caller=heard.caller,
        number=policy.plan.read(live.claimed_number),
    )
    ending = await _ending(policy, heard, story, store)
    # Nobody talks who was refused: what the shadow would let through holds nothing.
    if story.taken is not None and not heard.was_let_through:
        await _give_back(store, story.taken, heard)
    elif story.taken is not None and not heard.will_end:
        await _end_if_over(store, story.taken, heard)
    written = replace(
        record_of(story, ending, heard.record.at), site=heard.record.site, waited_s=0
    )
    longest = (_longest_s(story.taken), _longest_s(live.taken))
    kind = kind_of(written, heard.record, *longest)
    return None if kind is None else Difference(kind, written, heard.record, *longest)


async def _ending(policy: Policy, heard: Heard, story: Story, store: Store) -> Ending:
    caller, number = heard.caller, story.number
    assert number is not None  # noqa: S101 - it was read above
    if number.category is Category.EMERGENCY:
        return Ending(Verdict.ALLOW, Category.EMERGENCY, Reason.EMERGENCY)
    if is_touched(policy, caller.extension, number):
        return refused(TRAPPED.reason, TRAPPED.rule)
    if number.category is Category.INTERNAL:
        request = request_of(policy, caller, number, story.began, heard.reports)
        inside = decide(policy, request, Facts())
        if inside.verdict is Verdict.ALLOW:
            return Ending(Verdict.ALLOW, inside.rule, inside.reason)
    screened = await screen(policy, caller, number, store, story.began, reports=heard.reports)
    screened = _as_live_knew(policy, screened, heard)
    ending = await _screened(policy, heard, number, screened, story, store)
    if is_hit(screened, story, ending):
        return await _braked(policy, heard, screened, story, ending, store)
    return ending


def _as_live_knew(policy: Policy, screened: Screened, heard: Heard) -> Screened:
    """Put in what the live story knew of the call as it began, before it left its own traces."""
    facts = Facts() if heard.story.known is None else heard.story.known
    known = replace(
        facts,
        known_country=facts.known_country or screened.facts.known_country,
        overridden=bool(heard.story.override),
        novel=screened.facts.novel,
        over=screened.facts.over,
        braked=screened.facts.braked,
    )
    return replace(screened, facts=known, decision=decide(policy, screened.request, known))


async def _screened(
    policy: Policy, heard: Heard, number: Number, screened: Screened, story: Story, store: Store
) -> Ending:
    decision, held = screened.decision, screened.held
    if held is not None and decision.verdict is not Verdict.ALLOW and may_go_on(held, decision):
        story.lease = held
        return again(held, heard.caller, heard.record.at)
    if decision.verdict is Verdict.CHALLENGE:
        story.asked = decision.asks
        if heard.record.reason in NOT_SHOWN:
            return refused(heard.record.reason, decision.rule)
        story.shown = frozenset(decision.asks)
        decision = decide_again(policy, screened, story.shown)
    story.decision = decision
    if decision.verdict is not Verdict.ALLOW:
        return refused(decision.reason, decision.rule)
    at = heard.record.at
    # What nobody calls leaves no mark.
    notes = notes_of(policy, heard.caller.extension, number, at) if heard.was_let_through else ()
    taken = await admit(
        store,
        policy.site.name,
        heard.caller,
        number,
        decision,
        story.reference,
        at,
        slice_s=heard.slice_s,
        notes=notes,
    )
    return admitted(taken, heard.caller, decision, story, at)


async def _braked(
    policy: Policy, heard: Heard, screened: Screened, story: Story, ending: Ending, store: Store
) -> Ending:
    """Put the shadow's brake on, and judge the call anew if it was let through."""
    over, caller = story.braking, heard.caller
    cause = over[0] if over else ending.rule
    hit = brakes.Hit(
        caller.extension, cause, story.call, story.reference, alone=caller.transferred
    )
    on = await brakes.hit(store, policy, hit, heard.record.at)
    story.brakes = tuple(on)
    if ending.verdict is not Verdict.ALLOW:
        return ending
    facts = replace(screened.facts, braked=on[-1].stage)
    decision = decide_again(policy, replace(screened, facts=facts), story.shown)
    if decision.verdict is Verdict.CHALLENGE:  # which is shown, as all else is
        story.asked = tuple(dict.fromkeys((*story.asked, *decision.asks)))
    if decision.verdict is not Verdict.DENY:
        return ending
    if story.taken is not None:
        await _give_back(store, story.taken, heard)
        at = heard.record.at
        notes = notes_of(policy, caller.extension, screened.request.number, at)  # as the gate
        await unmark(store, policy.site.name, notes, screened.marks, at)
    story.taken, story.lease, story.over = None, None, ()
    return refused(decision.reason, decision.rule)


async def _end_if_over(store: Store, taken: Lease, heard: Heard) -> None:
    """End what a call took in shadow that was over before.

    Its end may have come to another worker, and have been done there before it was judged here.
    """
    live = heard.story.lease
    if live is None:
        return
    of_call = (taken.call, taken.number, taken.node)
    known = await soon(store.known(live.site, "", "", "", *of_call, heard.now))
    if known.lease is None:
        await soon(store.release(taken.site, *of_call, heard.now))


async def _give_back(store: Store, taken: Lease, heard: Heard) -> None:
    of = (taken.site, taken.call, taken.number, taken.node)
    await soon(store.release(*of, heard.record.at, 0))


def _longest_s(taken: Lease | None) -> int:
    """Return the most seconds that a lease may come to; 0 where none was taken just now."""
    return 0 if taken is None else taken.longest_s or taken.seconds
