"""What budgets are counted in; what stores do with them is asked in tests/contract."""

from __future__ import annotations

import pytest

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import (
    Budget,
    Unit,
    amount_of,
    charge_id,
    is_crossed,
    seconds_for,
    used_of,
)

BY_MINUTE = Tariff(60, 10, 60, 10)


def test_only_money_and_seconds_are_reserved() -> None:
    """What else there is counts once, however long the call."""
    assert [each for each in Unit if each.is_reserved] == [Unit.SPEND, Unit.SECONDS]
    distinct = [each for each in Unit if each.is_distinct]
    assert distinct == [Unit.NUMBERS, Unit.COUNTRIES, Unit.EXTENSIONS]
    amounts = [amount_of(each, 61, BY_MINUTE) for each in Unit]
    assert amounts == [20, 61, 1, 1, 1, 1, 1]
    assert amount_of(Unit.SPEND, 61, None) == 0


def test_how_long_a_call_was_answered_settles_what_depends_on_it() -> None:
    """Money, seconds, and whether it was a short one; nothing else."""
    settled = [each for each in Unit if each.is_settled]
    assert settled == [Unit.SPEND, Unit.SECONDS, Unit.SHORT]
    for seconds, used in ((0, [0, 0, 0]), (1, [10, 1, 1]), (30, [10, 30, 1]), (31, [10, 31, 0])):
        assert [used_of(each, seconds, BY_MINUTE) for each in settled] == used


@pytest.mark.parametrize(
    ("unit", "left", "tariff", "seconds"),
    [
        (Unit.SECONDS, 99, None, 99),
        (Unit.SECONDS, 200, None, 100),
        (Unit.SECONDS, -1, None, 0),
        (Unit.SPEND, 19, BY_MINUTE, 60),
        (Unit.SPEND, -1, BY_MINUTE, 0),
        (Unit.SPEND, -1, None, 100),
        (Unit.SPEND, -1, Tariff(1, 0, 1, 0), 100),
    ],
)
def test_what_is_left_is_enough_for_so_many_seconds(
    unit: Unit, left: int, tariff: Tariff | None, seconds: int
) -> None:
    """Of a hundred; where a new policy gives less than is used, nothing is left."""
    assert seconds_for(unit, left, 100, tariff) == seconds


@pytest.mark.parametrize(
    ("before", "after", "crossed"),
    [(0, 80, False), (0, 81, True), (80, 81, True), (81, 100, False), (0, 101, True)],
)
def test_a_budget_is_crossed_at_more_than_four_fifths(
    before: int, after: int, crossed: bool
) -> None:
    """By one step only."""
    assert is_crossed(before, after, 100) == crossed


def test_a_charge_has_the_name_of_its_lease_and_moment() -> None:
    """Whichever store names it, and though a clock's last digits were lost on the way."""
    name = charge_id("a", "+39", "one", 1764086400.125)
    assert name == charge_id("a", "+39", "one", 1764086400.1250001)
    others = {
        charge_id("a", "+39", "two", 1764086400.125),
        charge_id("a", "+3", "9one", 1764086400.125),
        charge_id("a", "+39", "one", 1764086400.135),
    }
    assert len({name, *others}) == 4


def test_what_is_counted_under_is_a_window() -> None:
    """Neither what is allowed nor the item makes it another."""
    one = Budget("day", "101", Unit.NUMBERS, 5, 60, item="+39")
    other = Budget("day", "101", Unit.NUMBERS, 9, 600, shadow=True, item="+33")
    assert one.window == other.window == ("day", "101", Unit.NUMBERS)
