"""The bound itself: what it is of small sums that can be done by hand."""

from __future__ import annotations

import pytest

from fastagi.policy.exposure import program
from fastagi.policy.exposure.program import Bound, solved
from fastagi.policy.exposure.rows import Row
from fastagi.policy.exposure.slices import Shape
from fastagi.policy.exposure.ways import Caller, Way
from fastagi.policy.model import Decision, Reason, Verdict
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import HOME, policy_of

DECISION = Decision(Verdict.ALLOW, "a", Reason.ALLOWED)
NUMBER = policy_of().plan.read(HOME)


def shape(cost: int, seconds: int = 1) -> Shape:
    """Return calls of a length that cost so much."""
    tariff = Tariff(60, cost, 60, cost)
    way = Way(Caller("staff", "101", 10), frozenset(), NUMBER, DECISION, tariff)
    return Shape(way, seconds, cost)


def test_the_scarcer_of_two_limits_tells() -> None:
    """Ten calls of 2.00, as long as the money for them."""
    calls = [shape(2_000_000)]
    many, few = Row("many", {0: 1}, 20), Row("few", {0: 2_000_000}, 20_000_000)
    assert solved(calls, [many, few]) == Bound(20_000_000, calls[0].way, ("few",))


def test_two_kinds_share_what_holds_both() -> None:
    """Three of the dear and seven of the other, of ten."""
    calls = [shape(5_000_000), shape(1_000_000)]
    found = solved(calls, [Row("all", {0: 1, 1: 1}, 10), Row("dear", {0: 1}, 3)])
    assert found.money == 22_000_000
    assert set(found.limits) == {"all", "dear"}


def test_what_no_limit_holds_is_unbounded() -> None:
    """By the dearest of it."""
    calls = [shape(1_000_000), shape(5_000_000), shape(2_000_000)]
    assert solved(calls, [Row("some", {0: 1}, 3)]) == Bound(None, calls[1].way)


@pytest.mark.parametrize("most", [0, 1])
def test_nothing_costs_nothing(most: int) -> None:
    """Neither where there is nothing to call, nor where no call is left."""
    assert solved([], [Row("l", {}, most)]) == Bound(0, None)
    assert solved([shape(5)], [Row("l", {0: 1}, 0)]) == Bound(0, None)


def test_money_is_rounded_up_and_by_no_more_than_a_hundredth() -> None:
    """A float's last digit is no hundredth."""
    assert solved([shape(7)], [Row("l", {0: 1}, 3)]).money == 10_000
    assert solved([shape(100_000)], [Row("l", {0: 3}, 9 * 10**9)]).money == 3 * 10**14


def test_choices_are_whole() -> None:
    """Two kinds of calls, ten of each if chosen, one and a half choices: only one is whole."""
    calls = [shape(2_000_000), shape(1_000_000)]
    rows = [
        Row("each", {0: 1, 2: -10}, 0),
        Row("each", {1: 1, 3: -10}, 0),
        Row("different", {2: 2, 3: 2}, 3),
    ]
    found = solved(calls, rows, [1, 1])
    assert found.money == pytest.approx(20_000_000, rel=1e-3)
    assert found.money is not None
    assert found.money >= 20_000_000
    assert found.limits[0] in ("each", "different")
    assert solved(calls, rows[:2], [1, 1]).money == 30_000_000


def test_what_is_not_chosen_in_time_is_bounded_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Then choices are mixed: more than can be, never less."""
    monkeypatch.setattr(program, "SECONDS_MAX", 0.0)
    calls = [shape(2_000_000), shape(1_000_000)]
    rows = [
        Row("each", {0: 1, 2: -10}, 0),
        Row("each", {1: 1, 3: -10}, 0),
        Row("different", {2: 2, 3: 2}, 3),
    ]
    money = solved(calls, rows, [1, 1]).money
    assert money is not None
    assert 20_000_000 <= money <= 25_000_000


def test_the_plan_says_what_would_be_called() -> None:
    """Three of the dear and seven of the other."""
    calls = [shape(5_000_000), shape(1_000_000)]
    found = solved(calls, [Row("all", {0: 1, 1: 1}, 10), Row("dear", {0: 1}, 3)])
    assert [(each, round(many, 6)) for each, many in found.plan] == [(calls[0], 3), (calls[1], 7)]
