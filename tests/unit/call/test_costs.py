"""What a call has reserved, what it costs, and what stands on record of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from fastagi.call.costs import nearly_used_up, reserved, so_far, used_s
from fastagi.rating.tariff import MONEY_UNIT, Tariff
from fastagi.stores.budgets import Budget, Level, Unit
from tests.contract.store_kinds import a_lease
from tests.unit.policy.samples import priced

MINUTES: Final = Tariff(60, MONEY_UNIT, 60, MONEY_UNIT)
"""One unit for each minute that is begun."""

A_DAY: Final = Budget("a-day", "101", Unit.SPEND, 20 * MONEY_UNIT, 86_400)

LEASE: Final = replace(a_lease("1.1"), since=1000.0, seconds=600, tariff=MINUTES, budgets=(A_DAY,))


def test_money_is_reserved_for_as_long_as_the_call_may_last() -> None:
    """Where a limit counts money; without a price it is none."""
    assert reserved(LEASE) == 10 * MONEY_UNIT
    assert reserved(replace(LEASE, tariff=None)) == 0
    assert reserved(replace(LEASE, budgets=())) is None
    assert reserved(replace(LEASE, budgets=(replace(A_DAY, unit=Unit.SECONDS),))) is None


@pytest.mark.parametrize(("passed_s", "cost"), [(0.5, 1), (60.0, 1), (60.1, 2), (5000.0, 10)])
def test_what_a_call_costs_so_far_goes_up_by_increments(passed_s: float, cost: int) -> None:
    """To what is reserved, and no further."""
    assert so_far(LEASE, 1000 + passed_s) == cost * MONEY_UNIT


def test_a_call_without_a_price_costs_nobody_knows_what() -> None:
    """That is not nothing."""
    assert so_far(replace(LEASE, tariff=None), 1060.0) is None


@pytest.mark.parametrize(
    ("now", "talked_s", "seconds"),
    [
        (1100.0, 0, 0),
        (1100.0, 61, 61),
        (1100.2, None, 101),
        (9000.0, None, 600),
        (9000.0, 601, 600),
        (900.0, None, 600),
    ],
)
def test_what_is_used_is_what_was_talked(now: float, talked_s: int | None, seconds: int) -> None:
    """Where nobody knows, all since it began; where not even that is known, all of it."""
    assert used_s(LEASE, now, talked_s) == seconds


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ("a-day", {"whose": "101", "unit": "spend", "used": "16.20 GBP", "most": "20.00 GBP"}),
        ("a-number", {"whose": "", "unit": "spend", "used": "16.20 GBP", "most": "20.00 GBP"}),
        ("gone", {"whose": "", "unit": "spend", "used": "16.20 GBP", "most": "20.00 GBP"}),
    ],
)
def test_a_budget_near_its_end_is_told_without_any_number(
    limit: str, said: dict[str, str]
) -> None:
    """Whose it is, where that is no number; in the policy's currency."""
    limits = "".join(
        f'[[limit]]\nname = "{name}"\nper = "{per}"\nspend = "20.00"\nwithin = "24h"\n'
        for name, per in (("a-day", "extension"), ("a-number", "number"))
    )
    policy = priced(limits, {"44": MINUTES})
    level = Level(limit, "101", Unit.SPEND, 16_200_000, 20_000_000)
    told = nearly_used_up(policy, level)
    assert told == {"site": "test", "limit": limit, **said}
