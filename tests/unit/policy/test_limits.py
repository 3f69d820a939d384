"""`limits`: what a call claims of every limit it falls under, and what it costs too much for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fastagi.policy.decision import circumstances, decide
from fastagi.policy.limits import currency_of, limits_of, spends
from fastagi.policy.model import (
    BudgetClaim,
    Claim,
    Facts,
    Per,
    Policy,
    Reason,
    Unit,
    Verdict,
)
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import (
    AMBULANCE,
    HOME,
    INSIDE,
    MINUTES,
    MONDAY,
    PREMIUM,
    ROME,
    call,
    policy_of,
    priced,
)

NOTHING = Facts()

LIMITS = """
[[rule]]
name = "all"
then = "allow"

[[limit]]
name = "a"
per = "extension"
calls = 2
duration = "1h"
[[limit]]
name = "b"
per = "class"
calls = 3
[[limit]]
name = "c"
per = "country"
to = ["international"]
calls = 4
[[limit]]
name = "d"
per = "number"
calls = 5
[[limit]]
name = "e"
per = "trunk"
calls = 6
[[limit]]
name = "f"
per = "site"
calls = 7
shadow = true
[[limit]]
name = "g"
duration = "1m"
shadow = true
[[limit]]
name = "h"
to = ["international"]
duration = "30m"
[[limit]]
name = "i"
per = "class"
minutes = 60
attempts = 40
numbers = 10
countries = 3
within = "24h"
[[limit]]
name = "j"
per = "site"
attempts = 99
within = "7d"
shadow = true
"""


def test_a_call_claims_a_slot_of_every_limit_it_falls_under() -> None:
    """Each under its own key."""
    policy = policy_of(LIMITS)
    decision = decide(policy, call(policy, ROME, trunk="carrier"), NOTHING)
    assert decision.claims == (
        Claim("a", Per.EXTENSION, "101", 2),
        Claim("b", Per.CLASS, "staff", 3),
        Claim("c", Per.COUNTRY, "IT", 4),
        Claim("d", Per.NUMBER, "+390612345678", 5),
        Claim("e", Per.TRUNK, "carrier", 6),
        Claim("f", Per.SITE, "", 7, shadow=True),
    )
    assert decision.seconds == 1800


def test_calls_without_class_or_trunk_count_as_one_of_them() -> None:
    """Who is in no class, or does not say which trunk, evades no limit."""
    policy = replace(policy_of(LIMITS), classes=())
    claims = {each.limit: each.key for each in decide(policy, call(policy, HOME), NOTHING).claims}
    assert claims == {"a": "101", "b": "", "d": "+442079460000", "e": "", "f": ""}


@pytest.mark.parametrize(
    ("dialled", "seconds"), [(HOME, 3600), (ROME, 1800), (INSIDE, 4 * 3600), (AMBULANCE, 0)]
)
def test_a_call_may_last_as_long_as_its_shortest_limit(dialled: str, seconds: int) -> None:
    """Inside the site's own bound holds; an emergency call has none."""
    policy = policy_of(LIMITS)
    decision = decide(policy, call(policy, dialled), NOTHING)
    assert decision.seconds == seconds
    assert bool(decision.claims) is (dialled in (HOME, ROME))


def test_a_challenge_tells_its_claims_and_a_denial_has_none() -> None:
    """An explanation shows them before a code is keyed."""
    policy = policy_of(CODED)
    assert decide(policy, call(policy, ROME), NOTHING).claims != ()
    denied = decide(policy, call(policy, PREMIUM), NOTHING)
    assert (denied.claims, denied.budgets, denied.seconds) == ((), (), 0)


def test_only_outside_calls_fall_under_limits() -> None:
    """Asked for by themselves, too."""
    policy = policy_of(LIMITS)
    inside = circumstances(policy, call(policy, INSIDE), NOTHING)
    assert list(limits_of(policy, inside)) == []
    outside = circumstances(policy, call(policy, HOME), NOTHING)
    assert [each.name for each in limits_of(policy, outside)] == [
        "a",
        "b",
        "d",
        "e",
        "f",
        "g",
        "i",
        "j",
    ]


CODED = """
[[rule]]
name = "no-premium"
to = ["premium"]
then = "deny"
[[rule]]
name = "coded"
then = "pin"
[[limit]]
name = "two"
per = "extension"
calls = 2
"""


# ------------------------------------------------------------------- budgets


def test_a_call_is_charged_to_every_budget_it_falls_under() -> None:
    """Each under its own key, with what is counted apart."""
    policy = policy_of(LIMITS)
    day, week = 86400, 7 * 86400
    assert decide(policy, call(policy, ROME), NOTHING).budgets == (
        BudgetClaim("i", Per.CLASS, "staff", Unit.SECONDS, 3600, day),
        BudgetClaim("i", Per.CLASS, "staff", Unit.ATTEMPTS, 40, day),
        BudgetClaim("i", Per.CLASS, "staff", Unit.NUMBERS, 10, day, item="+390612345678"),
        BudgetClaim("i", Per.CLASS, "staff", Unit.COUNTRIES, 3, day, item="IT"),
        BudgetClaim("j", Per.SITE, "", Unit.ATTEMPTS, 99, week, shadow=True),
    )


