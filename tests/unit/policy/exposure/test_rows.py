"""What limits come to in a span, of policies that can be reckoned by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.exposure.destinations import Destination
from fastagi.policy.exposure.most import exposures
from fastagi.policy.exposure.ways import Thief
from tests.unit.policy.samples import HOME, MINUTES, priced

if TYPE_CHECKING:
    from collections.abc import Mapping

SINCE = datetime(2026, 1, 4, tzinfo=UTC)  # a Sunday
ALLOW = '[[rule]]\nname = "a"\n{}then = "allow"\n'


def found(limit: str, *, rule: str = "", trunks: int | None = None) -> Mapping[str, object]:
    """Return the most of each span: one extension of staff, and the site, in whole units."""
    text = ALLOW.format(rule) + f'[[limit]]\nname = "l"\n{limit}\n'
    policy = priced(text, {"44": MINUTES})
    numbers = [Destination(policy.plan.read(HOME), MINUTES)]
    some = exposures(policy, [Thief.PASSWORD], SINCE, trunks, numbers)[Thief.PASSWORD].found
    return {
        f"{each.what} {each.span.name}": each.bound.money and each.bound.money / 1_000_000
        for each in some
        if each.of in ("staff", "")
    }


@pytest.mark.parametrize(
    ("limit", "of", "most"),
    [
        # 1.20 a minute, hung up at once: a first minute every second
        ('per = "extension"\ncalls = 2', "extension hour", 2 * 3600 * 1.2),
        ('per = "extension"\ncalls = 2', "class hour", 10 * 2 * 3600 * 1.2),
        ('per = "extension"\ncalls = 2', "site hour", 110 * 2 * 3600 * 1.2),
        ('per = "class"\ncalls = 2', "site hour", 2 * 2 * 3600 * 1.2),
        ('per = "site"\ncalls = 2', "site hour", 2 * 3600 * 1.2),
        ('per = "site"\ncalls = 2', "class hour", 2 * 3600 * 1.2),
        # sixteen whole minutes of twenty
        ('per = "extension"\nspend = "20.00"\nwithin = "24h"', "extension hour", 19.2),
        ('per = "extension"\nspend = "20.00"\nwithin = "24h"', "extension weekend", 3 * 19.2),
        ('per = "extension"\nspend = "20.00"\nwithin = "12h"', "extension night", 19.2),
        ('per = "extension"\nspend = "20.00"\nwithin = "10h"', "extension night", 2 * 19.2),
        ('per = "extension"\nspend = "20.00"\nwithin = "24h"', "class hour", 192),
        # sixty seconds, each of them the first of a minute
        ('per = "site"\nminutes = 1\nwithin = "24h"', "site hour", 60 * 1.2),
        # two calls of four hours, cut off at the end of the span
        ('per = "site"\nattempts = 2\nwithin = "24h"', "site hour", 2 * 60 * 1.2),
        ('per = "site"\nattempts = 2\nwithin = "24h"', "site night", 2 * 240 * 1.2),
        # one of an hour, and one of half an hour that is cut off; or one at most in each half
        ('per = "site"\nattempts = 1\nwithin = "30m"', "site hour", 60 * 1.2 + 30 * 1.2),
        ('per = "country"\nspend = "20.00"\nwithin = "24h"', "site hour", 19.2),
        ('per = "number"\nspend = "20.00"\nwithin = "24h"', "extension hour", None),
        ('per = "trunk"\ncalls = 1', "extension hour", None),
        ('per = "site"\nspend = "20.00"\nwithin = "24h"\nshadow = true', "site hour", None),
    ],
)
def test_a_limit_comes_to_so_much(limit: str, of: str, most: float | None) -> None:
    """Of one extension, its class of ten, the site of a hundred and ten."""
    assert found(limit)[of] == (None if most is None else pytest.approx(most))


def test_trunks_are_counted_where_they_are_told() -> None:
    """Three of them hold three times as many."""
    assert found('per = "trunk"\ncalls = 1', trunks=3)["site hour"] == pytest.approx(3 * 4320)


def test_so_many_numbers_hold_so_much() -> None:
    """Two numbers, one call at a time to each; the last call outlasts the time they count in."""
    numbers = 'per = "site"\nnumbers = 2\nwithin = "24h"\n'
    each = '[[limit]]\nname = "m"\nper = "number"\ncalls = 1'
    assert found(numbers + each)["site hour"] == pytest.approx(2 * 3600 * 1.2)


def test_hours_bound_what_begins_in_them() -> None:
    """Of a night ten and a half hours, and what the last call goes on for."""
    night = found('per = "site"\ncalls = 1', rule='when = "office"\n')["site night"]
    assert isinstance(night, float)
    assert 37_800 * 1.2 <= night <= 43_200 * 1.2
    tries = found('per = "site"\nattempts = 1\nwithin = "1h"', rule='when = "office"\n')
    assert tries["site weekend"] == pytest.approx((31 + 3) * 240 * 1.2)
