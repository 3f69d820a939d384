"""`possible`: which rules may decide, as long as it is not known what is new or used."""

from __future__ import annotations

import pytest

from fastagi.policy.decision import circumstances
from fastagi.policy.matching import places
from fastagi.policy.model import Facts, Novelty
from fastagi.policy.possible import hanging, may_be_new, may_be_over, that_may_decide
from tests.unit.policy.samples import HOME, INSIDE, ROME, call, policy_of

DIRECTORY = "9118500"  # a short code of GB

RULES = """
[[rule]]
name = "new"
to = ["first-time-number", "first-time-country-of-site"]
then = "pin"
[[rule]]
name = "shadowed"
then = "deny"
shadow = true
[[rule]]
name = "many"
to = ["international"]
when = "over:burst"
then = "deny"
[[rule]]
name = "never"
when = "over:lobby"
then = "deny"
[[rule]]
name = "by-ws"
from = ["staff"]
transport = ["ws"]
then = "allow"
[[rule]]
name = "home"
to = ["national", "premium"]
then = "allow"
[[rule]]
name = "newer"
to = ["first-time-prefix"]
then = "deny"
[[limit]]
name = "burst"
per = "extension"
attempts = 3
within = "1h"
then = "watch"
[[limit]]
name = "lobby"
per = "extension"
from = ["lobby"]
attempts = 3
within = "1h"
then = "watch"
"""


@pytest.mark.parametrize(
    ("dialled", "rules", "open_ones"),
    [
        (HOME, ["new", "home"], ["new"]),
        (ROME, ["new", "many", "newer", None], ["new", "many", "newer"]),
        (DIRECTORY, ["new", "home"], ["new"]),
        (INSIDE, [None], []),
    ],
)
def test_rules_down_to_the_first_that_surely_fits_may_decide(
    dialled: str, rules: list[str | None], open_ones: list[str]
) -> None:
    """What is over a limit that does not count the call never fits; the transport is unknown."""
    policy = policy_of(RULES)
    made = circumstances(policy, call(policy, dialled), Facts())
    found = [None if each is None else each.name for each in that_may_decide(policy, made)]
    assert found == rules
    assert [policy.rules[each].name for each in places(hanging(policy, made))] == open_ones


def test_what_is_at_home_is_no_new_country_and_a_short_code_has_no_area() -> None:
    """And nothing is new of which the policy does not speak."""
    policy = policy_of(RULES)
    number, prefix, country = Novelty.NUMBER, Novelty.PREFIX, Novelty.SITE_COUNTRY
    for dialled, new in (
        (ROME, {number, prefix, country}),
        (HOME, {number, prefix}),
        (DIRECTORY, {number}),
        (INSIDE, set()),
    ):
        assert may_be_new(policy, policy.plan.read(dialled)) == new
    assert not may_be_new(policy_of(), policy.plan.read(ROME))


def test_a_call_may_be_over_the_limits_that_count_it() -> None:
    """Of those that rules ask for."""
    for policy, limits in ((policy_of(RULES), ["burst"]), (policy_of(), [])):
        made = circumstances(policy, call(policy, ROME), Facts())
        assert may_be_over(policy, made) == limits
