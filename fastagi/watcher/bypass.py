"""Calls that reach a trunk without having asked. Decisions only: no I/O, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.numbering.number import Category
from fastagi.policy.model import ThenBypass

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.watcher.channels import Channel

PATIENCE_S: Final = 0.5
"""How long after it was dialled a leg may be without its mark: the two come as two events."""

RULE: Final = "bypass"


@dataclass(frozen=True, slots=True)
class Bypass:
    """A call on a guarded trunk that did not ask.

    Attributes:
        policy: Whose trunk it is.
        number: What was dialled, as far as was told; None where Asterisk did not.
        hang_up: Whether the policy wants it ended. Never where the number is not known: it might
            be an ambulance's.
    """

    channel: Channel
    policy: Policy
    number: Number | None
    hang_up: bool


def is_suspect(channel: Channel, policies: Sequence[Policy]) -> bool:
    """Whether a channel is on its way out by a guarded trunk, without a mark so far."""
    return (
        channel.outgoing
        and channel.born
        and not channel.judged
        and channel.mark is None
        and channel.dialled_at is not None
        and is_on_guarded_trunk(channel, policies)
    )


def is_on_guarded_trunk(channel: Channel, policies: Sequence[Policy]) -> bool:
    """Whether any policy guards the trunk that a channel is on, whichever way it goes."""
    return any(channel.endpoint in each.bypass.trunks for each in policies)


def judge(channel: Channel, policies: Sequence[Policy]) -> Bypass | None:
    """Return what a suspect is whose patience is over; None where it may be."""
    if not is_suspect(channel, policies):
        return None
    guarding = [each for each in policies if channel.endpoint in each.bypass.trunks]
    if channel.dialled and any(is_emergency(each, channel.dialled) for each in guarding):
        return None
    policy = guarding[0]
    wants = any(each.bypass.then is ThenBypass.HANG_UP for each in guarding)
    number = policy.plan.read(channel.dialled) if channel.dialled else None
    return Bypass(channel, policy, number, wants and number is not None)


def is_emergency(policy: Policy, number: str) -> bool:
    """Whether a number, as a trunk is given it, is an emergency number of a site."""
    return policy.plan.read(number).category is Category.EMERGENCY
