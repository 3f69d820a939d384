"""What thieves may call, and from which extensions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.exposure.destinations import Destination
from fastagi.policy.exposure.ways import Thief, callers, ways
from tests.unit.policy.samples import (
    HOME,
    MINUTES,
    MOBILE,
    MONDAY,
    PREMIUM,
    ROME,
    SITE,
    policy_of,
    priced,
)

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

RULES = """
[[rule]]
name = "a"
to = ["mobile"]
then = "sign-in"
[[rule]]
name = "b"
to = ["international"]
then = "pin+totp"
[[rule]]
name = "c"
to = ["premium"]
network = ["not floor"]
then = "deny"
[[rule]]
name = "d"
then = "allow"
"""


def reached(policy: Policy, thief: Thief) -> set[str]:
    """Return what of five numbers a thief can call."""
    read = [policy.plan.read(each) for each in (HOME, MOBILE, PREMIUM, ROME)]
    numbers = [Destination(each, MINUTES) for each in read]
    moments: dict[frozenset[str], datetime] = {frozenset(): MONDAY}
    found = ways(policy, thief, list(callers(policy)), moments, numbers, 0)
    return {each.number.dialled for each in found.priced}


@pytest.mark.parametrize(
    ("thief", "passes"),
    [
        (Thief.PASSWORD, {HOME, PREMIUM}),  # premium from the floor, where he may be
        (Thief.CODES, {HOME, PREMIUM, ROME}),
        (Thief.ALL, {HOME, PREMIUM, ROME, MOBILE}),
    ],
)
def test_a_thief_calls_what_he_has_the_keys_for(thief: Thief, passes: set[str]) -> None:
    """And no more; from whatever network lets him."""
    by_number = '[[limit]]\nname = "l"\nto = ["{}"]\nper = "site"\ncalls = 9\n'
    limits = "".join(
        by_number.replace('"l"', f'"{each}"').format(each)
        for each in ("mobile", "premium", "international")
    )
    policy = priced(RULES + limits, {"44": MINUTES, "39": MINUTES})
    assert reached(policy, thief) == passes


def test_who_is_not_reported_is_not_held_back_by_reports() -> None:
    """A thief calls from where nobody reported, a number that nobody did."""
    rules = """
    [[rule]]
    name = "r"
    network = ["reported"]
    then = "deny"
    [[rule]]
    name = "s"
    to = ["reported"]
    then = "deny"
    """
    policy = priced(rules + RULES, {"44": MINUTES})
    assert HOME in reached(policy, Thief.PASSWORD)


def test_what_has_no_price_is_named() -> None:
    """It passes all the same."""
    policy = priced('[[rule]]\nname = "a"\nthen = "allow"\n', {"44": MINUTES})
    rome = policy.plan.read(ROME)
    found = ways(
        policy,
        Thief.PASSWORD,
        list(callers(policy)),
        {frozenset(): MONDAY},
        [Destination(rome, None)],
        0,
    )
    assert found.unpriced == rome
    assert not found.priced


def test_extensions_are_counted() -> None:
    """Those of the more specific class are not the other's; patterns without end have no count."""
    site = SITE.replace('staff = ["10X"]', 'staff = ["10X"]\nboss = ["101", "10[23]"]')
    site = site.replace('"2XX"]\noutside', '"2XX", "30[1-4]"]\noutside')
    site = site.replace('lobby = ["2XX"]', 'lobby = ["_2."]')
    found = {each.class_name: each for each in callers(policy_of(site=site))}
    assert {name: each.count for name, each in found.items()} == {
        "staff": 7,
        "boss": 3,
        "lobby": None,
        None: 4,
    }
    assert str(found[None]) == "(no class)"
