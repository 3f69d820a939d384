"""An honest month at the office whose policy ships: hardly anybody notices the gate."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.numbering.number import Category
from fastagi.policy.loading import load
from tests.doubles import office_month
from tests.doubles.office_month import CALLS, LONDON, calls, replay
from tests.doubles.virtual_gate import virtual_gate
from tests.policies.test_cases import ROOT

if TYPE_CHECKING:
    from tests.doubles.office_month import Call

OFFICE: Final = ROOT / "policies" / "office.toml"
SEED: Final = 1


@pytest.fixture(scope="module")
def month() -> list[Call]:
    """The calls."""
    return calls(SEED)


def test_the_month_is_the_same_each_time(month: list[Call]) -> None:
    """And another seed is another month."""
    assert month == calls(SEED)
    assert month != calls(SEED + 1)
    assert len(month) == CALLS


def test_it_is_an_office(month: list[Call]) -> None:
    """Most call at home, in office hours; and some abroad, and at night."""
    plan = load(OFFICE).plan
    kinds = Counter(plan.read(each.dialled).category for each in month)
    abroad = kinds[Category.INTERNATIONAL] / CALLS
    assert 0.01 < abroad < 0.03
    assert kinds[Category.NATIONAL] > kinds[Category.MOBILE] > kinds[Category.INTERNAL]
    assert set(kinds) == {
        Category.NATIONAL,
        Category.MOBILE,
        Category.INTERNAL,
        Category.TOLL_FREE,
        Category.SHARED_COST,
        Category.INTERNATIONAL,
    }
    local = [datetime.fromtimestamp(each.at, LONDON) for each in month]
    assert 0.9 < sum(8 <= each.hour < 18 and each.weekday() < 5 for each in local) / CALLS < 0.995
    noon = sum(each.hour == 12 for each in local)
    assert noon == max(Counter(each.hour for each in local).values())
    by_phone = Counter(each.extension for each in month)
    assert by_phone.most_common(1)[0][0] == office_month.SALESMAN


@pytest.mark.timeout(600)  # half a minute, where nothing else runs
async def test_nobody_is_in_the_way_of_an_honest_month(month: list[Call]) -> None:
    """One call in ten thousand may be refused, and a code be asked for at one in a hundred.

    Stepped up is each call at which the gate asked for a PIN or a code, once or more often; a call
    abroad at which it remembered the last one is none. Calls inside are among the ten thousand.
    Budgets are reserved for all that a call may use: harder on the honest than slices.
    """
    went = await _went(month, slice_s=0)
    assert len(went.decisions) == CALLS
    assert len(went.refused) <= 1, went.refused
    assert 0 < len(went.stepped_up) <= CALLS // 100
    assert went.cut_off <= 2


@pytest.mark.timeout(600)
async def test_slices_are_in_nobodys_way(month: list[Call]) -> None:
    """In the last fifth of the month nobody is refused, or cut off."""
    last = month[-CALLS // 5 :]
    went = await _went(last, slice_s=300)
    assert len(went.decisions) == len(last)
    assert (went.refused, went.cut_off) == ([], 0)


async def _went(wanted: list[Call], slice_s: int) -> office_month.Month:
    began = datetime.combine(office_month.BEGIN, datetime.min.time(), LONDON).timestamp()
    async with virtual_gate(load(OFFICE), began, slice_s=slice_s) as gate:
        went = await replay(gate, wanted)
        assert await gate.store.live(None, gate.clock.now) == []
    return went
