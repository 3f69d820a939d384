"""No thief spends more than is told, and one who knows the policy not much less."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.policy.exposure.most import exposures
from fastagi.policy.exposure.spans import SPANS
from fastagi.policy.exposure.ways import Thief
from fastagi.rating.tariff import Tariff
from tests.unit.policy.exposure.policies import (
    ALIKE,
    DIALLED,
    EXTENSIONS,
    READINGS,
    World,
    world_of,
    worlds,
)
from tests.unit.policy.exposure.thief import Ledger, greedy, passes, plans

if TYPE_CHECKING:
    from collections.abc import Sequence

THIEVES: Final = int(os.environ.get("THIEVES", "100"))
"""Policies that thieves by chance are set on; some thousands take minutes."""

SUNDAY: Final = datetime(2026, 1, 4, tzinfo=UTC)

Step = tuple[int, int, int, int, int]
"""Seconds to wait, which extension, which number, how long, and which of the readings."""

STEPS: Final = st.lists(
    st.tuples(
        st.one_of(st.just(0), st.integers(1, 90), st.sampled_from([600, 3600, 18_000, 86_400])),
        st.integers(0, len(EXTENSIONS) - 1),
        st.integers(0, len(DIALLED) - 1),
        st.one_of(st.just(1), st.integers(1, 1800), st.just(1800)),
        st.integers(0, len(READINGS) - 1),
    ),
    max_size=40,
)


def spent(
    world: World, thief: Thief, steps: Sequence[Step], begin: datetime, span_s: int, mine: int
) -> int:
    """Make calls as the steps say, from the first `mine` extensions; return what they cost."""
    ledger, now = Ledger(), 0
    for wait, extension, number, seconds, reading in steps:
        now += wait
        if now >= span_s:
            break
        decision = passes(
            world.policy,
            thief,
            EXTENSIONS[extension % mine],
            world.numbers[number].number,
            begin + timedelta(seconds=now),
            READINGS[reading],
        )
        if decision is not None:
            ledger.make(decision, seconds, now)
    return ledger.cost(span_s)


@settings(max_examples=THIEVES, deadline=None)
@given(worlds(), st.sampled_from(Thief), STEPS, st.integers(0, 7 * 24))
def test_no_thief_spends_more(world: World, thief: Thief, steps: list[Step], hour: int) -> None:
    """Whatever is called whenever, from one extension, a class or all."""
    found = exposures(world.policy, [thief], SUNDAY, numbers=world.numbers)[thief].found
    begin = SUNDAY + timedelta(hours=hour)
    for what, of, mine in (("extension", "staff", 1), ("class", "staff", 3), ("site", "", 5)):
        for span in SPANS:
            money = next(
                x.bound.money for x in found if (x.what, x.of, x.span) == (what, of, span)
            )
            if money is not None:
                assert spent(world, thief, steps, begin, span.seconds, mine) <= money, (
                    what,
                    span.name,
                )


SPEND = 'spend = "20.00"\nwithin = "24h"\n'
USUAL: Final = [
    ["per = 'extension'\n" + SPEND],
    ["per = 'extension'\n" + SPEND, "per = 'site'\nspend = '50.00'\nwithin = '24h'\n"],
    ["per = 'extension'\ncalls = 2\n", "per = 'extension'\n" + SPEND],
    ["per = 'extension'\ncalls = 1\n", "per = 'site'\nminutes = 5\nwithin = '24h'\n"],
    ["per = 'extension'\nattempts = 3\nwithin = '24h'\n"],
    ["per = 'class'\nattempts = 4\nwithin = '1h'\n", "per = 'extension'\ncalls = 2\n"],
    ["per = 'country'\n" + SPEND.replace("20", "5"), "per = 'extension'\ncalls = 2\n"],
    ["per = 'site'\nminutes = 60\n" + SPEND, "duration = '10m'\n"],
    ["per = 'site'\ncountries = 2\n" + SPEND, "price = '1.00'\n"],
]
PRICES: Final = {
    "44": Tariff(1, 15_000, 1, 15_000),
    "39": Tariff(60, 350_000, 60, 350_000),
    "33": Tariff(30, 225_000, 6, 45_000),
    "881": Tariff(60, 6_070_000, 60, 6_000_000),
}


@pytest.mark.parametrize("limits", USUAL)
def test_a_thief_who_knows_the_policy_gets_most_of_it(limits: list[str]) -> None:
    """At least 10/11, in an hour and in a night, from one extension and from all."""
    text = "".join(f'[[limit]]\nname = "l{at}"\n{each}' for at, each in enumerate(limits))
    world = world_of(text, PRICES)
    found = exposures(world.policy, [Thief.ALL], SUNDAY, numbers=world.numbers)[Thief.ALL].found
    for what, of, mine in (("extension", "staff", 1), ("site", "", 5)):
        some = [
            decision
            for extension in EXTENSIONS[:mine]
            for each in world.numbers[::ALIKE]
            if (decision := passes(world.policy, Thief.ALL, extension, each.number, SUNDAY))
        ]
        for span in SPANS[:2]:
            most = next(x.bound.money for x in found if (x.what, x.of, x.span) == (what, of, span))
            assert most
            got = 0
            for plan in plans(some):
                got = max(got, greedy(plan, span.seconds, enough=most / 1.1))
                if got >= most / 1.1:
                    break
            assert most / 1.1 <= got <= most, (what, span.name)
