"""The story of a call in a rehearsal: what `call.flow` tells, with nobody to wait for.

    (trap) → screen → challenge → admit | refuse → (brake)

Step by step it is the same story, told of the same decisions; what the gate asks a store for is
looked up in memory. No operator overrides anything here, no `[[watch]]` sees anything, and all of
it happens at the moment at which the dialplan asks: no time passes while codes are keyed. Longer
than other files, as `call.flow` is, beside which it is read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from fastagi.call.admit import again, may_go_on, needs_others
from fastagi.call.brake import Hit
from fastagi.call.ending import Ending, refused
from fastagi.call.flow import SAME_CALL_S
from fastagi.call.guess import asked_anywhere, penalty_of, source_of
from fastagi.policy.limits import putting_brake_on, under_shadow
from fastagi.policy.model import Reason, Verdict
from fastagi.rehearsal.alike import ALL_IS_WELL, NO_FACTOR, NONE, NOTHING_NEW, Known
from fastagi.rehearsal.failures import Failures
from fastagi.rehearsal.leases import Got, Leases
from fastagi.rehearsal.remembered import Brakes, Dialled, Proofs
from fastagi.rehearsal.sign_ins import SignIns, place_of
from fastagi.rehearsal.wanted import Outcome
from fastagi.stores.store import FailureKind, Full, Subject, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.call.brake import Brake
    from fastagi.policy.model import Decision, Factor, Policy
    from fastagi.policy.scope import Novelty
    from fastagi.rehearsal.leases import CallName, Held
    from fastagi.rehearsal.prospects import Judged, Prospect
    from fastagi.rehearsal.sign_ins import SignedIn
    from fastagi.rehearsal.wanted import Wanted
    from fastagi.rehearsal.wishes import Wish
    from fastagi.stores.sign_ins import Origin


@dataclass(slots=True)
class Asked:
    """A call that asks, and what became known of it on the way."""

    wanted: Wanted
    prospect: Prospect
    name: CallName
    at: float
    decision: Decision | None = None
    sign_in: SignedIn | None = None
    asked: tuple[Factor, ...] = ()
    shown: frozenset[Factor] = NO_FACTOR
    over: tuple[str, ...] = ()
    braking: tuple[str, ...] = ()
    brakes: tuple[Brake, ...] = ()
    held: Held | None = None
    taken: Held | None = None
    marks: Mapping[str, float] = field(default_factory=dict)

    @property
    def origin(self) -> Origin:
        """Where the phone is."""
        return place_of(self.wanted.address, self.wanted.transport)


class Screened(NamedTuple):
    """A call as the policy sees it; see `call.screen.Screened`."""

    known: Known
    judged: Judged
    held: Held | None
    taken: Got | Full | None = None


class Stories:
    """All that the stories of one rehearsal are told with, and what they leave behind."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._most_asked = asked_anywhere(policy)
        self.leases = Leases()
        self.failures = Failures(penalty_of(policy))
        self.sign_ins = SignIns(policy)
        self.proofs = Proofs(policy)
        self.dialled = Dialled()
        self.brakes = Brakes(policy)

    def tell(self, call: Asked) -> Outcome:
        """Tell how a call ends that is settled by nothing but what is known of it."""
        screened = self._screen(call, may_take=True)
        call.decision = screened.judged.decision
        ending = self._screened(call, screened)
        if _is_hit(call, screened, ending):
            ending = self._braked(call, screened, ending)
        decision = call.decision
        return Outcome(
            call.prospect.number,
            ending.verdict,
            ending.rule,
            ending.reason,
            decision,
            call.asked,
            ending.seconds,
            decision.tariff,
            call.over,
            tuple((each.stage, each.name) for each in call.brakes),
            call.held is None or call.held is call.taken,
        )

    def tidy(self, now: float) -> None:
        """Forget what counts no more; no answer changes by that."""
        for each in (self.leases, self.failures, self.sign_ins, self.proofs):
            each.tidy(now)

    # ------------------------------------------------------------------ screen

    def _screen(self, call: Asked, *, may_take: bool = False) -> Screened:
        """Gather what is known, and decide; and take the call's slots at once, where it may be."""
        prospect, now, extension = call.prospect, call.at, call.wanted.extension
        held = self.leases.find(call.name)
        known_country = self.dialled.knows(extension, prospect.number.country)
        locked_out = self.failures.is_locked_out(extension, now)
        over = self._over(prospect, held, now) if prospect.dues else NONE
        novel = self._novel(prospect, now) if prospect.marks else NOTHING_NEW
        braked = None
        if prospect.brakes and self.brakes:
            braked = self.brakes.stage(prospect.brakes, now)
        is_well = known_country and not (locked_out or over or novel or braked)
        known = ALL_IS_WELL
        if not is_well:
            known = Known(
                locked_out=locked_out,
                known_country=known_country,
                novel=novel,
                over=over,
                braked=braked,
            )
        if self.sign_ins:
            call.sign_in = self.sign_ins.counting(extension, call.origin, now)
            known = known._replace(signed_in=call.sign_in is not None)
        if self.proofs:
            shown = self.proofs.shown(_call_scope(call), now)
            proven_s = self.proofs.proven_s(prospect.scope, now)
            if shown or proven_s:
                known = known._replace(shown=shown, proven_s=proven_s)
        taken = None
        if may_take and is_well and held is None:
            wish = prospect.judged().wish
            if wish is not None:
                taken = self.leases.take(wish, call.name, call.sign_in, now)
        return Screened(known, prospect.judged(known), held, taken)

    def _over(self, prospect: Prospect, held: Held | None, now: float) -> frozenset[str]:
        """Return the limits, of those that the decision hangs on, of which nothing is left."""
        used = self.leases.used_by_others
        return frozenset(
            due.budget.limit for due in prospect.dues if used(due, held, now) >= due.most
        )

    def _novel(self, prospect: Prospect, now: float) -> frozenset[Novelty]:
        """Return what is new of a call, of that which the decision hangs on."""
        has = self.dialled.has
        return frozenset(novelty for novelty, mark in prospect.marks if not has(mark, now))

    def _screened(self, call: Asked, screened: Screened) -> Ending:
        decision = screened.judged.decision
        if screened.taken is not None:
            return self._admitted(call, decision, screened.taken)
        held = screened.held
        if held is not None and may_go_on(held.lease(), decision):
            return self._again(call, held, screened)
        if decision.verdict is Verdict.CHALLENGE:
            answered = self._challenge(call, screened)
            if isinstance(answered, Reason):
                return refused(answered, decision.rule)
            call.decision = answered.decision
            return self._conclude(call, answered)
        return self._conclude(call, screened.judged)

    def _again(self, call: Asked, held: Held, screened: Screened) -> Ending:
        """Let a call go on to its next trunk, with the slots that it needs there."""
        call.held = held
        ending = again(held.lease(), call.prospect.caller, call.at)
        judged = screened.judged
        if judged.decision.verdict is not Verdict.ALLOW:
            # What asks for a code lets it go on; its next trunk's slots it needs all the same.
            judged = call.prospect.judged(screened.known._replace(braked=None, overridden=True))
        decision = judged.decision
        if not (ending.verdict is decision.verdict is Verdict.ALLOW):
            return ending
        if not needs_others(held.lease(), decision):
            return ending
        return self._conclude(call, judged)

    # ------------------------------------------------------------------ challenge

    def _challenge(self, call: Asked, screened: Screened) -> Judged | Reason:
        asks = screened.judged.decision.asks
        call.asked = tuple(dict.fromkeys((*call.asked, *asks)))
        wanted, extension, now = call.wanted, call.wanted.extension, call.at
        address = call.prospect.address
        wrong = self.challenge(
            extension, address, asks, wanted.can_show, now, silent=wanted.silent
        )
        if wrong is not None:
            return wrong
        self.proofs.remember(_call_scope(call), asks, now, now + SAME_CALL_S)
        remember_s = screened.judged.decision.remember_s
        if remember_s and address is not None:
            self.proofs.remember(call.prospect.scope, asks, now, now + remember_s)
        call.shown |= frozenset(asks)
        anew = self._screen(call)
        known, first = anew.known, screened.known
        judged = call.prospect.judged(
            known._replace(
                shown=known.shown | call.shown,
                # A call that was given back is known no better by what it left itself.
                novel=known.novel | first.novel,
                known_country=known.known_country and first.known_country,
            )
        )
        if judged.decision.verdict is Verdict.CHALLENGE:
            return Reason.WRONG_CODE
        return judged

    def challenge(
        self,
        extension: str,
        address: IPv4Address | IPv6Address | None,
        asks: Sequence[Factor],
        can_show: frozenset[Factor],
        now: float,
        *,
        silent: bool = False,
    ) -> Reason | None:
        """Ask for factors; return why they were not shown, or None where they were.

        Everybody is enrolled, with all there is. Who cannot show one of them keys something wrong
        as often as they may.
        """
        if silent:
            return Reason.NO_DIGITS
        subjects = _subjects(self._policy, extension, address)
        for _ in range(self._policy.challenge.tries):
            begun = self.failures.begin(subjects, FailureKind.CODE, now)
            if begun is None:
                return Reason.LOCKED_OUT
            for each in begun.locked_out:
                self.sign_ins.lock_out(each, begun.id)
            if can_show.issuperset(asks):
                anew = self._most_asked.issubset(asks)
                for each in begun.locked_out:
                    self.sign_ins.undo(each, begun.id)
                self.failures.succeed(begun, now, anew=anew)
                return None
        return Reason.WRONG_CODE

    # ------------------------------------------------------------------ admit, refuse

    def _conclude(self, call: Asked, judged: Judged) -> Ending:
        decision = judged.decision
        if judged.wish is not None:
            return self._admitted(call, decision, self._take(call, judged.wish))
        if decision.reason is Reason.INVALID_NUMBER:
            self._hold_against(call)
        return refused(decision.reason, decision.rule)

    def _hold_against(self, call: Asked) -> None:
        """Count a number that means nothing as a failure."""
        extension = call.wanted.extension
        subject = Subject(SubjectKind.EXTENSION, extension, self._policy.lockout.invalid)
        begun = self.failures.begin((subject,), FailureKind.NUMBER, call.at)
        for each in () if begun is None else begun.locked_out:
            self.sign_ins.lock_out(each, -1)

    def _take(self, call: Asked, wish: Wish) -> Got | Full:
        held = self.leases.find(call.name)
        if held is None:
            return self.leases.take(wish, call.name, call.sign_in, call.at)
        return self.leases.take_others(held, wish, call.sign_in, call.at)

    def _admitted(self, call: Asked, decision: Decision, taken: Got | Full) -> Ending:
        """Return how a call ends that asked for its slots; see `call.admit.admitted`."""
        if isinstance(taken, Full):
            slots = taken.unit is None
            return refused(Reason.LIMIT_REACHED if slots else Reason.BUDGET_REACHED, taken.limit)
        if decision.over or taken.over:
            call.over = under_shadow(self._policy, (*decision.over, *taken.over))
            call.braking = putting_brake_on(self._policy, taken.over)
        held = taken.held
        if not taken.fresh:
            return again(held.lease(), call.prospect.caller, call.at)
        call.held = call.taken = held
        prospect = call.prospect
        if call.braking:
            call.marks = self.dialled.there((each for _, each in prospect.marks), call.at)
        self.dialled.leave(prospect.extension, prospect.number.country, prospect.leaves, call.at)
        return Ending(Verdict.ALLOW, decision.rule, decision.reason, held.seconds)

    def _give_back(self, call: Asked, taken: Held) -> None:
        """Give back what was taken, with the marks that it left: no call was let through."""
        self.leases.release(taken, 0, call.at)
        self.dialled.take_back(call.prospect.leaves, call.marks)
        call.taken = call.held = None
        call.over = call.braking = ()

    # ------------------------------------------------------------------ brake

    def _braked(self, call: Asked, screened: Screened, ending: Ending) -> Ending:
        """Put the brake on, as the call hit it, and judge the call anew if it was let through."""
        cause = call.braking[0] if call.braking else ending.rule
        hit = Hit(call.wanted.extension, cause, call.wanted.call, "")
        call.brakes = tuple(self.brakes.hit(hit, call.at))
        if ending.verdict is not Verdict.ALLOW:
            return ending
        known = screened.known
        known = known._replace(
            braked=call.brakes[-1].stage,
            overridden=screened.held is not None,
            shown=known.shown | call.shown,
        )
        judged = call.prospect.judged(known)
        if judged.decision.verdict is Verdict.ALLOW:
            return ending
        if call.taken is None:  # it goes on to its next trunk: nobody is asked on the way
            return refused(Reason.BRAKED, "brake")
        return self._step_back(call, Screened(known, judged, screened.held), call.taken)

    def _step_back(self, call: Asked, screened: Screened, taken: Held) -> Ending:
        """Give back what a call took that is not let through after all, or not as it is."""
        self._give_back(call, taken)
        decision = screened.judged.decision
        if decision.verdict is Verdict.DENY:
            return refused(decision.reason, decision.rule)
        answered = self._challenge(call, screened)
        if isinstance(answered, Reason):
            return refused(answered, decision.rule)
        call.decision = answered.decision
        return self._conclude(call, answered)


def _is_hit(call: Asked, screened: Screened, ending: Ending) -> bool:
    """Tell whether the call puts the brake on; see `call.flow`."""
    decision = call.decision
    if decision is not None and decision.puts_brake_on:
        return ending.verdict is Verdict.DENY and ending.rule == decision.rule
    return bool(call.braking) and screened.known.braked is None


def _subjects(
    policy: Policy, extension: str, address: IPv4Address | IPv6Address | None
) -> tuple[Subject, ...]:
    """Return whom a wrong code is held against; see `call.guess.subjects_of`."""
    own = Subject(SubjectKind.EXTENSION, extension, policy.lockout.wrong)
    if address is None:
        return (own,)
    allowed = policy.lockout.wrong_from_address
    return (own, Subject(SubjectKind.ADDRESS, source_of(address), allowed))


def _call_scope(call: Asked) -> tuple[str, ...]:
    return (call.wanted.extension, *call.name)
