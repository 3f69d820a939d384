"""Attacks against defences, call by call, in the time that they would take."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.policy.model import Per, Unit
from tests.policies.thieves.attacks import DAY_S
from tests.policies.thieves.defences import Thief, dialled, guard

if TYPE_CHECKING:
    from fastagi.policy.model import Policy
    from fastagi.rating.tariff import Tariff
    from tests.policies.thieves.attacks import Attack, Call
    from tests.policies.thieves.defences import Defence

TRUNK_CALLS: Final = 120
"""Calls that the trunk carries at a time, whoever guards it: four times thirty."""

SIGNING_IN_S: Final = 60
"""How long before the first call a thief signs in who can."""


@dataclass
class Loss:
    """What an attack came to.

    Attributes:
        money: In millionths.
        passed: Calls that were let through.
        refused: What stopped the others, and how many.
    """

    money: int = 0
    passed: int = 0
    refused: Counter[str] = field(default_factory=Counter)


async def replay(attack: Attack, defence: Defence, policy: Policy) -> Loss:
    """Make every call of an attack, and end those that are let through when they end.

    Args:
        attack: The calls.
        defence: What they have to pass.
        policy: Whose rate sheet says what a call costs.
    """
    loss, began = Loss(), attack.begins.timestamp()
    live: list[tuple[float, int, Call, int]] = []
    for turn, call in enumerate(attack.calls):
        at = began + call.after_s
        await _end(live, defence, until=at)
        if len(live) >= TRUNK_CALLS:
            loss.refused["trunk"] += 1
            continue
        answer = await defence.begin(_name(turn), call, at)
        if not answer.seconds:
            loss.refused[answer.why] += 1
            continue
        talks_s = min(call.talks_s, answer.seconds)
        loss.passed += 1
        loss.money += _tariff(policy, call.number, at).cost(talks_s)
        heapq.heappush(live, (at + talks_s, turn, call, talks_s))
    await _end(live, defence, until=float("inf"))
    return loss


async def guarded(attack: Attack, policy: Policy, thief: Thief) -> Loss:
    """Make the calls of an attack against dialguard; what it says they cost has to be right."""
    async with guard(policy, thief, attack.extensions) as defence:
        if thief is Thief.ALL:
            at = attack.begins.timestamp() - SIGNING_IN_S
            assert all([await defence.sign_in(each, at) for each in sorted(attack.extensions)])
        loss = await replay(attack, defence, policy)
    assert defence.settled == loss.money
    return loss


def budget(policy: Policy, attack: Attack) -> int:
    """Return the most that a policy lets an attack cost whoever makes it, in millionths.

    What its limits on money allow each phone a day, or all together, as often as a day goes in.
    """
    a_phone = _a_day(policy, Per.EXTENSION) * len(attack.extensions)
    return min(a_phone, _a_day(policy, Per.SITE)) * attack.days


def _a_day(policy: Policy, per: Per) -> int:
    (most,) = (
        each.most(Unit.SPEND)
        for each in policy.limits
        if each.per is per and each.scope.to is None and each.within_s == DAY_S
    )
    assert most is not None
    return most


async def _end(
    live: list[tuple[float, int, Call, int]], defence: Defence, *, until: float
) -> None:
    while live and live[0][0] <= until:
        at, turn, call, talked_s = heapq.heappop(live)
        await defence.end(_name(turn), call, at, talked_s)


def _name(turn: int) -> str:
    """Name a call as Asterisk does."""
    return f"1767607200.{turn}"


def _tariff(policy: Policy, number: str, at: float) -> Tariff:
    assert policy.rates is not None
    tariff = policy.rates.tariff(policy.plan.read(dialled(policy, number)), at)
    assert tariff is not None
    return tariff
