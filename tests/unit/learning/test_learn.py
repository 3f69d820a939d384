"""From calls to a policy: it loads, nothing in it is odd, and it does what it was made for."""

from __future__ import annotations

import functools
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from fastagi.cdr.past_call import PastCall
from fastagi.errors import LearningError
from fastagi.learning.learn import Wish, learn
from fastagi.learning.proposal import Prices
from fastagi.learning.trial import try_out
from fastagi.policy import cases
from fastagi.policy.case_file import CaseDocument
from fastagi.policy.checking import check
from fastagi.policy.document import Document
from fastagi.policy.loading import load_text
from fastagi.toml_layout.layout import laid_out
from fastagi.toml_layout.order import order_of
from tests.unit.learning.quarter import NIGHT, attack, honest

if TYPE_CHECKING:
    from fastagi.learning.learn import Learnt
    from fastagi.policy.cases import Report

ROOT = Path(__file__).parents[3]
WISH = Wish("office", ZoneInfo("Europe/London"), "GB", ROOT / "policies" / "learnt.toml")
PRICED = replace(WISH, prices=Prices("rates/wholesale.csv", "GBP"))


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    """Return what is learnt from a quarter with an attack in it, prices at hand."""
    return learn(sorted((*honest(), *attack())), PRICED)


def _tried(policy: str, written: str, folder: Path) -> Report:
    beside = folder / "learnt.cases.toml"
    beside.write_text(written)
    return cases.run(load_text(policy, PRICED.source), cases.load_cases(beside))


def test_it_loads_and_nothing_in_it_is_odd(learnt: Learnt) -> None:
    """Whoever takes it over takes over no mistake."""
    assert check(load_text(learnt.policy, PRICED.source)) == ()


def test_its_cases_hold_and_reach_every_rule(learnt: Learnt, tmp_path: Path) -> None:
    """A service starts on it."""
    report = _tried(learnt.policy, learnt.cases, tmp_path)
    assert [(each.case.name, each.why) for each in report.failed] == []
    assert report.unreached_rules == ()


def test_whatever_is_deleted_of_it_fails_a_case(learnt: Learnt, tmp_path: Path) -> None:
    """Each rule, limit and watch."""
    head, *tables = re.split(r"(?m)^(?=\[\[)", learnt.policy)
    assert len(tables) > 12
    for place, table in enumerate(tables):
        less = head + "".join(tables[:place] + tables[place + 1 :])
        assert _tried(less, learnt.cases, tmp_path).failed, table


def test_it_is_laid_out(learnt: Learnt) -> None:
    """`dialguard fmt` has nothing to do."""
    assert laid_out(learnt.policy.encode(), order_of(Document)) == learnt.policy
    assert laid_out(learnt.cases.encode(), order_of(CaseDocument)) == learnt.cases


def test_it_is_in_no_honest_caller_s_way_and_stops_the_thief(learnt: Learnt) -> None:
    """Of the calls that it was learnt from."""
    trial = learnt.trial
    assert trial.honest == len(honest())
    assert trial.share_refused < 0.01
    assert 0 < trial.asked < 0.1 * trial.honest
    assert (trial.attack, trial.stopped, trial.let_through_s) == (120, 120, 0)
    assert trial.attack_s == 120 * 300


def test_the_thief_is_not_learnt_from(learnt: Learnt) -> None:
    """The policy is the same as if he had never been there, and says what was left out."""
    (found,) = learnt.suspects.found
    assert (found.extension, found.calls) == ("108", 120)
    assert "120 calls of 108 to IQ, CU" in learnt.policy
    without = learn(honest(), PRICED)
    assert without.suspects.found == ()
    assert [each for each in learnt.policy.splitlines() if not each.startswith("#")] == [
        each for each in without.policy.splitlines() if not each.startswith("#")
    ]


def test_it_says_why(learnt: Learnt) -> None:
    """With the figures."""
    assert re.search(r"called abroad: .*; \d+% of \d+ calls in office hours", learnt.policy)
    assert re.search(r'spend +=.*"\d+\.00"', learnt.policy)
    assert re.search(r"# \d+\.\d\d GBP at most", learnt.policy)
    assert "# 3 of 12 phones called abroad" in learnt.policy


def test_what_people_dialled_is_in_neither_file(learnt: Learnt) -> None:
    """Policies are passed around."""
    dialled = {call.dialled for call in honest() if len(call.dialled) > 5}
    assert [each for each in dialled if each in learnt.policy + learnt.cases] == []


def test_without_prices_there_is_no_money() -> None:
    """And the policy needs no sheet."""
    bare = learn(honest()[:1000], WISH)
    assert "spend" not in bare.policy
    assert "[rates]" not in bare.policy


def test_too_few_calls_are_none() -> None:
    """Nothing would be proven by them."""
    with pytest.raises(LearningError, match="there are 99 calls"):
        learn(honest()[:99], WISH)


def test_a_wrong_country_is_told() -> None:
    """Instead of a policy that refuses everybody."""
    with pytest.raises(LearningError, match="--country"):
        learn(honest()[:1000], replace(WISH, country="US", outside_prefix=""))


def test_who_cannot_be_named_is_left_out() -> None:
    """A policy could not speak of them."""
    odd = PastCall(0.0, "a b\x1b[2J", "902079460000")
    learnt = learn([odd, *honest()[:1000]], WISH)
    assert learnt.unnamed == ("a b\x1b[2J",)
    assert "\x1b" not in learnt.policy


@pytest.mark.parametrize("name", [".", "!", "X.", "XXX", "1[0-9]1", "_10X", "10!", "101-x"])
def test_nobody_is_named_who_would_open_the_house_to_others(name: str) -> None:
    """Whoever can write into a record would be let in, and whoever else fits the pattern."""
    learnt = learn([PastCall(0.0, name, "902079460000"), *honest()[:1000]], WISH)
    assert learnt.unnamed == (name,)


@pytest.mark.parametrize("hour", [3, 11])
@pytest.mark.parametrize("extension", ["104", "108"])
def test_a_thief_whom_it_never_saw_is_stopped(hour: int, extension: str) -> None:
    """By day too, and from the phone of whoever calls abroad most."""
    unseen = load_text(_without_the_thief().policy, WISH.source)
    calls = attack(NIGHT.replace(hour=hour), extension=extension)
    trial = try_out(unseen, calls, range(len(calls)))
    assert (trial.stopped, trial.let_through_s) == (len(calls), 0)


@functools.cache
def _without_the_thief() -> Learnt:
    return learn(honest()[:2000], WISH)
