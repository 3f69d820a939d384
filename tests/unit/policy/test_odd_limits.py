"""`odd_limits`: limits that never matter, and those that stop what nobody meant them to."""

from __future__ import annotations

import pytest

from fastagi.policy.odd_limits import find_odd
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import MINUTES, policy_of, priced

RULES = """
[[rule]]
name = "abroad"
to = ["international"]
then = "pin"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
"""
LINE = "never matters: all its calls together cannot come to more than"


def _limit(*lines: str, name: str = "l") -> str:
    return "\n".join(["[[limit]]", f'name = "{name}"', *lines, ""])


PER = 'per = "extension"'
DAY = 'within = "24h"'
SPEND = _limit(PER, 'spend = "20.00"', DAY)


def _odd(limits: str, *, spend: bool = True) -> list[str]:
    """Return what is odd of limits, where numbers cost from 0.01 to 1.20 a minute.

    Args:
        limits: They.
        spend: Whether there is another limit, on money, so that calls abroad are bounded.
    """
    another = _limit(
        'per = "site"', 'to = ["premium"]', 'spend = "99.00"', 'within = "7d"', name="z"
    )
    prices = {"39": MINUTES, "44": Tariff(60, 10_000, 60, 10_000), "1": Tariff(60, 0, 60, 0)}
    policy = priced(RULES + limits + (another if spend else ""), prices)
    return [what for _, what in find_odd(policy)]


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        (
            _limit(PER, "minutes = 60", DAY) + _limit(PER, "minutes = 60", DAY, name="m"),
            "limit `m` never matters: `l` counts the same, and allows no more",
        ),
        (
            _limit(PER, "attempts = 9", "numbers = 5", DAY)
            + _limit(PER, "attempts = 9", "countries = 2", 'within = "12h"', name="m"),
            "`attempts` of limit `m` never matters: `l` counts the same, and allows no more",
        ),
        (
            _limit(PER, 'to = ["country:FR"]', 'spend = "30.00"', DAY)
            + _limit('per = "site"', 'spend = "30.00"', DAY, name="m"),
            "limit `l` never matters: `m` counts all of its calls, and allows no more",
        ),
        (
            _limit('price = "0.50"') + _limit('to = ["country:FR"]', 'price = "0.60"', name="m"),
            "limit `m` never matters: `l` lets none of its calls through that costs more",
        ),
        (
            _limit('price = "0.50"', 'duration = "1h"') + _limit('price = "0.40"', name="m"),
            "`price` of limit `l` never matters: "
            "`m` lets none of its calls through that costs more",
        ),
    ],
)
def test_a_limit_that_another_always_comes_before_is_odd(limits: str, what: str) -> None:
    """As it is of calls at one time: the same or more is counted, and no more is given."""
    assert _odd(limits) == [what]


def test_a_limit_that_watches_for_nobody_is_odd() -> None:
    """Or for a rule whose calls it does not count; and it idles no other."""
    watch = _limit(PER, "numbers = 5", 'within = "1h"', 'then = "watch"')
    same = _limit(PER, "numbers = 9", 'within = "1h"', name="m")
    assert _odd(watch + same) == [
        'limit `l` only watches, and no rule asks for it; write one with `when = "over:l"`'
    ]
    rule = '[[rule]]\nname = "a"\nfrom = ["{}"]\nwhen = "over:l"\nthen = "pin"\n'
    of_staff = watch + 'from = ["staff"]\n'
    assert _odd(of_staff + rule.format("staff")) == []
    assert _odd(of_staff + rule.format("lobby")) == [
        "rule `a` asks for `l`, which counts no call of `lobby`"
    ]


def test_a_hundred_numbers_are_a_block() -> None:
    """Nobody calls more of one."""
    block = _limit('per = "block"', "numbers = {}", DAY)
    assert _odd(block.format(99)) == []
    assert _odd(block.format(100)) == [f"limit `l` {LINE} 100 different numbers"]


def test_no_more_callers_than_calls() -> None:
    """So with few calls in a time others than those are not counted for anything."""
    calls = _limit('per = "site"', "attempts = 3", 'within = "48h"')
    callers = _limit('per = "site"', "extensions = {}", DAY, name="m")
    assert _odd(calls + callers.format(9)) == [f"limit `m` {LINE} 3 different extensions"]
    assert _odd(calls + callers.format(2)) == []


