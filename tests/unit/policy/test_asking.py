"""`asking`: the store is asked what a decision hangs on, and nothing else."""

from __future__ import annotations

import pytest

from fastagi.policy.asking import NOTHING, question_of
from fastagi.policy.model import BudgetClaim, Novelty, Per, Unit
from tests.unit.policy.samples import HOME, INSIDE, ROME, call, policy_of

RULES = """
[[rule]]
name = "home"
to = ["national"]
then = "allow"
[[rule]]
name = "step-up"
to = ["first-time-number"]
when = "over:burst and not over:short"
then = "pin"
[[rule]]
name = "abroad"
to = ["international"]
then = "allow"
[[limit]]
name = "burst"
per = "block"
to = ["international"]
numbers = 5
extensions = 2
within = "1h"
then = "watch"
[[limit]]
name = "short"
per = "extension"
short = 3
within = "10m"
then = "watch"
"""
NEW = """
[[limit]]
name = "new-ones"
per = "extension"
to = ["first-time-prefix-of-site", "first-time-country"]
attempts = 3
within = "24h"
"""
BLOCK = ("burst", Per.BLOCK, "+3906123456")


def test_all_that_could_turn_the_decision_is_asked() -> None:
    """The windows of limits that rules ask for, and what is new, of the rules that may fit."""
    policy = policy_of(RULES)
    question = question_of(policy, call(policy, ROME))
    assert question.novel == {Novelty.NUMBER}
    assert question.budgets == (
        BudgetClaim(*BLOCK, Unit.NUMBERS, 5, 3600, shadow=True, item="+390612345678"),
        BudgetClaim(*BLOCK, Unit.EXTENSIONS, 2, 3600, shadow=True, item="101"),
        BudgetClaim("short", Per.EXTENSION, "101", Unit.SHORT, 3, 600, shadow=True),
    )


@pytest.mark.parametrize("dialled", [HOME, INSIDE])
def test_nothing_is_asked_where_it_changes_nothing(dialled: str) -> None:
    """A rule above has decided by then, or nothing fits."""
    policy = policy_of(RULES)
    assert question_of(policy, call(policy, dialled)) == NOTHING


def test_a_policy_that_speaks_of_none_of_it_asks_nothing() -> None:
    """Nor does it take any time."""
    policy = policy_of('[[rule]]\nname = "a"\nthen = "allow"\n')
    assert question_of(policy, call(policy, ROME)) is NOTHING


def test_what_a_limit_speaks_of_is_asked_whatever_decides() -> None:
    """But not whether the country is new to the extension: that is known at any rate."""
    policy = policy_of(RULES + NEW)
    assert question_of(policy, call(policy, HOME)).novel == {Novelty.SITE_PREFIX}
