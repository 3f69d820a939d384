"""`asked`: what the policy wants to know, in the store's words, and back."""

from __future__ import annotations

from pathlib import Path

from fastagi.call.asked import (
    DIALLED,
    REMEMBERED_S,
    asked_of,
    mark,
    marks_of,
    notes_of,
    novel_of,
    over_of,
)
from fastagi.policy.asking import NOTHING, Question
from fastagi.policy.loading import load_text
from fastagi.policy.model import BudgetClaim, Novelty, Per
from fastagi.policy.model import Unit as PolicyUnit
from fastagi.stores.budgets import Budget, Level, Unit
from fastagi.stores.records import Record
from fastagi.stores.store import NOTHING_ASKED, Known, Looked, Note
from tests.unit.call.conftest import ABROAD, NATIONAL, POLICY

STEP_UP = """
[[rule]]
name = "new"
to = ["{}"]
then = "pin"
"""
PLAIN = load_text(POLICY, Path("office.toml"))
ROME = PLAIN.plan.read(ABROAD)
LONDON = PLAIN.plan.read(NATIONAL)
CLAIM = BudgetClaim(
    "burst", Per.EXTENSION, "101", PolicyUnit.NUMBERS, 5, 3600, shadow=True, item="+39"
)
BUDGET = Budget("burst", "101", Unit.NUMBERS, 5, 3600, shadow=True, item="+39")
QUESTION = Question(frozenset({Novelty.NUMBER, Novelty.SITE_PREFIX}), (CLAIM,))
NUMBER, AREA = "extension/101/number/+390612345678", "site//prefix/39061"


def test_each_kind_of_novelty_has_a_mark_of_its_own() -> None:
    """By what is dialled, and by who dials it."""
    assert [mark(each, "101", ROME) for each in Novelty] == [
        "extension/101/country/IT",
        "extension/101/prefix/39061",
        NUMBER,
        "site//country/IT",
        AREA,
        "site//number/+390612345678",
    ]


def test_marks_and_budgets_are_asked_for() -> None:
    """The marks are thought to be there."""
    asked = asked_of(QUESTION, "101", ROME)
    assert asked.records == (
        Looked(DIALLED, NUMBER, expected=True),
        Looked(DIALLED, AREA, expected=True),
    )
    assert asked.budgets == (BUDGET,)
    braked = Looked("brake", "site/", expected=False)
    assert asked_of(NOTHING, "101", ROME, (braked,)).records == (braked,)
    assert asked_of(NOTHING, "101", ROME) == NOTHING_ASKED


def test_what_has_no_mark_is_new_and_what_has_nothing_left_is_over() -> None:
    """One unit of a limit is enough."""
    left = Record(AREA, "", None)
    there = {(DIALLED, AREA): left, ("brake", "site/"): Record("site/", "", None)}
    levels = (
        Level("burst", "101", Unit.NUMBERS, 5, 5),
        Level("burst", "101", Unit.ATTEMPTS, 1, 9),
        Level("calm", "101", Unit.ATTEMPTS, 8, 9),
    )
    known = Known(None, None, {}, {}, known_country=True, records=there, levels=levels)
    assert novel_of(QUESTION, "101", ROME, known) == {Novelty.NUMBER}
    assert over_of(known) == {"burst"}
    assert marks_of(known) == {AREA: left}


def test_a_call_leaves_the_marks_that_its_policy_speaks_of() -> None:
    """Whichever rule does; of countries of an extension the store keeps account by itself."""
    rules = "".join(STEP_UP.replace('"new"', f'"{each}"').format(each) for each in Novelty)
    policy = load_text(POLICY + rules, Path("office.toml"))
    left = {each.key: each for each in notes_of(policy, "101", ROME, 9.0)}
    assert left.keys() == {mark(each, "101", ROME) for each in Novelty} - {
        mark(Novelty.COUNTRY, "101", ROME)
    }
    assert left[NUMBER] == Note(DIALLED, NUMBER, "", 9.0 + REMEMBERED_S)
    assert len(notes_of(policy, "101", LONDON, 9.0)) == 4
    assert notes_of(PLAIN, "101", ROME, 9.0) == ()