@pytest.mark.parametrize(
    "limits",
    [
        _limit(PER, "minutes = 60", DAY) + _limit(PER, "minutes = 90", 'within = "7d"', name="m"),
        _limit(PER, "minutes = 60", DAY) + _limit(PER, "attempts = 60", DAY, name="m"),
        _limit(PER, "minutes = 60", DAY) + _limit('per = "site"', "minutes = 90", DAY, name="m"),
        _limit(PER, "numbers = 5", DAY, "shadow = true")
        + _limit(PER, "numbers = 6", DAY, name="m"),
        _limit('price = "0.60"') + _limit('to = ["country:FR"]', 'price = "0.50"', name="m"),
        _limit('price = "0.60"') + _limit('duration = "1h"', name="m"),
    ],
)
def test_a_limit_that_comes_before_no_other_is_not(limits: str) -> None:
    """The neighbours of the oddities above."""
    assert _odd(limits) == []


@pytest.mark.parametrize(
    ("limits", "what"),
    [
        # 3 calls that began within 24 h and one of 30 m before: 6, of half an hour each.
        (
            _limit(PER, "attempts = 3", 'duration = "30m"', 'spend = "216.00"', DAY),
            f"`spend` of limit `l` {LINE} 216.00 GBP",
        ),
        (
            _limit(PER, "attempts = 3", 'duration = "30m"', "minutes = 180", DAY),
            f"`minutes` of limit `l` {LINE} 180 minutes",
        ),
        (
            _limit(PER, "attempts = 3", "numbers = 6", DAY),
            f"`numbers` of limit `l` {LINE} 6 different numbers",
        ),
        (
            _limit(PER, "numbers = 6", "countries = 6", DAY),
            f"`countries` of limit `l` {LINE} 6 different countries",
        ),
        # Two at a time talk for 24 h, half an hour before it, and may have reserved one ahead.
        (
            _limit(PER, "calls = 2", name="two")
            + _limit(PER, 'duration = "30m"', "minutes = 3000", DAY),
            f"`minutes` of limit `l` {LINE} 3000 minutes",
        ),
        # In one-second calls each second costs a whole minute.
        (
            _limit('per = "site"', "calls = 1", name="one")
            + _limit(PER, 'duration = "1h"', 'spend = "12960.00"', 'within = "1h"'),
            f"`spend` of limit `l` {LINE} 12960.00 GBP",
        ),
    ],
)
def test_a_budget_that_nobody_can_use_up_is_odd(limits: str, what: str) -> None:
    """By what its calls could ever come to; one unit less would matter."""
    assert _odd(limits) == [what]


@pytest.mark.parametrize(
    "limits",
    [
        _limit(PER, "attempts = 3", 'duration = "30m"', 'spend = "215.999999"', DAY),
        _limit(PER, "attempts = 3", 'duration = "30m"', "minutes = 179", DAY),
        _limit(PER, "attempts = 3", "numbers = 5", DAY),
        _limit(PER, "numbers = 6", "countries = 5", DAY),
        _limit(PER, "calls = 2", name="two")
        + _limit(PER, 'duration = "30m"', "minutes = 2999", DAY),
        _limit(PER, "calls = 2", "shadow = true", name="two")
        + _limit(PER, 'duration = "30m"', "minutes = 3000", DAY),
        _limit(PER, "calls = 2", 'to = ["country:FR"]', name="two")
        + _limit(PER, 'duration = "30m"', "minutes = 3000", DAY),
        _limit(PER, "attempts = 3", "minutes = 999999", DAY, "shadow = true"),
        SPEND,
    ],
)
def test_a_budget_that_can_be_used_up_is_not(limits: str) -> None:
    """Nor one of which that is not known; a limit on trial is there to be looked at."""
    assert _odd(limits) == []


def test_without_any_price_nothing_is_said_of_what_money_comes_to() -> None:
    """An empty sheet is odd enough."""
    limit = _limit(PER, "attempts = 3", 'spend = "1.00"', DAY) + _limit('price = "0.10"', name="m")
    assert list(find_odd(priced(RULES + limit, {}))) == []


