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
from tests.unit.policy.exposure.knowing import replayed
from tests.unit.policy.exposure.policies import (
    DIALLED,
    EXTENSIONS,
    READINGS,
    World,
    world_of,
    worlds,
)
from tests.unit.policy.exposure.search import best
from tests.unit.policy.exposure.thief import Ledger, passes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.policy.exposure.spans import Span

THIEVES: Final = int(os.environ.get("THIEVES", "30"))
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
@given(worlds(), st.sampled_from(Thief), STEPS, st.integers(0, 7 * 24), st.sampled_from(SPANS))
def test_no_thief_spends_more(
    world: World, thief: Thief, steps: list[Step], hour: int, span: Span
) -> None:
    """Whatever is called whenever, from one extension, a class or all."""
    some = exposures(world.policy, [thief], SUNDAY, numbers=world.numbers, spans=[span])
    begin = SUNDAY + timedelta(hours=hour)
    for what, of, mine in (("extension", "staff", 1), ("class", "staff", 3), ("site", "", 5)):
        found = some[thief].found
        money = next(x.bound.money for x in found if (x.what, x.of) == (what, of))
        if money is not None:
            assert spent(world, thief, steps, begin, span.seconds, mine) <= money, what


PLAYED_MAX: Final = 300
"""Calls up to which a plan is played again on the ledger, which walks over all for each."""

DAY = 'within = "24h"\n'
SPEND = 'spend = "20.00"\n' + DAY
EACH = "per = 'extension'\n"
SITE = "per = 'site'\n"
PRICES: Final = {
    "44": Tariff(1, 15_000, 1, 15_000),
    "39": Tariff(60, 350_000, 60, 350_000),
    "33": Tariff(30, 225_000, 6, 45_000),
    "881": Tariff(60, 6_070_000, 60, 6_000_000),
}
MINUTES: Final = dict.fromkeys(PRICES, Tariff(60, 1_200_000, 60, 1_200_000))
SECONDS: Final = dict.fromkeys(PRICES, Tariff(1, 2_000, 1, 2_000))
OFFICE: Final = '[[rule]]\nname = "shut"\nwhen = "not office"\nthen = "deny"\n'
USUAL: Final = {
    "money": (PRICES, "", [EACH + SPEND]),
    "money of the site": (PRICES, "", [EACH + SPEND, SITE + SPEND.replace("20", "50")]),
    "two calls": (PRICES, "", [EACH + "calls = 2\n", EACH + SPEND]),
    "minutes": (PRICES, "", [EACH + "calls = 1\n", SITE + "minutes = 5\n" + DAY]),
    "attempts": (PRICES, "", [EACH + "attempts = 3\n" + DAY]),
    "attempts of a class": (
        PRICES,
        "",
        ["per = 'class'\nattempts = 4\nwithin = '1h'\n", EACH + "calls = 2\n"],
    ),
    "money of a country": (
        PRICES,
        "",
        ["per = 'country'\n" + SPEND.replace("20", "5"), EACH + "calls = 2\n"],
    ),
    "length": (PRICES, "", [SITE + "minutes = 60\n" + SPEND, "duration = '10m'\n"]),
    "countries and price": (PRICES, "", [SITE + "countries = 2\n" + SPEND, "price = '1.00'\n"]),
    # The thief has to choose.
    "one country": (
        PRICES,
        "",
        [SITE + "countries = 1\n" + DAY, "per = 'country'\n" + SPEND, EACH + "calls = 1\n"],
    ),
    "two countries, each with calls and money": (
        PRICES,
        "",
        [
            SITE + "countries = 2\n" + DAY,
            "per = 'country'\ncalls = 1\nattempts = 20\n" + DAY,
            "per = 'country'\nto = ['satellite']\nminutes = 1\n" + DAY,
        ],
    ),
    "two numbers": (
        PRICES,
        "",
        [SITE + "numbers = 2\n" + DAY, "per = 'number'\ncalls = 1\n" + SPEND],
    ),
    "three numbers, money and minutes of each": (
        PRICES,
        "",
        [
            EACH + "numbers = 3\n" + DAY,
            "per = 'number'\nminutes = 5\n" + SPEND.replace("20", "7"),
            SITE + "calls = 4\n",
        ],
    ),
    "a number in turn": (
        PRICES,
        "",
        [EACH + "numbers = 1\nwithin = '1h'\n", "per = 'number'\n" + SPEND.replace("20", "9")],
    ),
    # A budget takes nearly its time to be used up.
    "one line, three hours": (
        SECONDS,
        "",
        [SITE + "calls = 1\n", SITE + "spend = '20.00'\nwithin = '3h'\n"],
    ),
    "one line, five hours": (
        SECONDS,
        "",
        [SITE + "calls = 1\n", SITE + "spend = '30.00'\nwithin = '5h'\n"],
    ),
    "two lines, seven hours": (
        SECONDS,
        "",
        [SITE + "calls = 2\n", SITE + "minutes = 600\nwithin = '7h'\n"],
    ),
    # Hours hold for a part.
    "office, one line": (PRICES, OFFICE, [SITE + "calls = 1\n"]),
    "office, a call an hour": (PRICES, OFFICE, [SITE + "attempts = 1\nwithin = '1h'\n"]),
    "office, money": (PRICES, OFFICE, [SITE + "calls = 1\n", SITE + SPEND]),
    # All of it.
    "many": (
        PRICES,
        OFFICE,
        [
            EACH + "calls = 2\n",
            EACH + SPEND,
            SITE + "spend = '70.00'\nminutes = 90\nwithin = '5h'\n",
            SITE + "countries = 2\nattempts = 40\n" + DAY,
        ],
    ),
}


@pytest.mark.parametrize("name", USUAL)
def test_a_thief_who_knows_the_policy_gets_most_of_it(name: str) -> None:
    """At least 10/11, in an hour and in a night, from one extension and from all."""
    prices, rules, limits = USUAL[name]
    text = "".join(f'[[limit]]\nname = "l{at}"\n{each}' for at, each in enumerate(limits))
    world = world_of(rules + text, prices)
    spans = SPANS[:2]
    some = exposures(world.policy, [Thief.ALL], SUNDAY, numbers=world.numbers, spans=spans)
    for what, of, mine in (("extension", "staff", 1), ("site", "", 5)):
        for span in spans:
            found = some[Thief.ALL].found
            bound = next(x.bound for x in found if (x.what, x.of, x.span) == (what, of, span))
            assert bound.money
            got = best(world, Thief.ALL, bound, span.seconds, mine)
            assert bound.money / 1.1 <= got.cost <= bound.money, (what, span.name)
            if sum(each.calls for each in got.made) <= PLAYED_MAX:
                assert replayed(got) == got.cost
