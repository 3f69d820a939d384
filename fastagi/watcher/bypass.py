"""Calls that reach a trunk without having asked. Decisions only: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.policy.decision import class_of, is_known
from fastagi.policy.model import ThenBypass
from fastagi.watcher.channels import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.watcher.channels import Channel
    from fastagi.watcher.truth import Leg

PATIENCE_S: Final = 0.5
"""How long after it was dialled a leg may be without its mark."""

UNDIALLED_S: Final = 2.0
"""How long after its beginning it is looked at if nobody tells that it was dialled: what tells of
it may be torn by who calls."""

RULE: Final = "bypass"


@dataclass(frozen=True, slots=True)
class Bypass:
    """A call on a guarded trunk that did not ask.

    Attributes:
        policy: Whose trunk it is.
        number: What was dialled, as far as it can be read; None where it cannot.
        hang_up: Whether the policy wants it ended. Never where nobody told what was dialled: it
            might be an ambulance's.
    """

    channel: Channel
    policy: Policy
    number: Number | None
    hang_up: bool


def is_suspect(channel: Channel, policies: Sequence[Policy]) -> bool:
    """Whether a channel is on its way out by a guarded trunk, and is to be looked at.

    A mark that was heard of proves nothing: it may be forged.
    """
    return (
        channel.outgoing
        and channel.born
        and not channel.judged
        and is_on_guarded_trunk(channel, policies)
    )


def is_on_guarded_trunk(channel: Channel, policies: Sequence[Policy]) -> bool:
    """Whether any policy guards a trunk that a channel is on, or was, whichever way it goes."""
    endpoints = {channel.endpoint, *channel.was}
    return any(endpoints.intersection(each.bypass.trunks) for each in policies)


def judge(channel: Channel, leg: Leg, policies: Sequence[Policy]) -> Bypass | None:
    """Return what a suspect is whose patience is over; None where it may be.

    Args:
        channel: As it was heard of.
        leg: As Asterisk answers; what it does not tell is taken from what was heard.
        policies: Those in force.
    """
    endpoints = {leg.endpoint} if leg.endpoint else {channel.endpoint, *channel.was}
    guards = [each for each in policies if endpoints.intersection(each.bypass.trunks)]
    guarding = guards
    if leg.mark is not None or not guarding:
        return None
    dialled = channel.dialled if leg.dialled is None else leg.dialled
    # A trunk of several sites: whose call it is, who dialled tells.
    guarding = [each for each in guarding if _knows(each, channel.caller)] or guarding
    policy = guarding[0]
    wants = any(each.bypass.then is ThenBypass.HANG_UP for each in guarding)
    if dialled is None:
        return Bypass(channel, policy, None, hang_up=False)
    if not dialled.number:  # where Asterisk itself says so, or an extension dials so: no ambulance
        is_sure = leg.dialled is not None or bool(endpoint_of(channel.caller))
        return Bypass(channel, policy, None, wants and is_sure)
    if dialled.plain and any(is_emergency(each, dialled.number) for each in guards):
        return None
    return Bypass(channel, policy, policy.plan.read(dialled.number), wants)


def _knows(policy: Policy, caller: str) -> bool:
    """Whether the channel that dialled is a phone's of the policy's site."""
    extension = endpoint_of(caller)
    return bool(extension) and is_known(policy, extension, class_of(policy, extension))


def is_emergency(policy: Policy, number: str) -> bool:
    """Whether a number, as a trunk is given it, is an emergency number of a site."""
    return policy.plan.read(number).category is Category.EMERGENCY
