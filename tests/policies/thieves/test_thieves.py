"""What thieves get past the sample office's gate.

The policy, the gate and the store are the real ones; see `defences`.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.loading import load, load_text
from fastagi.policy.model import Per, Reason, Unit
from fastagi.rating.tariff import MONEY_UNIT
from tests.policies.thieves import attacks
from tests.policies.thieves.defences import (
    GroupCount,
    OpenDialplan,
    PinSet,
    Thief,
    dialled,
)
from tests.policies.thieves.replay import budget, guarded, replay

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.policy.model import Policy
    from tests.policies.thieves.attacks import Attack

OFFICE = Path(__file__).parents[3] / "policies" / "office.toml"
THINNED = 1000
"""Each so many-th call of a weekend's is made here; the benchmark makes them all."""

ATTACKS: dict[str, Callable[[], Attack]] = {
    "clinic": attacks.clinic,
    "rain": lambda: attacks.rain(THINNED),
    "rain-dialled": lambda: attacks.rain(THINNED, forwarded=False),
    "drip": attacks.drip,
    "burst": attacks.burst,
}

STOPS = {
    Reason.RULE,
    Reason.WRONG_CODE,
    Reason.LOCKED_OUT,
    Reason.CANNOT_CHALLENGE,
    Reason.LIMIT_REACHED,
    Reason.BUDGET_REACHED,
    Reason.HUNG_UP,
}
"""What may stop a thief; anything else were an accident."""


@pytest.fixture(scope="module")
def office() -> Policy:
    """The sample policy as it ships."""
    return load(OFFICE)


# ----------------------------------------------------------------------------- the attacks


def test_the_clinic_has_the_totals_that_were_published(office: Policy) -> None:
    """Calls, numbers, countries, phones, pace; what is at stake is the next test's."""
    calls = attacks.clinic().calls
    read = [office.plan.read(dialled(office, each.number)) for each in calls]
    gaps = [round(b.after_s - a.after_s, 1) for a, b in pairwise(calls)]
    assert len(calls) == 111
    assert len({each.number for each in read}) == 89
    assert len({each.country for each in read}) == 37
    assert len({each.extension for each in calls}) == 3
    assert {each.talks_s for each in calls} == {20 * 60}
    assert min(gaps) == 0.2
    assert sum(gaps) / len(gaps) == pytest.approx(8.8)
    assert calls[-1].after_s // 60 == 16


def test_the_rain_falls_as_was_published() -> None:
    """A call each 2.67 seconds for sixty hours, of one to four hours each, all by forwards."""
    calls = attacks.rain().calls
    lengths = {each.talks_s for each in calls}
    assert len(calls) == 80_898
    assert calls[1].after_s == 2.67
    assert 60 * 3600 - calls[-1].after_s < 2 * 2.67
    assert min(lengths) >= 3600
    assert max(lengths) <= 4 * 3600
    assert all(each.forwarded for each in calls)


async def test_an_open_dialplan_loses_all_that_is_at_stake(office: Policy) -> None:
    """What the clinic stood to lose is what was published, to the penny."""
    loss = await replay(attacks.clinic(), OpenDialplan(), office)
    assert (loss.money, loss.passed) == (1299_660_000, 111)


# ----------------------------------------------------------------------------- the promises


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_a_password_alone_buys_nothing(attack: Callable[[], Attack], office: Policy) -> None:
    """Every call asks for what the thief has not, and guessing locks the phone."""
    loss = await guarded(attack(), office, Thief.PASSWORD)
    assert (loss.money, loss.passed) == (0, 0)
    assert set(loss.refused) <= STOPS


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_the_pin_besides_buys_no_more_than_the_budget(
    attack: Callable[[], Attack], office: Policy
) -> None:
    """It opens what asks for no code; the rest is as ever."""
    made = attack()
    loss = await guarded(made, office, Thief.PIN)
    assert loss.money <= budget(office, made)
    assert bool(loss.passed) is (made.name == "a slow drip")
    assert set(loss.refused) <= STOPS


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
async def test_whoever_has_everything_gets_no_more_than_the_budget(
    attack: Callable[[], Attack], office: Policy
) -> None:
    """He gets through, unless a forward does it for him; what stops him are the limits."""
    made = attack()
    loss = await guarded(made, office, Thief.ALL)
    assert loss.money <= budget(office, made)
    assert set(loss.refused) <= STOPS
    forwarded = any(each.forwarded for each in made.calls)
    limited = loss.refused[Reason.LIMIT_REACHED] + loss.refused[Reason.BUDGET_REACHED]
    assert (loss.money > 0) is (limited > 0) is not forwarded


async def test_without_the_limits_on_money_the_drip_costs_what_it_costs() -> None:
    """Neither two calls at a time nor half an hour each holds it back."""
    text = re.sub(
        r'\[\[limit\]\]\nname   = "money-.*?\n\n', "", OFFICE.read_text(), flags=re.DOTALL
    )
    loss = await guarded(attacks.drip(), load_text(text, OFFICE), Thief.PIN)
    assert (loss.money, loss.passed) == (351 * MONEY_UNIT, 45)


# ----------------------------------------------------------------------------- the others


async def test_a_cap_on_calls_at_a_time_bounds_no_money(office: Policy) -> None:
    """It stops what comes at once, and nothing that comes one after another."""
    assert (await replay(attacks.drip(), GroupCount(), office)).passed == 45
    loss = await replay(attacks.clinic(), GroupCount(), office)
    assert (loss.passed, loss.refused) == (6, {"GROUP_COUNT": 105})


@pytest.mark.parametrize(("thief", "passed"), [(Thief.PASSWORD, 0), (Thief.PIN, 111)])
async def test_one_pin_for_all_is_all_or_nothing(
    thief: Thief, passed: int, office: Policy
) -> None:
    """Whoever overheard it calls as if there was none."""
    assert (await replay(attacks.clinic(), PinSet(thief), office)).passed == passed


def test_the_budget_is_that_of_the_policy(office: Policy) -> None:
    """20.00 a phone and 100.00 in all, a day: of one phone for a night, of three for a weekend."""
    spend = {each.per: each.most(Unit.SPEND) for each in office.limits if each.most(Unit.SPEND)}
    assert spend == {Per.EXTENSION: 20 * MONEY_UNIT, Per.SITE: 100 * MONEY_UNIT}
    assert budget(office, attacks.drip()) == 20 * MONEY_UNIT
    assert budget(office, attacks.rain(THINNED)) == 3 * 60 * MONEY_UNIT
