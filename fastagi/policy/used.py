"""What comes of a call that is let through when something of its limits is used already.

It is what the store decides of the same claims (`stores.store`), on paper: so that a case can say
what a budget does, without a store and without hours of calls.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.policy.model import Decision, Reason, Unit, Verdict

if TYPE_CHECKING:
    from fastagi.policy.model import BudgetClaim, Policy
    from fastagi.rating.tariff import Tariff


@dataclass(frozen=True, slots=True)
class Used:
    """What of one limit was used before, under the key that the call is counted by.

    Attributes:
        calls: Those that hold a slot.
        units: Of each unit within its time; of numbers, countries and extensions, others than the
            call's own.
    """

    calls: int = 0
    units: Mapping[Unit, int] = field(default_factory=dict)


NOTHING: Final = Used()


def used_up(policy: Policy, used: Mapping[str, Used]) -> frozenset[str]:
    """Return the names of the limits of which nothing is left, in one of their units."""
    return frozenset(
        limit.name
        for limit in policy.limits
        for unit, most in limit.budgets
        if used.get(limit.name, NOTHING).units.get(unit, 0) >= most
    )


def with_used(decision: Decision, used: Mapping[str, Used], least_s: int = 1) -> Decision:
    """Return what comes of a decision where its limits are used so far; of others nothing is.

    Only an ALLOW takes anything: a call that is asked for a code finds out once it is keyed.

    Args:
        decision: What the policy says.
        used: What of each limit is used, under the keys of this call.
        least_s: With fewer seconds left than this, or than the call may last, it is refused.
    """
    if decision.verdict is not Verdict.ALLOW:
        return decision
    seconds, over = decision.seconds, list(decision.over)
    least_s = max(1, min(least_s, decision.seconds))
    for claim in decision.claims:
        if used.get(claim.limit, NOTHING).calls < claim.calls:
            continue
        if not claim.shadow:
            return _full(decision, claim.limit, Reason.LIMIT_REACHED)
        over.append(claim.limit)
    for budget in decision.budgets:
        before = used.get(budget.limit, NOTHING).units.get(budget.unit, 0)
        left_s = _lasts(budget, max(0, budget.most - before), decision.tariff, seconds)
        if not budget.shadow:
            seconds = left_s
        if left_s < least_s and not budget.shadow:
            return _full(decision, budget.limit, Reason.BUDGET_REACHED)
        if not left_s and budget.limit not in over:
            over.append(budget.limit)
    return replace(decision, seconds=seconds, over=tuple(over))


def _lasts(budget: BudgetClaim, left: int, tariff: Tariff | None, at_most_s: int) -> int:
    """Return how many seconds what is left of a budget lasts the call; 0 is none at all."""
    match budget.unit:
        case Unit.SPEND:
            return at_most_s if tariff is None else tariff.lasts(left, at_most_s)
        case Unit.SECONDS:
            return min(left, at_most_s)
        case Unit.ATTEMPTS | Unit.NUMBERS | Unit.COUNTRIES | Unit.EXTENSIONS | Unit.SHORT:
            return at_most_s if left else 0
        case _:
            assert_never(budget.unit)


def _full(decision: Decision, limit: str, reason: Reason) -> Decision:
    return Decision(Verdict.DENY, limit, reason, shadows=decision.shadows, over=decision.over)
