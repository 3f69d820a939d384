"""`decision_log.judged`: what a decision hung on, as little of it as tells all."""

from __future__ import annotations

from dataclasses import replace

from fastagi.decision_log.judged import Judged, facts_of, matches
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.model import Facts, Stage, Transport
from tests.unit.policy.samples import HOME, INSIDE, MONDAY, NONSENSE, ROME, call, policy_of, priced
from tests.unit.policy.samples import MINUTES as MINUTE

RULES = """
[[rule]]
name = "a"
to = ["prefix:+39", "prefix:+390612345", "prefix:+44"]
then = "deny"
[brake]
to = ["prefix:+3906"]
[honeypot]
to = ["prefix:+39061"]
[[watch]]
name = "w"
sign = "success-after-guessing"
to = ["prefix:+3"]
then = ["step-up"]
"""
POLICY = replace(
    policy_of(RULES), lists={"near": PrefixTable(["390612"]), "far": PrefixTable(["1"])}
)
AT = MONDAY.timestamp()


def test_what_is_as_usual_is_left_out() -> None:
    """Most calls take a few bytes."""
    request = call(POLICY, HOME)
    assert facts_of(Judged(POLICY, request, Facts()), 0) == {"at": AT}


def test_what_is_not_as_usual_is_told() -> None:
    """By the words of policies and their cases."""
    request = replace(call(POLICY, HOME, transport=Transport.TLS, transferred=True), off_net=True)
    facts = Facts(locked_out=True, known_country=False, braked=Stage.SITE, over=frozenset("ab"))
    judged = Judged(POLICY, request, facts, (("a", "spend", 7), ("a", "calls", 1)), "spend", True)
    assert facts_of(judged, 0) == {
        "at": AT,
        "transport": "tls",
        "transferred": True,
        "off_net": True,
        "locked_out": True,
        "new_country": True,
        "over": ["a", "b"],
        "braked": "site",
        "used": {"a": {"spend": 7, "calls": 1}},
        "full": "spend",
        "again": True,
    }


def test_of_a_masked_number_it_is_told_what_it_was_matched_by() -> None:
    """Wherever the policy names a prefix: rules, brake, watches, traps; and every list."""
    request = call(POLICY, ROME)
    told = facts_of(Judged(POLICY, request, Facts()), 4)
    assert told == {"at": AT, "to": matches(POLICY, request.number, 4), "trap": True}
    assert told["to"] == [
        *("prefix:+3", "prefix:+39", "prefix:+3906", "prefix:+39061", "prefix:+39061234x"),
        "list:near",
    ]
    assert {"39", "390612345", "44", "3906", "39061", "3"} == POLICY.prefixes


def test_a_prefix_tells_no_digit_that_is_not_shown() -> None:
    """It is as long as it was, that it can be found again."""
    number = call(POLICY, ROME).number
    assert [each for each in matches(POLICY, number, 8) if ":+" in each] == [
        *("prefix:+3", "prefix:+39", "prefix:+3906", "prefix:+3906x", "prefix:+3906xxxxx"),
    ]
    assert matches(POLICY, number, 15)[-2] == "prefix:+xxxxxxxxx"
    told = facts_of(Judged(POLICY, call(POLICY, ROME), Facts()), 6)
    assert told["to"] == matches(POLICY, number, 6)
    assert "12345" not in str(told["to"])


def test_of_a_masked_number_its_tariff_is_told() -> None:
    """A sheet may price it by the digits that are not shown."""
    policy = priced("", {"39": MINUTE})
    told = facts_of(Judged(policy, call(policy, ROME), Facts()), 4)
    assert told["tariff"] == [60, 1_200_000, 60, 1_200_000]
    assert "tariff" not in facts_of(Judged(policy, call(policy, ROME), Facts()), 0)


def test_an_inside_number_is_shown_whole() -> None:
    """What was dialled only where it is something else."""
    request = call(POLICY, INSIDE)
    assert facts_of(Judged(POLICY, request, Facts()), 4) == {"at": AT}
    other = replace(request, number=replace(request.number, dialled="*201"))
    assert facts_of(Judged(POLICY, other, Facts()), 4) == {"at": AT, "dialled": "*201"}


def test_why_a_number_means_nothing_is_told() -> None:
    """Its digits would tell, and are masked."""
    told = facts_of(Judged(POLICY, call(POLICY, NONSENSE), Facts()), 4)
    assert told["why"]
    assert "tariff" not in told
