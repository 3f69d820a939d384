"""Where a thief has to choose: sums that can be done by hand."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fastagi.policy.exposure.destinations import Destination
from fastagi.policy.exposure.most import exposures
from fastagi.policy.exposure.spans import SPANS
from fastagi.policy.exposure.ways import Thief
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import HOME, JAMAICA, MINUTES, ROME, priced

AT = datetime(2026, 1, 4, tzinfo=UTC)
DAY = 'within = "24h"\n'
DEAR = Tariff(60, 5_000_000, 60, 0)
"""5.00 a call, however long."""


def most(*limits: str, span: str = "hour", what: str = "site") -> float:
    """Return the most that calls to London and Rome, by the minute, and to Jamaica come to."""
    text = "".join(f'[[limit]]\nname = "l{at}"\n{each}' for at, each in enumerate(limits))
    prices = {"44": MINUTES, "39": MINUTES, "1876": DEAR}
    policy = priced('[[rule]]\nname = "a"\nthen = "allow"\n' + text, prices)
    numbers = [
        Destination(policy.plan.read(each), tariff)
        for each, tariff in ((HOME, MINUTES), (ROME, MINUTES), (JAMAICA, DEAR))
    ]
    spans = [each for each in SPANS if each.name == span]
    some = exposures(policy, [Thief.PASSWORD], AT, numbers=numbers, spans=spans)
    money = next(
        each.bound.money
        for each in some[Thief.PASSWORD].found
        if each.what == what and each.of in ("staff", "")
    )
    assert money is not None
    return money / 1_000_000


ATTEMPTS = 'per = "country"\nattempts = 3\n' + DAY


@pytest.mark.parametrize(
    ("countries", "money"),
    [(1, 72 * 3), (2, 72 * 6), (3, 72 * 6 + 5 * 3)],
)
def test_so_many_countries_have_so_many_calls(countries: int, money: int) -> None:
    """Three calls of an hour at 1.20 a minute to each; or three to Jamaica, 5.00 each."""
    site = f'per = "site"\ncountries = {countries}\n{DAY}'
    assert most(site, ATTEMPTS) == pytest.approx(money, abs=0.02)


def test_one_of_two_is_chosen_not_half_of_each() -> None:
    """Calls home are bound by minutes, those to Jamaica by attempts; one country is called."""
    home = 'per = "site"\nto = ["national"]\nminutes = 1\n' + DAY  # sixty calls of a second
    dear = 'per = "site"\nto = ["international"]\nattempts = 12\n' + DAY
    short = 'duration = "1m"\n'
    one = 'per = "site"\ncountries = 1\n' + DAY
    assert most(home, dear, short) == pytest.approx(60 * 1.2 + 12 * 5)
    assert most(home, dear, short, one) == pytest.approx(60 * 1.2, rel=0.01)


def test_each_time_of_a_night_has_its_own_countries() -> None:
    """One an hour, three calls to each within a day: twelve hours, three countries, nine calls."""
    site = 'per = "site"\ncountries = 1\nwithin = "1h"\n'
    night = most(site, ATTEMPTS, 'duration = "1m"\n', span="night")
    assert night == pytest.approx(6 * 1.2 + 3 * 5)


def test_numbers_have_what_each_may_have() -> None:
    """Of every extension two numbers, of each 7.00: five whole minutes, or one call to Jamaica."""
    each = 'per = "number"\nspend = "7.00"\n' + DAY
    two = 'per = "extension"\nnumbers = 2\n' + DAY
    assert most(two, each, what="extension") == pytest.approx(2 * 6)
    assert most(two, each, what="class") == pytest.approx(10 * 2 * 6)
    assert most(two, each, 'per = "site"\nspend = "50.00"\n' + DAY) == pytest.approx(50, abs=0.5)


def test_a_line_to_each_number_outlasts_the_time_it_counts_in() -> None:
    """Of one number at a time one call: no more than seconds there are."""
    numbers = 'per = "site"\nnumbers = 1\nwithin = "1h"\n'
    line = 'per = "number"\ncalls = 1\n'
    got = most(numbers, line, span="night")
    assert 12 * 3600 * 5 <= got <= 12 * 3600 * 5 * 1.1  # Jamaica, hung up at once
