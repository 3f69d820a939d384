"""Asking the caller for a PIN, a one-time code, or both.

Both are asked before either is looked at, and a wrong one costs and sounds the same as the other:
a guesser never learns which was wrong. A guess (`guess`) is held against what the extension has
when the digits are in: a PIN that was changed, or a phone that was taken away, while the caller
was at the prompt lets nobody through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.call.guess import guess, has_all
from fastagi.call.ports import soon
from fastagi.policy.model import Factor, Prompt, Reason
from fastagi.prompts.catalogue import sounds_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.call.channel import Channel
    from fastagi.call.guess import Guesser, Shown
    from fastagi.call.ports import Ports
    from fastagi.policy.model import Policy

MOST_DIGITS: Final = 24
"""Room to key a code, think better of it, press `*` and key it anew."""

LONGEST_PROMPT_S: Final = 15
"""No sound file of a prompt is longer; the time to hear it is on top of the time to key."""

KEYING_S: Final = 40
"""Longer nobody keys; the policy's `wait` is on top of it."""

WORK_S: Final = 5
"""What Asterisk allows us for everything that is not waiting for the caller."""

SILENCES: Final = 2
"""How often a caller may let a prompt pass in silence before the challenge is given up."""


async def challenge(
    channel: Channel,
    policy: Policy,
    guesser: Guesser,
    asks: Sequence[Factor],
    ports: Ports,
    *,
    tells: bool = True,
) -> Shown | Reason:
    """Ask for the factors; return them once they are shown, or why they were not.

    Args:
        channel: Whom to ask.
        policy: The site's.
        guesser: Whose factors, and from where.
        asks: Which.
        ports: The world.
        tells: Whether to say at once that the extension has no such factors; else it sounds as
            if they were wrong.

    Raises:
        ChannelError: The caller hung up, or Asterisk fell silent.
        StoreError: The store is down.
        BusyError: More PINs are being keyed than can be checked.
        VaultError: What is stored of the extension cannot be read with the keys at hand.
    """
    enrolment = await soon(ports.store.enrolment(policy.site.name, guesser.extension))
    if tells and (enrolment is None or not has_all(enrolment, asks)):
        return Reason.NOT_ENROLLED
    if policy.challenge.answer:
        await channel.answer()
    else:
        await channel.progress()
    for attempt in range(policy.challenge.tries):
        digits = await _ask(channel, policy, asks, again=attempt > 0)
        if digits is None:
            return Reason.NO_DIGITS
        outcome = await guess(policy, guesser, digits, ports)
        if outcome is not Reason.WRONG_CODE:
            return outcome
    return Reason.WRONG_CODE


async def _ask(
    channel: Channel, policy: Policy, asks: Sequence[Factor], *, again: bool
) -> Mapping[Factor, str] | None:
    """Ask for every factor in turn; None when the caller stays silent."""
    shown: dict[Factor, str] = {}
    for factor in asks:
        prompt = Prompt.PIN if factor is Factor.PIN else Prompt.CODE
        wrong = sounds_of(Prompt.WRONG, policy.prompts) if again and not shown else ()
        sounds = sounds_of(prompt, policy.prompts)
        digits = await keyed(channel, wrong, sounds, policy.challenge.wait_s)
        if not digits:
            return None
        shown[factor] = digits
    return shown


async def keyed(
    channel: Channel,
    first: tuple[str, ...],
    sounds: tuple[str, ...],
    wait_s: int,
    *,
    silences: int = SILENCES,
) -> str:
    """Return what the caller keys after the last `*`, which starts over; empty for silence.

    What is said first is not said again after a silence: nothing was keyed that could be wrong.
    """
    for silence in range(silences):
        await channel.bound(LONGEST_PROMPT_S + KEYING_S + wait_s + WORK_S)
        heard = sounds if silence else (*first, *sounds)
        answer = await channel.ask(heard, wait_s=wait_s, most=MOST_DIGITS)
        await channel.bound(WORK_S)
        digits = answer.digits.rpartition("*")[2]
        if digits:
            return digits
    return ""
