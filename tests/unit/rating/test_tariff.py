"""A call costs whole increments, and money lasts as long as it can pay for them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.rating.tariff import (
    INCREMENT_COST_MAX,
    INCREMENT_MAX_S,
    MONEY_MAX,
    MONEY_UNIT,
    Tariff,
    amount,
)

SECONDS = st.integers(1, INCREMENT_MAX_S)
COSTS = st.one_of(st.integers(0, 1000), st.integers(0, INCREMENT_COST_MAX))
TARIFFS = st.builds(Tariff, SECONDS, COSTS, SECONDS, COSTS)
LENGTHS = st.integers(0, 366 * 86400)
MONEY = st.one_of(st.integers(0, 10_000), st.integers(0, MONEY_MAX - 1))


@pytest.mark.parametrize(
    ("seconds", "cost"),
    [(-1, 0), (0, 0), (1, 50), (30, 50), (31, 57), (36, 57), (37, 64), (60, 85), (61, 92)],
)
def test_what_is_begun_is_paid(seconds: int, cost: int) -> None:
    """By 30/6, each six seconds after the first thirty count as soon as they begin."""
    assert Tariff(30, 50, 6, 7).cost(seconds) == cost


@pytest.mark.parametrize(
    ("money", "seconds"), [(0, 0), (49, 0), (50, 30), (56, 30), (57, 36), (64, 42), (9999, 100)]
)
def test_money_lasts_for_whole_increments(money: int, seconds: int) -> None:
    """What is left of an increment that cannot be paid is not spoken."""
    assert Tariff(30, 50, 6, 7).lasts(money, 100) == seconds


def test_what_is_free_lasts() -> None:
    """No price, no end; a fee alone is paid once."""
    assert Tariff(60, 0, 60, 0).lasts(0, 3600) == 3600
    assert Tariff(60, 5, 60, 0).lasts(5, 3600) == 3600
    assert Tariff(60, 5, 60, 0).lasts(4, 3600) == 0
    assert Tariff(60, 0, 60, 9).lasts(0, 3600) == 60
    assert Tariff(60, 0, 60, 0).lasts(5, 0) == 0


@given(TARIFFS, LENGTHS, LENGTHS)
def test_a_longer_call_costs_no_less(tariff: Tariff, one: int, other: int) -> None:
    """Cost is monotone in seconds."""
    assert tariff.cost(min(one, other)) <= tariff.cost(max(one, other)) <= MONEY_MAX


@given(TARIFFS, MONEY, LENGTHS)
def test_money_is_never_overdrawn_and_never_left(tariff: Tariff, money: int, most: int) -> None:
    """What it lasts for can be paid, and one second more could not."""
    seconds = tariff.lasts(money, most)
    assert 0 <= seconds <= most
    assert tariff.cost(seconds) <= money
    assert seconds == most or tariff.cost(seconds + 1) > money


@given(TARIFFS)
def test_no_minute_is_dearer_than_the_price_a_minute(tariff: Tariff) -> None:
    """Each minute that is added costs at most the price a minute."""
    costs = [tariff.cost(60 * minutes) for minutes in range(5)]
    assert costs[1] <= tariff.per_minute
    steps = [after - before for before, after in pairwise(costs[1:])]
    rounded = -(-60 // tariff.next_s) * tariff.next_cost
    assert all(step <= rounded <= tariff.per_minute for step in steps)


def test_the_price_a_minute_is_the_sheets_own_by_whole_minutes() -> None:
    """By 60/60 without a fee it is what was written; a fee counts, a free minute does not."""
    assert Tariff(60, MONEY_UNIT, 60, MONEY_UNIT).per_minute == MONEY_UNIT
    assert Tariff(60, 6 * MONEY_UNIT, 60, MONEY_UNIT).per_minute == 6 * MONEY_UNIT
    assert Tariff(60, 0, 60, MONEY_UNIT).per_minute == MONEY_UNIT
    assert Tariff(1, 205, 1, 205).per_minute == 60 * 205


@pytest.mark.parametrize(
    ("money", "shown"),
    [
        (0, "0.00"),
        (12_300, "0.0123"),
        (20 * MONEY_UNIT, "20.00"),
        (1, "0.000001"),
        (100_000, "0.10"),
    ],
)
def test_money_is_shown_exactly(money: int, shown: str) -> None:
    """With two digits at least, and no zeros that say nothing."""
    assert amount(money) == shown


@pytest.mark.parametrize(
    "wrong",
    [
        (0, 1, 60, 1),
        (60, 1, 0, 1),
        (3601, 1, 60, 1),
        (60, -1, 60, 1),
        (60, 1, 60, -1),
        (60, 1, 60, INCREMENT_COST_MAX + 1),
    ],
)
def test_what_lua_could_not_count_is_refused(wrong: tuple[int, int, int, int]) -> None:
    """A tariff is within its bounds, or it is none."""
    with pytest.raises(ValueError, match="increment"):
        Tariff(*wrong)
