"""What a decision hangs on that only the store knows: what is new of a call, what is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.policy.decision import ALL_NEW, circumstances
from fastagi.policy.limits import budgets_of, limits_of
from fastagi.policy.possible import hanging
from fastagi.policy.scope import OVER, Novelty

if TYPE_CHECKING:
    from fastagi.policy.model import BudgetClaim, Policy, Request


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be found out of a call before it is judged.

    Attributes:
        novel: What may be new of it. But for a country that the extension never called: that is
            always known.
        budgets: How much of these is used; of a limit in `over:` nothing is left where nothing is
            of one of its budgets.
    """

    novel: frozenset[Novelty] = frozenset()
    budgets: tuple[BudgetClaim, ...] = ()


NOTHING: Final = Question()


def question_of(policy: Policy, request: Request) -> Question:
    """Return what the decision of a call hangs on: nothing that could change nothing."""
    if not (policy.asks_for_novelty or policy.asks_for_limits):
        return NOTHING
    call = circumstances(policy, request, ALL_NEW)
    novel, names = policy.rule_index.asking(hanging(policy, call))
    limits = tuple(limits_of(policy, call))
    # Of limits all count: each speaks of the call whatever is new, or only if something is.
    novel |= {each for limit in limits if limit.scope.to for each in limit.scope.to.novel}
    named = [each for each in limits if f"{OVER}{each.name}" in names]
    return Question(
        (novel & call.novel) - {Novelty.COUNTRY}, tuple(budgets_of(named, request, call))
    )
