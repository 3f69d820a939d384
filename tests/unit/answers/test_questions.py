"""`questions`: who can call where, and what a phone can call; held against every number."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fastagi.answers.callers import caller_of
from fastagi.answers.outcome import outcome_of
from fastagi.answers.questions import what_can, who_can
from fastagi.answers.where import read_where
from fastagi.policy.decision import decide
from fastagi.policy.model import Policy, Verdict
from tests.unit.answers.samples import NOW, WITHIN, policies, requests
from tests.unit.policy.samples import call, policy_of

RULES = """
[[rule]]
name = "not-these"
to = ["prefix:+88213"]
then = "deny"
[[rule]]
name = "abroad"
from = ["staff"]
to = ["international"]
when = "office"
then = "pin+totp"
[[rule]]
name = "desk"
to = ["mobile"]
then = "sign-in"
"""
POLICY = policy_of(RULES)


def _who(text: str) -> list[tuple[str, str, list[str], str]]:
    return [
        (each.outcome.rule, each.numbers, [one.extension for one in each.callers], each.conditions)
        for each in who_can(POLICY, read_where(text, POLICY), NOW)
    ]


def test_who_can_call_is_told_with_when_and_how() -> None:
    """Numbers that are treated otherwise are told apart."""
    found = _who("+882…")
    assert found[0][0] == "abroad"
    assert found[0][1] == "allocated numbers of +882… but +88213…"
    assert found[0][3] == "when `office` (Mon-Fri 08:00-18:30)"
    assert ("not-these", "allocated numbers of +88213…") in [each[:2] for each in found]
    assert {rule for rule, *_ in found} == {"abroad", "not-these", "none", "invalid"} - {
        "invalid"
    } | {rule for rule, *_ in found if rule == "invalid"}


def test_one_number_is_told_alone() -> None:
    """At any moment, or at one; short codes, too."""
    where = read_where("907400123456", POLICY)
    found = who_can(POLICY, where, NOW, NOW)
    assert [each.conditions for each in found] == [
        "while somebody is signed in",
        "while nobody is signed in",
    ]
    assert [each.outcome.verdict for each in found] == [Verdict.ALLOW, Verdict.DENY]
    assert [each.count for each in found] == [1, 1]
    (helped,) = who_can(POLICY, read_where("999", POLICY), NOW)
    assert helped.outcome.rule == "emergency"


def test_what_a_phone_can_call_is_told_as_of_a_moment() -> None:
    """Signed in or not."""
    office = {each.outcome.rule: each for each in what_can(POLICY, "101", NOW)}
    assert office["abroad"].outcome.verdict is Verdict.CHALLENGE
    assert office["desk"].outcome.verdict is Verdict.DENY
    night = what_can(POLICY, "101", NOW.replace(hour=3), signed_in=True)
    passing = {each.outcome.rule for each in night if each.outcome.verdict is Verdict.ALLOW}
    assert passing == {"emergency", "internal", "desk"}
    assert all(not each.conditions for each in night)
    assert call(POLICY, "999").extension == "101"


@settings(
    max_examples=15,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=[HealthCheck.too_slow],
)
@given(policies(), st.data())
def test_of_every_number_an_answer_says_what_comes_of_it(
    policy: Policy, data: st.DataObject
) -> None:
    """Of each the same outcomes as of all its answers together."""
    answers = who_can(policy, read_where(f"+{WITHIN}…", policy), NOW)
    request, facts = data.draw(requests(policy.plan.read(f"+{WITHIN}000")))
    request = replace(request, transferred=False, off_net=False)
    places = caller_of([policy], request.extension).places
    for last in range(0, 1000, 7):
        number = policy.plan.read(f"+{WITHIN}{last:03}")
        digits = number.number[1:]
        said = {
            outcome.in_brief
            for each in answers
            if places in [one.places for one in each.callers]
            and any(
                one.length == len(digits) and one.first <= int(digits) < one.end
                for group in each.groups
                for one in group.ranges
            )
            for outcome in each.outcomes
        }
        wanted = outcome_of(decide(policy, replace(request, number=number), facts))
        assert not number.number or not places[0].known or wanted.in_brief in said


def test_answers_are_counted() -> None:
    """All numbers that begin so, whoever calls them."""
    answers = who_can(POLICY, read_where("+29022…", POLICY), NOW, NOW)
    staff = [each for each in answers if "staff" in {o.places[0].class_name for o in each.callers}]
    assert sum(each.count for each in staff) == 1000 + 100  # of five digits, and of four
