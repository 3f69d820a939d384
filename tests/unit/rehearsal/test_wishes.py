"""What calls ask for, worked out once."""

from __future__ import annotations

import pytest

from fastagi.rating.tariff import Tariff
from fastagi.rehearsal.wishes import due_of, wish_of
from fastagi.stores.budgets import Budget, Unit, amount_of
from fastagi.stores.store import Hold, Lease

BY_MINUTES = Tariff(60, 100, 60, 100)
LEASE = Lease(
    *("site", "", "+1", "", "101", "FR", "international", "", "rule", ""),
    seconds=90,
    since=0.0,
    expires=150.0,
    holds=(Hold("two", "101", 2), Hold("trial", "", 1, shadow=True)),
    budgets=(
        Budget("money", "101", Unit.SPEND, 500, 60),
        Budget("money", "101", Unit.SPEND, 900, 60),
        Budget("money", "102", Unit.SPEND, 500, 60),
    ),
    tariff=BY_MINUTES,
)


@pytest.mark.parametrize("unit", Unit)
def test_a_budget_is_what_its_unit_is(unit: Unit) -> None:
    """All that the store's words say of it, and what the whole call comes to."""
    budget = Budget("money", "101", unit, 500, 60, shadow=True, item="FR")
    due = due_of(budget, 90, BY_MINUTES)
    assert (due.budget, due.window, due.unit) == (budget, budget.window, unit)
    assert (due.most, due.within_s, due.shadow) == (500, 60, True)
    assert (due.is_reserved, due.is_distinct) == (unit.is_reserved, unit.is_distinct)
    assert (due.is_settled, due.whole) == (unit.is_settled, amount_of(unit, 90, BY_MINUTES))


def test_each_window_is_charged_once() -> None:
    """Of two budgets of one window the first counts; slots are named by limit and key."""
    wish = wish_of(LEASE)
    assert wish.lease is LEASE
    assert wish.slots == ((("two", "101"), LEASE.holds[0]), (("trial", ""), LEASE.holds[1]))
    assert [(each.window[1], each.most) for each in wish.dues] == [("101", 500), ("102", 500)]
    assert [each.whole for each in wish.dues] == [200, 200]
