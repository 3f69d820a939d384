"""The cases of a proposed policy; that they hold and miss nothing is tried in `test_learn`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.learning.cases import cases_of, cases_text, example
from fastagi.learning.habits import Opening
from fastagi.learning.proposal import propose
from fastagi.learning.writing import policy_text
from fastagi.numbering.number import Category
from fastagi.policy import cases
from fastagi.policy.loading import load_text
from tests.unit.learning.test_proposal import HABITS, PHONES, SITE

if TYPE_CHECKING:
    from fastagi.learning.habits import Habits

SOURCE = Path("learnt.toml")
ALL_KINDS = HABITS.kinds.__class__(dict.fromkeys(Category, 3))
SITUATIONS = {
    "an office": HABITS,
    "all kinds of numbers": replace(HABITS, kinds=ALL_KINDS),
    "nobody abroad": replace(HABITS, abroad=(), home=PHONES[:3], countries=(), abroad_calls=0),
    "everybody abroad": replace(HABITS, abroad=PHONES, home=(), lobby=()),
    "abroad, and a lobby": replace(HABITS, home=()),
    "a lobby only": replace(HABITS, abroad=(), home=(), lobby=PHONES, countries=()),
    "never out of hours": replace(HABITS, abroad_in_hours=40),
    "around the clock": replace(HABITS, opening=()),
    "at odd hours": replace(HABITS, opening=(Opening((2,), 60, 120),)),
    "no landlines": replace(HABITS, kinds=HABITS.kinds.__class__({Category.MOBILE: 9})),
}


@pytest.mark.parametrize("habits", SITUATIONS.values(), ids=SITUATIONS)
def test_cases_hold_whatever_people_do(habits: Habits, tmp_path: Path) -> None:
    """Each rule decides in one."""
    proposal = propose(SITE, habits)
    policy = load_text(policy_text(proposal, "office", ()), SOURCE)
    file = tmp_path / "learnt.cases.toml"
    file.write_text(cases_text(proposal))
    report = cases.run(policy, cases.load_cases(file))
    assert [(each.case.name, each.why) for each in report.failed] == []
    assert report.unreached_rules == ()


def test_limits_are_reached() -> None:
    """Each of what it counts."""
    written = cases_of(propose(SITE, HABITS))
    used = [
        (limit, unit)
        for case in written
        for limit, amounts in dict(case.call.get("used", {})).items()  # type: ignore[call-overload]  # a mapping, as it is written
        for unit in amounts
    ]
    assert used == [
        ("at-a-time", "calls"),
        ("abroad-at-a-time", "calls"),
        ("abroad-a-day", "minutes"),
        ("abroad-a-day", "attempts"),
        ("abroad-burst", "attempts"),
    ]


def test_an_example_is_of_its_kind() -> None:
    """And of its country; some kinds there are not everywhere."""
    for kind in (Category.NATIONAL, Category.MOBILE, Category.PREMIUM, Category.SATELLITE):
        found = example(SITE, kind)
        assert found is not None
        assert SITE.plan.read(found).category is kind
    abroad = example(SITE, Category.INTERNATIONAL, "IT")
    assert abroad is not None
    assert SITE.plan.read(abroad).country == "IT"
    assert example(SITE, Category.INTERNATIONAL, "GB") is None


def test_there_is_no_case_without_a_number_to_dial() -> None:
    """No pagers in America, and no colleague of who is alone."""
    alone = replace(SITE, country="US", extensions=("101",), internal=("101",))
    habits = replace(HABITS, abroad=("101",), home=(), lobby=())
    names = [case.name for case in cases_of(propose(alone, habits))]
    assert "a premium number" in names
    assert example(alone, Category.PAGER) is None
    assert not {"a pager number", "a colleague"} & set(names)
