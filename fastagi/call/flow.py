"""The story of a call, and nothing but the story. Start reading here.

    identify → (trap) → screen → (override) → challenge → admit | refuse → (brake) → release

An emergency call is settled before any of it, and an inside call that no rule forbids needs no
store: both pass whatever else is broken. Anything that goes wrong on the way is a DENY on record:
this is the one place that catches everything. Longer than other files, as a story that is told in
two places is read in neither.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

import structlog

from fastagi.call import brakes, evidence, overrides
from fastagi.call.admit import (
    admit,
    admitted,
    again,
    allowance,
    lease_of,
    may_go_on,
    needs_others,
)
from fastagi.call.asked import notes_of
from fastagi.call.challenge import challenge
from fastagi.call.channel import Argument, Script, Variable
from fastagi.call.costs import nearly_used_up
from fastagi.call.crowd import Crowd
from fastagi.call.ending import Ending, Story, refused
from fastagi.call.guess import Guesser, penalty_of
from fastagi.call.identify import identify
from fastagi.call.mishap import mishap
from fastagi.call.ports import soon
from fastagi.call.reception import Reception
from fastagi.call.record import record_of
from fastagi.call.reference import References
from fastagi.call.refuse import refusal
from fastagi.call.release import end, release, take_back, unmark
from fastagi.call.screen import (
    address_scope,
    call_scope,
    decide_again,
    lifted,
    may_change,
    request_of,
    screen,
)
from fastagi.call.touched import touch_of
from fastagi.call.wary import Wary
from fastagi.errors import BusyError, ChannelError, StoreError
from fastagi.fair_line import Turns
from fastagi.numbering.number import Category
from fastagi.policy.decision import ALL_NEW, TRAPPED, decide, decide_without_store
from fastagi.policy.model import Facts, Reason, Verdict
from fastagi.policy.traps import is_touched
from fastagi.stores.store import FailureKind, Subject, SubjectKind

if TYPE_CHECKING:
    from fastagi.call.channel import Channel, Question
    from fastagi.call.evidence import Held
    from fastagi.call.guess import Shown
    from fastagi.call.identify import Caller
    from fastagi.call.ports import Ports, Reports
    from fastagi.call.screen import Screened
    from fastagi.call.stopgap import Stopgap
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Decision, Policy
    from fastagi.stores.store import Lease

SAME_CALL_S: Final = 120
"""How long a call that asks again, for its next trunk, need not show its factors again."""

AT_ONCE: Final = 8
"""Calls that are screened at a time: as many as make a store and a core busy, and no more, so that
whoever's turn comes next is done soon."""

WAITING: Final = 1_024
"""Calls that may wait for their turn; of a site that has most of them the newest is refused."""

PATIENCE_S: Final = 0.5
"""How long a call waits for its turn: with a store that is away no turn ends sooner."""

log = structlog.get_logger(__name__)