def test_money_that_pays_not_one_minute_is_odd() -> None:
    """Of anything that costs; here the cheapest is 0.01, and what no sheet lists 0.005."""
    limit = _limit(PER, 'spend = "0.009"', DAY)
    assert _odd(limit) == [
        "limit `l` gives 0.009 GBP, but no minute costs less than 0.01 GBP, so no call lasts one"
    ]
    assert _odd(_limit(PER, 'spend = "0.01"', DAY)) == []
    prices, unknown = {"39": MINUTES}, Tariff(60, 5_000, 60, 5_000)
    assert list(find_odd(priced(RULES + limit, prices, unknown))) == []


def test_a_price_below_every_other_is_odd() -> None:
    """Nobody can call anything."""
    policy = priced(RULES + SPEND + _limit('price = "1.19"', name="m"), {"39": MINUTES})
    assert [what for _, what in find_odd(policy)] == [
        "limit `m` lets nobody call: no number is as cheap as 1.19 GBP a minute"
    ]
    assert _odd(_limit('price = "0.00"')) == []  # `1` is free


@pytest.mark.parametrize(
    ("limit", "odd"),
    [
        (_limit(PER, 'spend = "9.00"', 'within = "1h"'), True),
        (_limit(PER, 'spend = "9.00"', 'within = "1h"', "shadow = true"), True),
        (_limit(PER, 'spend = "9.00"', 'within = "1h"', 'duration = "1h"'), False),
        (_limit(PER, "minutes = 30", 'within = "1h"'), False),
        (_limit(PER, "minutes = 90", 'within = "1h"'), True),
        (_limit(PER, "attempts = 30", 'within = "1h"'), False),
        (
            _limit(PER, 'spend = "9.00"', 'within = "1h"') + _limit('duration = "30m"', name="m"),
            False,
        ),
    ],
)
def test_a_time_that_rolls_faster_than_a_call_lasts_is_odd(limit: str, odd: bool) -> None:
    """Whoever counts by the hour hardly means one call of four."""
    told = _odd(limit)
    assert bool(told) is odd
    if odd:
        assert all("but one call may last" in each for each in told)


def test_it_says_by_how_much_and_what_to_do() -> None:
    """Both times are named."""
    assert _odd(_limit(PER, 'spend = "9.00"', "minutes = 90", 'within = "1h"')) == [
        "limit `l` is on `spend` and `minutes` in 1h, but one call may last 1h30m; "
        "make `within` longer, or write a `duration`"
    ]


ABROAD = (
    "no limit says how much may be spent on international calls; write one, with "
    '`per = "extension"`, `spend = "20.00"` and `within = "24h"`'
)


@pytest.mark.parametrize(
    ("to", "bounded"),
    [
        ("", True),
        ('to = ["international"]', True),
        ('to = ["country:FR"]', True),
        ('to = ["first-time-country"]', True),
        ('to = ["prefix:+39"]', True),
        ('to = ["satellite"]', True),
        ('to = ["international"]\nshadow = true', False),
        ('to = ["national", "mobile"]', False),
        ('to = ["country:GB"]', False),
    ],
)
def test_where_prices_are_known_and_nothing_bounds_what_is_spent_abroad_that_is_odd(
    to: str, bounded: bool
) -> None:
    """Some limit on some of it is enough: the administrator has thought of it."""
    limit = _limit(PER, to, 'spend = "20.00"', DAY)
    assert _odd(limit, spend=False) == ([] if bounded else [ABROAD])


def test_it_is_the_line_of_the_rates_that_is_named() -> None:
    """There is none of a limit that is not there."""
    policy = priced(RULES, {"39": MINUTES})
    assert list(find_odd(policy)) == [(policy.lines["rates",], ABROAD)]


@pytest.mark.parametrize(
    "rules",
    [
        RULES.replace('"pin"', '"deny"'),
        RULES.replace('"pin"', '"pin"\nshadow = true'),
        RULES.replace('"international"', '"country:GB"'),
    ],
)
def test_where_nobody_can_call_abroad_nothing_needs_to_be_bounded(rules: str) -> None:
    """Nor where the policy knows no prices."""
    assert list(find_odd(priced(rules, {"39": MINUTES}))) == []
    assert list(find_odd(policy_of(RULES))) == []