ALL = '[[rule]]\nname = "all"\nthen = "allow"\n'
CODE = '[[rule]]\nname = "code"\nthen = "pin"\n'


def _limit(*lines: str, name: str = "l") -> str:
    return "\n".join(["[[limit]]", f'name = "{name}"', *lines, ""])


SPEND = _limit('per = "extension"', 'spend = "20.00"', 'within = "24h"')
CHEAP = _limit('price = "0.50"')


def _policy(limits: str, tariff: Tariff | None = MINUTES, rules: str = ALL) -> Policy:
    """Return a policy by which Rome costs so much, and nothing else has a price."""
    return priced(rules + limits, {} if tariff is None else {"39": tariff})


@pytest.mark.parametrize(
    ("limits", "tariff", "seconds"),
    [
        (SPEND, MINUTES, 960),  # 16 minutes cost 19.20; the 17th would not be paid
        (SPEND, Tariff(1, 20_000, 1, 20_000), 1000),
        (SPEND, Tariff(60, 0, 60, 0), 4 * 3600),
        (SPEND, Tariff(30, 20_000_000, 6, 1), 30),  # the fee alone uses it up
        (SPEND + _limit('duration = "5m"', name="m"), MINUTES, 300),
        (_limit('per = "site"', "minutes = 7", 'within = "24h"'), None, 420),
        (_limit('per = "site"', "minutes = 7", 'within = "24h"', "shadow = true"), None, 14400),
        (SPEND + "shadow = true", MINUTES, 14400),
        (SPEND + "shadow = true", None, 14400),
        (_limit('price = "1.20"'), MINUTES, 14400),
    ],
)
def test_a_call_may_last_as_long_as_its_budgets_at_most(
    limits: str, tariff: Tariff | None, seconds: int
) -> None:
    """If nothing of them is used: the store knows what is."""
    policy = _policy(limits, tariff)
    decision = decide(policy, call(policy, ROME), NOTHING)
    assert (decision.verdict, decision.seconds) == (Verdict.ALLOW, seconds)
    assert decision.tariff == tariff


@pytest.mark.parametrize(
    ("limits", "tariff", "reason"),
    [
        (SPEND, None, Reason.NO_PRICE),
        (CHEAP, None, Reason.NO_PRICE),
        (CHEAP, MINUTES, Reason.TOO_DEAR),
        (CHEAP, Tariff(60, 600_000, 60, 100_000), Reason.TOO_DEAR),  # a fee of 0.50
        (CHEAP, Tariff(60, 0, 60, 600_000), Reason.TOO_DEAR),  # a first minute for nothing
        (SPEND, Tariff(60, 20_000_001, 60, 1), Reason.TOO_DEAR),
    ],
)
@pytest.mark.parametrize("rules", [ALL, CODE])
@pytest.mark.parametrize("facts", [NOTHING, Facts(overridden=True)])
def test_what_is_too_dear_or_of_unknown_price_is_denied(
    limits: str, tariff: Tariff | None, reason: Reason, rules: str, facts: Facts
) -> None:
    """Before any code is asked for, and with an override as well; it is the limit that decides."""
    policy = _policy(limits, tariff, rules)
    decision = decide(policy, call(policy, ROME), facts)
    assert (decision.verdict, decision.rule, decision.reason) == (Verdict.DENY, "l", reason)
    assert (decision.then, decision.budgets, decision.seconds) == (None, (), 0)


@pytest.mark.parametrize("limit", [SPEND, CHEAP])
@pytest.mark.parametrize("tariff", [None, Tariff(60, 30_000_000, 60, 30_000_000)])
def test_under_shadow_a_price_is_recorded_and_denies_nothing(
    limit: str, tariff: Tariff | None
) -> None:
    """Whatever would have been denied passes, and the limit is named."""
    policy = _policy(f"{limit}shadow = true", tariff)
    decision = decide(policy, call(policy, ROME), NOTHING)
    assert (decision.verdict, decision.over) == (Verdict.ALLOW, ("l",))
    assert decide(policy, call(policy, ROME), NOTHING).seconds == 14400


def test_the_first_limit_that_denies_is_the_one_that_is_told() -> None:
    """In the policy's order."""
    policy = _policy(SPEND + _limit('price = "0.50"', name="m"), None)
    assert decide(policy, call(policy, ROME), NOTHING).rule == "l"


def test_what_a_number_costs_is_looked_up_at_the_moment_of_the_call() -> None:
    """A sheet may hold the prices of next month."""
    policy = priced(ALL + SPEND, {"39": MINUTES}, since=int(MONDAY.timestamp()))
    before = call(policy, ROME, at=MONDAY - timedelta(seconds=1))
    assert decide(policy, before, NOTHING).reason is Reason.NO_PRICE
    assert decide(policy, call(policy, ROME), NOTHING).tariff == MINUTES


