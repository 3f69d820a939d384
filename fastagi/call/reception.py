"""Phones that sign in, sign off, or ask what is left: the story of a feature code.

    identify → (which extension?) → challenge → open

No call is let through here: whatever is answered, the dialplan says it and hangs up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from fastagi.call.challenge import challenge, keyed
from fastagi.call.channel import Argument, Script, Variable
from fastagi.call.ending import Ending, Story, refused
from fastagi.call.guess import Guesser
from fastagi.call.identify import ENDPOINT, identify
from fastagi.call.mishap import mishap
from fastagi.call.ports import soon
from fastagi.call.record import record_of
from fastagi.call.sign_in import counting_for, phone_of, sign_in, sign_off
from fastagi.call.touched import touch_of
from fastagi.errors import ChannelError
from fastagi.policy.decision import TRAPPED, class_of, is_known
from fastagi.policy.model import Prompt, Reason, Verdict
from fastagi.policy.traps import is_trap
from fastagi.prompts.catalogue import refusal_of, sounds_of
from fastagi.stores.sign_ins import SignedOff, SignIn, Way

if TYPE_CHECKING:
    from fastagi.call.channel import Channel, Question
    from fastagi.call.crowd import Crowd
    from fastagi.call.identify import Caller
    from fastagi.call.ports import Ports
    from fastagi.call.reference import References
    from fastagi.policy.model import Policy

RULE: Final = "sign-in"
"""What decides of a feature code, in the records."""

HOUR_S: Final = 3600
MINUTE_S: Final = 60

log = structlog.get_logger(__name__)


class Reception:
    """Answers the feature codes of the dialplan."""

    def __init__(self, ports: Ports, crowd: Crowd, references: References) -> None:
        self._ports = ports
        self._crowd = crowd
        self._references = references

    async def answer(self, question: Question, channel: Channel) -> None:
        """Answer one feature code, whatever happens."""
        story = Story(
            call=question.uniqueid,
            claimed_extension=question.arguments.get(Argument.ENDPOINT, ""),
            claimed_number=question.script,
            reference=self._references.next(),
            began=self._ports.now(),
        )
        there: SignIn | None = None
        try:
            ending, there = await self._serve(question, channel, story)
        except Exception as error:  # whatever broke is a refusal on record, and is said
            ending = refused(mishap(error, story), RULE)
        self._ports.decisions.record(record_of(story, ending, self._ports.now()))
        try:
            await channel.tell(self._words(story, ending, there))
        except ChannelError:
            log.info("nobody-to-tell", call=story.call, reason=ending.reason)

    # ------------------------------------------------------------------ what is asked for

    async def _serve(
        self, question: Question, channel: Channel, story: Story
    ) -> tuple[Ending, SignIn | None]:
        """Do what was asked for; return how it ended, and the sign-in that is there now."""
        policy = self._ports.policies.of(question.arguments.get(Argument.SITE, ""))
        if policy is None:
            return refused(Reason.BAD_QUESTION, RULE), None
        story.policy = policy
        caller = identify(question)
        if isinstance(caller, Reason):
            return refused(caller, RULE), None
        story.caller = caller
        if caller.transferred:
            return refused(Reason.CANNOT_CHALLENGE, RULE), None
        if is_trap(policy, caller.extension):
            self._ports.sightings.see(touch_of(policy, caller, story.began))
            return refused(TRAPPED.reason, TRAPPED.rule), None
        if not is_known(policy, caller.extension, class_of(policy, caller.extension)):
            return refused(Reason.UNKNOWN_EXTENSION, RULE), None
        match question.script:
            case Script.SIGN_IN:
                opened = await self._sign_in(channel, policy, caller, story)
                if isinstance(opened, Reason):
                    return refused(opened, RULE), None
                return Ending(Verdict.ALLOW, RULE, Reason.SIGNED_IN), opened
            case Script.SIGN_OFF:
                site, extension = policy.site.name, caller.extension
                await sign_off(site, extension, None, SignedOff.KEYPAD, self._ports)
                return Ending(Verdict.ALLOW, RULE, Reason.SIGNED_OFF), None
            case _:
                there = await self._counting(policy, caller)
                reason = Reason.SIGNED_OFF if there is None else Reason.SIGNED_IN
                return Ending(Verdict.ALLOW, RULE, reason), there

    async def _sign_in(
        self, channel: Channel, policy: Policy, caller: Caller, story: Story
    ) -> SignIn | Reason:
        with self._crowd.place(policy.site.name, caller.extension):
            person = caller.extension
            if policy.sign_in.anywhere:
                person = await _whose(channel, policy) or person
            if not ENDPOINT.fullmatch(person):
                return Reason.WRONG_CODE
            story.asked = policy.sign_in.factors
            # Of another extension nobody learns here whether it is enrolled.
            is_own = person == caller.extension
            if is_own or await self._is_somebody(policy, person):
                story.person = person  # else it may be a PIN, keyed too soon: never on record
            at = "" if is_own else caller.extension
            guesser = Guesser(person, caller.address, at, caller.is_proven)
            shown = await challenge(
                channel, policy, guesser, story.asked, self._ports, tells=is_own
            )
        if isinstance(shown, Reason):
            return shown
        story.shown = shown.factors
        phone = phone_of(caller)
        return await sign_in(policy, phone, person, shown.verified, Way.KEYPAD, self._ports)

    async def _is_somebody(self, policy: Policy, extension: str) -> bool:
        return await soon(self._ports.store.enrolment(policy.site.name, extension)) is not None

    async def _counting(self, policy: Policy, caller: Caller) -> SignIn | None:
        """Return the sign-in that counts for this phone's calls."""
        ports, site = self._ports, policy.site.name
        known = await soon(
            ports.store.known(
                *(site, caller.extension, str(caller.address), "", caller.call, "", caller.node),
                ports.now(),
            )
        )
        return counting_for(caller, known.sign_ins, policy.sign_in)

    # ------------------------------------------------------------------ what is said

    def _words(self, story: Story, ending: Ending, there: SignIn | None) -> dict[Variable, str]:
        own = {} if story.policy is None else story.policy.prompts
        if ending.verdict is Verdict.DENY:
            sounds = refusal_of(ending.reason, story.reference, own)
        elif ending.reason is Reason.SIGNED_IN:
            sounds = (*sounds_of(Prompt.SIGNED_IN, own), *sounds_of(Prompt.LEFT, own))
        else:
            sounds = sounds_of(Prompt.SIGNED_OFF, own)
        words = {
            Variable.REASON: str(ending.reason),
            Variable.REF: story.reference,
            Variable.PROMPT: "&".join(sounds),
            Variable.CALL: story.call,
        }
        if there is not None:
            left_s = max(0, int(_over_at(there) - self._ports.now()))
            words[Variable.HOURS] = str(left_s // HOUR_S)
            words[Variable.MINUTES] = str(left_s % HOUR_S // MINUTE_S)
        return words


async def _whose(channel: Channel, policy: Policy) -> str:
    """Ask whose factors are to be shown; empty for those of the phone's own extension.

    Raises:
        ChannelError: The caller hung up, or Asterisk fell silent.
    """
    await (channel.answer() if policy.challenge.answer else channel.progress())
    return await keyed(
        channel,
        (),
        sounds_of(Prompt.EXTENSION, policy.prompts),
        policy.challenge.wait_s,
        silences=1,
    )


def _over_at(sign_in: SignIn) -> float:
    """Return when it is over, should nobody call until then."""
    if not sign_in.idle_s:
        return sign_in.until
    return min(sign_in.until, sign_in.used + sign_in.idle_s)
