"""What attacks came to, as rows of the tables in docs/attacks.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.rating.tariff import MONEY_UNIT
from tests.policies.thieves.defences import GroupCount, OpenDialplan, PinSet, Thief
from tests.policies.thieves.replay import budget, guarded, replay

if TYPE_CHECKING:
    from fastagi.policy.model import Policy
    from tests.policies.thieves.attacks import Attack
    from tests.policies.thieves.replay import Loss

OTHERS: Final = ("attack", "calls", "open dialplan", "`GROUP_COUNT`", "PIN set", "its PIN known")
GATE: Final = ("attack", "the thief has", "lost", "at most", "passed", "what stopped the others")


async def behind_others(attack: Attack, policy: Policy) -> tuple[str, ...]:
    """Return what an attack costs behind other defences, as `OTHERS`."""
    defences = (OpenDialplan(), GroupCount(), PinSet(Thief.PASSWORD), PinSet(Thief.PIN))
    losses = [await replay(attack, each, policy) for each in defences]
    return attack.name, f"{len(attack.calls):,}", *map(_loss, losses)


async def behind_the_gate(attack: Attack, thief: Thief, policy: Policy) -> tuple[str, ...]:
    """Return what an attack costs behind dialguard, and what was promised, as `GATE`."""
    loss = await guarded(attack, policy, thief)
    most = 0 if thief is Thief.PASSWORD else budget(policy, attack)
    stopped = (f"`{why}` {count:,}" for why, count in loss.refused.most_common())
    return (
        *(attack.name, thief.value, _money(loss.money), _money(most)),
        *(f"{loss.passed:,}", ", ".join(stopped)),
    )


def markdown(row: tuple[str, ...]) -> str:
    """Return a row as a line of Markdown."""
    return f"| {' | '.join(row)} |"


def _loss(loss: Loss) -> str:
    return f"{_money(loss.money)} ({loss.passed:,})"


def _money(millionths: int) -> str:
    """Return money in hundredths, up to a whole one."""
    return f"{-(-millionths * 100 // MONEY_UNIT) / 100:,.2f}"