@pytest.mark.parametrize("dialled", [INSIDE, AMBULANCE])
def test_inside_and_emergency_calls_have_no_price(dialled: str) -> None:
    """Though nobody says what they cost, no limit on money stops them."""
    policy = _policy(SPEND + _limit('price = "0.00"', name="m"), None)
    decision = decide(policy, call(policy, dialled), NOTHING)
    assert (decision.verdict, decision.tariff, decision.budgets) == (Verdict.ALLOW, None, ())


def test_a_short_code_is_no_number_abroad() -> None:
    """`118500` begins like a number of North America; no sheet of prefixes knows its price."""
    policy = priced(ALL + SPEND, {"1": MINUTES})
    decision = decide(policy, call(policy, "9118500"), NOTHING)
    assert decision.reason is Reason.NO_PRICE
    policy = priced(ALL + SPEND, {"1": MINUTES}, unknown=Tariff(60, 3, 60, 3))
    assert decide(policy, call(policy, "9118500"), NOTHING).tariff == Tariff(60, 3, 60, 3)


def test_a_limit_on_money_that_may_fit_counts() -> None:
    """Of a call that was transferred nobody knows from where it comes: the stricter side."""
    dear = _limit('price = "0.50"', 'network = ["not floor"]')
    policy = _policy(dear)
    assert decide(policy, call(policy, ROME), NOTHING).verdict is Verdict.ALLOW
    moved = decide(policy, call(policy, ROME, transferred=True), NOTHING)
    assert (moved.verdict, moved.reason) == (Verdict.DENY, Reason.TOO_DEAR)


def test_a_call_spends_where_it_costs_what_a_limit_counts() -> None:
    """Not where it is free, or the limit only records, or counts something else."""
    minutes = _limit('per = "site"', "minutes = 60", 'within = "24h"')
    for limits, tariff, expected in (
        (SPEND, MINUTES, True),
        (SPEND, Tariff(60, 0, 60, 1), True),
        (SPEND, Tariff(60, 0, 60, 0), False),
        (SPEND + "shadow = true", MINUTES, False),
        (minutes, MINUTES, False),
        (SPEND + "shadow = true", None, False),
    ):
        policy = _policy(limits, tariff)
        assert spends(decide(policy, call(policy, ROME), NOTHING)) is expected


def test_a_policy_has_the_currency_of_its_sheet() -> None:
    """Or none."""
    assert currency_of(_policy(SPEND)) == "GBP"
    assert currency_of(policy_of(ALL)) == ""


WATCHED = """
[[limit]]
name = "block"
per = "block"
numbers = 5
extensions = 2
short = 3
within = "1h"
then = "watch"
"""


def test_numbers_in_a_row_are_a_block_and_what_only_watches_bounds_nothing() -> None:
    """Its budgets are charged as under `shadow`, and it is told of by no decision."""
    policy = policy_of(ALL + WATCHED)
    decision = decide(policy, call(policy, ROME), NOTHING)
    row = ("block", Per.BLOCK, "+3906123456")
    assert decision.budgets == (
        BudgetClaim(*row, Unit.NUMBERS, 5, 3600, shadow=True, item="+390612345678"),
        BudgetClaim(*row, Unit.EXTENSIONS, 2, 3600, shadow=True, item="101"),
        BudgetClaim(*row, Unit.SHORT, 3, 3600, shadow=True),
    )
    assert (decision.over, decision.seconds) == ((), policy.site.longest_s)


@pytest.mark.parametrize(
    ("prices", "used_up", "is_over"),
    [
        ({"39": MINUTES}, set(), False),
        ({"39": MINUTES}, {"money"}, True),
        ({}, set(), True),  # nobody knows what it costs
        ({"39": Tariff(60, 30_000_000, 60, 1)}, set(), True),  # nor is the first minute paid
    ],
)
def test_a_call_is_over_a_limit_of_which_nothing_is_left_for_it(
    prices: dict[str, Tariff], used_up: set[str], is_over: bool
) -> None:
    """That it falls under, and that a rule asks for; what it costs must be known."""
    money = SPEND.replace('name = "l"', 'name = "money"') + 'to = ["international"]\n'
    others = SPEND.replace('name = "l"', 'name = "others"')
    rule = '[[rule]]\nname = "r"\nwhen = "over:money"\nthen = "pin"\n'
    policy = priced(rule + ALL + money + 'then = "watch"\n' + others, prices)
    facts = Facts(over=frozenset(used_up))
    abroad = circumstances(policy, call(policy, ROME), facts)
    assert (abroad.over == {"over:money"}) is is_over
    assert not circumstances(policy, call(policy, HOME), facts).over
    assert not circumstances(policy, call(policy, INSIDE), facts).over