class Gate:
    """Answers the dialplan's questions."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._references = References()
        self._crowd = Crowd()
        self._reception = Reception(ports, self._crowd, self._references)
        self._wary = Wary()
        self._turns = Turns(AT_ONCE, WAITING, PATIENCE_S)
        self._answers = 0  # how often the store said what it knows of a call

    async def answer(self, question: Question, channel: Channel) -> None:
        """Answer one question of the dialplan, whatever happens."""
        match question.script:
            case Script.RELEASE:
                await self._release(question, channel)
            case Script.SIGN_IN | Script.SIGN_OFF | Script.SIGNED_IN:
                await self._reception.answer(question, channel)
            case _:
                await self._outbound(question, channel)

    # ------------------------------------------------------------------ outbound

    async def _outbound(self, question: Question, channel: Channel) -> None:
        story = self._begin(question)
        try:
            ending = await self._judge(question, channel, story)
            story.evidence = await self._evidence(story)
        except Exception as error:  # whatever broke is a DENY on record: no call goes without
            ending = refused(mishap(error, story), _rule(story))
        record = record_of(story, ending, self._ports.now())
        self._ports.decisions.record(record)
        await _say(channel, story, ending)
        _tell_of_budgets(story)
        self._ports.shadows.judged(story, record)
        if story.taken is not None and channel.hung_up:
            await take_back(self._ports, story.taken)

    def _reports(self, policy: Policy, caller: Caller, number: Number) -> Reports:
        """Return what others report of a call, as far as is known by now."""
        return self._ports.lookups.known(policy, caller.extension, number, caller.address)

    async def _evidence(self, story: Story) -> tuple[Held, ...]:
        """Return what watches saw of the extension, where one of them touches the call."""
        policy, caller, decision = story.policy, story.caller, story.decision
        if policy is None or caller is None or decision is None:
            return ()
        names = evidence.named_in(policy, decision)
        if not names:
            return ()
        return await evidence.of_call(
            self._ports.store, policy.site.name, caller.extension, names, self._ports.now()
        )

    def _begin(self, question: Question) -> Story:
        arguments = question.arguments
        return Story(
            call=question.uniqueid,
            claimed_extension=arguments.get(Argument.ENDPOINT, ""),
            claimed_number=arguments.get(Argument.DIALLED, ""),
            reference=self._references.next(),
            began=self._ports.now(),
        )

    async def _judge(self, question: Question, channel: Channel, story: Story) -> Ending:
        policy = self._ports.policies.of(question.arguments.get(Argument.SITE, ""))
        if question.script != Script.OUTBOUND or policy is None:
            return refused(Reason.BAD_QUESTION)
        story.policy = policy
        story.number = number = policy.plan.read(question.arguments.get(Argument.DIALLED, ""))
        if number.category is Category.EMERGENCY:
            return Ending(Verdict.ALLOW, Category.EMERGENCY, Reason.EMERGENCY)
        caller = identify(question)
        if isinstance(caller, Reason):
            return refused(caller)
        story.caller = caller
        if is_touched(policy, caller.extension, number):
            self._ports.sightings.see(touch_of(policy, caller, story.began))
            story.put(request_of(policy, caller, number, story.began), Facts())
            return refused(TRAPPED.reason, TRAPPED.rule)
        reports = self._reports(policy, caller, number)
        if number.category is Category.INTERNAL:
            request = request_of(policy, caller, number, story.began, reports)
            inside = decide(policy, request, Facts())
            if inside.verdict is Verdict.ALLOW:
                story.put(request, Facts())
                return Ending(Verdict.ALLOW, inside.rule, inside.reason)
        local = self._ports.local
        request = request_of(policy, caller, number, story.began, reports)
        alone = None if local is None else decide_without_store(policy, request)
        if local is None or alone is None:
            return await self._with_store(channel, policy, caller, number, story)
        answers = self._answers
        try:
            # No code is ever asked of such a call, so it waits for nothing but the store: once.
            ending = await soon(self._with_store(channel, policy, caller, number, story))
        except StoreError as error:
            others = self._answers - answers - (story.decision is not None)
            if isinstance(error.__cause__, TimeoutError) and others > 0:
                # It is not away, there are only too many who ask: nobody is to gain by a crowd.
                # What it was asked for it may have done all the same.
                story.in_doubt = True
                raise BusyError("the store answers others") from error
            cause = repr(error.__cause__)
            log.warning("without-store", call=story.call, error=str(error), cause=cause)
        else:
            self._wary.note(policy.site.name, caller.extension, ending, story.began)
            return ending
        story.put(request, ALL_NEW)
        return await self._without_store(local, policy, caller, number, alone, story)

    async def _with_store(
        self, channel: Channel, policy: Policy, caller: Caller, number: Number, story: Story
    ) -> Ending:
        async with self._turns.place(policy.site.name):
            screened = await screen(
                policy,
                caller,
                number,
                self._ports.store,
                story.began,
                story.reference,
                self._ports.slices.seconds(caller.node),
                self._reports(policy, caller, number),
            )
        self._answers += 1
        story.lockout = screened.lockout
        story.note(screened.sign_in)
        story.decision, story.levels = screened.decision, screened.levels
        story.put(screened.request, screened.facts)
        story.known, story.marks = screened.facts, screened.marks
        ending = await self._screened(channel, policy, caller, number, screened, story)
        ending = await self._looked_again(channel, policy, caller, number, screened, story, ending)
        if is_hit(screened, story, ending):
            return await self._braked(channel, policy, caller, number, screened, story, ending)
        return ending

    async def _screened(
        self,
        channel: Channel,
        policy: Policy,
        caller: Caller,
        number: Number,
        screened: Screened,
        story: Story,
    ) -> Ending:
        decision = screened.decision
        if screened.taken is not None:
            return admitted(screened.taken, caller, decision, story, story.began)
        held = screened.held
        if held is not None and may_go_on(held, decision):
            return await self._again(policy, caller, number, held, screened, story)
        let_through = await self._overridden(policy, caller, number, screened, story)
        if let_through is not None:
            return let_through
        if decision.verdict is Verdict.CHALLENGE:
            answered = await self._challenge(channel, policy, caller, screened, story)
            if isinstance(answered, Reason):
                return refused(answered, decision.rule)
            story.decision = decision = answered
        return await self._conclude(policy, caller, number, decision, story)

    async def _again(
        self,
        policy: Policy,
        caller: Caller,
        number: Number,
        held: Lease,
        screened: Screened,
        story: Story,
    ) -> Ending:
        """Let a call go on to its next trunk, with the slots that it needs there.

        What a rule says by now, other than ALLOW, is not held against a call that was let through.
        """
        story.lease, story.again = held, True
        ending = again(held, caller, self._ports.now())
        # What asks for a code lets it go on; its next trunk's slots it needs all the same.
        facts = replace(screened.facts, braked=None, watched=frozenset())
        freed = lifted(policy, replace(screened, facts=facts))
        decision = screened.decision if freed is None else freed
        if not (ending.verdict is decision.verdict is Verdict.ALLOW):
            return ending
        if not needs_others(held, decision):
            return ending
        ending = await self._admit(policy, caller, number, decision, story)
        if freed is not None and story.taken is not None:
            # It was over, just now: what let it through then does not let it through anew.
            await self._give_back(story, story.taken)
            return refused(Reason.BUDGET_REACHED, held.rule)
        return ending

    async def _overridden(
        self, policy: Policy, caller: Caller, number: Number, screened: Screened, story: Story
    ) -> Ending | None:
        """Let a call through that an operator lets through; None where it is judged as ever.

        It counts only once its use is counted, and that only where it has its slots.
        """
        decision, ports = lifted(policy, screened), self._ports
        if decision is None or screened.held is not None:
            return None  # a call that was let through before, and may not go on, is not let anew
        try:
            found = await overrides.fitting(
                ports.store, policy.site.name, caller.extension, number, ports.now()
            )
            if not found:
                return None
            ending = await self._admit(policy, caller, number, decision, story)
            if ending.verdict is Verdict.DENY:
                story.put(screened.request, replace(screened.facts, overridden=True))
                return ending
            for each in found if story.taken is not None else ():
                left = await overrides.use(ports.store, each, ports.now())
                if left is not None:
                    story.decision, story.override = decision, each.id
                    story.put(screened.request, replace(screened.facts, overridden=True))
                    log.info("override-used", call=story.call, id=each.id, by=each.by, left=left)
                    return ending
        except StoreError as error:
            log.warning("override-not-used", call=story.call, error=str(error))
        if story.taken is not None:
            await self._give_back(story, story.taken)
        return None

    async def _looked_again(
        self,
        channel: Channel,
        policy: Policy,
        caller: Caller,
        number: Number,
        screened: Screened,
        story: Story,
        ending: Ending,
    ) -> Ending:
        """Look once more at what a call hangs on, now that it holds its slots; return how it ends.

        Of many that were judged at one moment each sees the others by then, and the brake that one
        of them put on. What is taken in the very step that looks needs no second look.
        """
        first = screened.facts
        while screened.taken is None and story.taken is not None:
            if not may_change(policy, screened.request):
                return ending
            reports = self._reports(policy, caller, number)
            store = self._ports.store
            anew = await screen(policy, caller, number, store, story.began, reports=reports)
            # It is new no more by its own marks; who lets it through does so still.
            facts = replace(
                anew.facts,
                novel=first.novel,
                known_country=first.known_country,
                overridden=bool(story.override),
            )
            decision = decide_again(policy, replace(anew, facts=facts), story.shown)
            if decision.verdict is Verdict.ALLOW:
                return ending
            story.lockout, story.decision = anew.lockout, decision
            screened = replace(anew, facts=facts, decision=decision)
            ending = await self._step_back(channel, policy, caller, number, screened, story)
        return ending

    async def _step_back(
        self,
        channel: Channel,
        policy: Policy,
        caller: Caller,
        number: Number,
        screened: Screened,
        story: Story,
    ) -> Ending:
        """Give back what a call took that is not let through after all, or not as it is.

        It may still key what it is asked for now.
        """
        if story.taken is not None:
            await self._give_back(story, story.taken)
        decision = screened.decision
        shown = screened.facts.shown | story.shown
        story.put(screened.request, replace(screened.facts, shown=shown))
        if decision.verdict is Verdict.DENY:
            return refused(decision.reason, decision.rule)
        answered = await self._challenge(channel, policy, caller, screened, story)
        if isinstance(answered, Reason):
            return refused(answered, decision.rule)
        story.decision = answered
        return await self._conclude(policy, caller, number, answered, story)

    async def _give_back(self, story: Story, taken: Lease) -> None:
        """Give back what was taken, with all that it left behind: no such call was let through.

        Raises:
            StoreError: It is unknown whether it was; the caller's hangup handler asks once more.
        """
        await end(self._ports, taken.site, taken.call, taken.number, taken.node, 0)
        if story.policy is not None and story.number is not None:
            now = self._ports.now()
            notes = notes_of(story.policy, taken.extension, story.number, now)
            await unmark(self._ports.store, taken.site, notes, story.marks, now)
        story.taken, story.lease, story.given_back = None, None, True
        story.over, story.crossed, story.braking = (), (), ()

    async def _braked(
        self,
        channel: Channel,
        policy: Policy,
        caller: Caller,
        number: Number,
        screened: Screened,
        story: Story,
        ending: Ending,
    ) -> Ending:
        """Put the brake on, as the call hit it, and judge the call anew if it was let through.

        Where that fails the call is denied all the same, and what it took is given back.
        """
        over = story.braking
        cause = over[0] if over else ending.rule
        hit = brakes.Hit(
            caller.extension, cause, story.call, story.reference, alone=caller.transferred
        )
        try:
            on = await brakes.hit(self._ports.store, policy, hit, self._ports.now())
        except StoreError as error:
            log.error("brake-not-put-on", call=story.call, cause=cause, error=str(error))
            if story.taken is not None:
                await self._give_back(story, story.taken)
            return refused(Reason.STORE_DOWN, cause) if over else ending
        story.brakes = tuple(on)
        if ending.verdict is not Verdict.ALLOW:
            return ending
        # Whatever rules demand was shown, lifted, or is held against it no more.
        freed = bool(story.override) or screened.held is not None
        facts = replace(screened.facts, braked=on[-1].stage, overridden=freed)
        decision = decide_again(policy, replace(screened, facts=facts), story.shown)
        if decision.verdict is Verdict.ALLOW:
            return ending
        if story.taken is None:  # it goes on to its next trunk: nobody is asked on the way
            return refused(Reason.BRAKED, "brake")
        anew = replace(screened, facts=facts, decision=decision)
        return await self._step_back(channel, policy, caller, number, anew, story)

    async def _conclude(
        self, policy: Policy, caller: Caller, number: Number, decision: Decision, story: Story
    ) -> Ending:
        match decision.verdict:
            case Verdict.ALLOW:
                return await self._admit(policy, caller, number, decision, story)
            case Verdict.CHALLENGE | Verdict.DENY:
                await self._hold_against(policy, caller, decision)
                return refused(decision.reason, decision.rule)
            case _:
                assert_never(decision.verdict)

    async def _challenge(
        self, channel: Channel, policy: Policy, caller: Caller, screened: Screened, story: Story
    ) -> Decision | Reason:
        asks = screened.decision.asks
        story.asked = tuple(dict.fromkeys((*story.asked, *asks)))
        with self._crowd.place(policy.site.name, caller.extension):
            guesser = Guesser(caller.extension, caller.address, proven=caller.is_proven)
            shown = await challenge(channel, policy, guesser, asks, self._ports)
        if isinstance(shown, Reason):
            return shown
        if not await self._remember(policy, caller, screened, shown):
            return Reason.WRONG_CODE
        story.shown |= shown.factors
        # What was remembered of before may have been revoked while the caller keyed the rest.
        number = screened.request.number
        # And what was looked up as the call began may have come.
        anew = await screen(
            policy,
            caller,
            number,
            self._ports.store,
            story.began,
            reports=self._reports(policy, caller, number),
        )
        story.note(anew.sign_in)
        story.marks = {key: each for key, each in story.marks.items() if key in anew.marks}
        if story.given_back:
            anew = replace(anew, facts=_still_new(anew.facts, screened.facts))
        story.put(anew.request, replace(anew.facts, shown=anew.facts.shown | story.shown))
        decision = decide_again(policy, anew, story.shown)
        return Reason.WRONG_CODE if decision.verdict is Verdict.CHALLENGE else decision

    async def _remember(
        self, policy: Policy, caller: Caller, screened: Screened, shown: Shown
    ) -> bool:
        """Remember what was shown; False when it was revoked since it was looked at."""
        now = self._ports.now()
        scopes = {call_scope(caller, screened.request.number): now + SAME_CALL_S}
        if screened.decision.remember_s and caller.address is not None:
            scopes[address_scope(caller)] = now + screened.decision.remember_s
        factors = sorted(shown.factors)
        for scope, until in scopes.items():
            remembered = self._ports.store.remember(
                policy.site.name, shown.verified, scope, factors, now, until
            )
            if not await soon(remembered):
                return False
        return True

    async def _admit(
        self, policy: Policy, caller: Caller, number: Number, decision: Decision, story: Story
    ) -> Ending:
        now = self._ports.now()
        taken = await admit(
            self._ports.store,
            policy.site.name,
            caller,
            number,
            decision,
            story.reference,
            now,
            story.sign_in,
            self._ports.slices.seconds(caller.node),
            notes_of(policy, caller.extension, number, now),
        )
        return admitted(taken, caller, decision, story, now)

    async def _without_store(
        self,
        local: Stopgap,
        policy: Policy,
        caller: Caller,
        number: Number,
        decision: Decision,
        story: Story,
    ) -> Ending:
        """Let a call through while the store is away, with slots on this machine only.

        What little was learnt of it before the store went counts no more; what its extension was
        refused for a moment ago does.
        """
        now = self._ports.now()
        story.decision, story.without_store = decision, True
        known = self._wary.of(policy.site.name, caller.extension, now)
        if known is not None:
            return refused(known, decision.rule)
        lease = lease_of(policy.site.name, caller, number, decision, story.reference, now)
        return admitted(await soon(local.take(lease, now)), caller, decision, story, now)

    async def _hold_against(self, policy: Policy, caller: Caller, decision: Decision) -> None:
        """Count a number that means nothing as a failure: thieves hunt for trunk prefixes."""
        if decision.reason is not Reason.INVALID_NUMBER:
            return
        subject = Subject(SubjectKind.EXTENSION, caller.extension, policy.lockout.invalid)
        await soon(
            self._ports.store.begin_attempt(
                policy.site.name,
                (subject,),
                FailureKind.NUMBER,
                penalty_of(policy),
                self._ports.now(),
            )
        )

    # ------------------------------------------------------------------ release

    async def _release(self, question: Question, channel: Channel) -> None:
        """Release, and say so; a dialplan that does not hear it asks again."""
        try:
            await release(question, self._ports)
            await channel.tell({Variable.RELEASED: "yes"})
        except ChannelError:
            log.info("nobody-to-tell", call=question.arguments.get(Argument.CALL))
        except StoreError as error:
            log.error(
                "release-failed", call=question.arguments.get(Argument.CALL), error=str(error)
            )


def is_hit(screened: Screened, story: Story, ending: Ending) -> bool:
    """Tell whether the call puts the brake on.

    Whoever was let through with the brake on has shown what it asks for, and hits nothing.
    """
    decision = story.decision
    if decision is not None and decision.puts_brake_on:
        return ending.verdict is Verdict.DENY and ending.rule == decision.rule
    return bool(story.braking) and screened.facts.braked is None


def _still_new(facts: Facts, first: Facts) -> Facts:
    """Return what is known of a call that was given back: what was new of it is new still."""
    return replace(
        facts,
        novel=facts.novel | first.novel,
        known_country=facts.known_country and first.known_country,
    )


def _tell_of_budgets(story: Story) -> None:
    """Tell of budgets that the call brought near their end."""
    if story.policy is None:
        return
    for level in story.crossed:
        log.warning("budget-nearly-used-up", **nearly_used_up(story.policy, level))


def _rule(story: Story) -> str:
    return "none" if story.decision is None else story.decision.rule


async def _say(channel: Channel, story: Story, ending: Ending) -> None:
    """Tell the dialplan, unless the caller is gone by now."""
    try:
        await channel.tell(_words(story, ending))
    except ChannelError:
        log.info("nobody-to-tell", call=story.call, verdict=ending.verdict)


def _words(story: Story, ending: Ending) -> dict[Variable, str]:
    if ending.verdict is Verdict.ALLOW and story.number is not None:
        return allowance(ending, story.number, story.call, story.reference)
    own_prompts = {} if story.policy is None else story.policy.prompts
    # What a store that went away took nobody knows: the hangup handler is to release that.
    call = "" if story.without_store or story.in_doubt else story.call
    return refusal(ending, call, story.reference, own_prompts, story.lockout)
