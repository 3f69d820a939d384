"""`difference`: held against every number, one by one, nothing is missing and nothing too much."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fastagi.answers.callers import caller_of
from fastagi.answers.difference import Change, Differences, differences
from fastagi.answers.outcome import outcome_of
from fastagi.policy.decision import decide
from fastagi.policy.model import Verdict
from tests.unit.answers.samples import NOW, WITHIN, policies, requests
from tests.unit.policy.samples import SITE, policy_of

if TYPE_CHECKING:
    from fastagi.answers.difference import Difference
    from fastagi.policy.model import Policy

FAST = (Phase.explicit, Phase.reuse, Phase.generate)  # a smaller failure would take minutes

ABROAD = '[[rule]]\nname = "abroad"\nto = ["international"]\nthen = "{}"\n'


def _of(number: str, found: Differences) -> list[Difference]:
    """Return the differences that a number is in."""
    digits = number.removeprefix("+")
    return [
        each
        for each in found.calls
        if any(
            one.length == len(digits) and one.first <= int(digits) < one.end
            for group in each.groups
            for one in group.ranges
        )
    ]


@pytest.mark.timeout(600)  # half a minute with coverage, where nothing else runs
@settings(
    max_examples=25, deadline=None, phases=FAST, suppress_health_check=[HealthCheck.too_slow]
)
@given(policies(), policies(), st.data())
def test_a_call_differs_if_and_only_if_it_is_said_to(
    before: Policy, after: Policy, data: st.DataObject
) -> None:
    """Every number of a small plan, each in circumstances of its own."""
    kept = before.rules[: data.draw(st.integers(0, 4))]
    added = (replace(each, name=f"new-{each.name}") for each in after.rules)
    after = replace(after, rules=(*kept, *added))
    found = differences(before, after, NOW, WITHIN)
    plan = before.plan
    request, facts = data.draw(requests(plan.read("+29022000")))
    caller = caller_of([before, after], request.extension)
    changed = 0
    for last in range(1000):
        number = plan.read(f"+{WITHIN}{last:03}")
        if not number.number:
            continue
        call = replace(request, number=number)
        old, new = (outcome_of(decide(each, call, facts)) for each in (before, after))
        said = [
            each
            for each in _of(number.number, found)
            if caller.places in [one.places for one in each.callers]
            and (each.before.in_brief, each.after.in_brief) == (old.in_brief, new.in_brief)
        ]
        if old != new:
            changed += 1
            assert said, (number, old, new)
    if not found.calls:
        assert not changed


@pytest.mark.timeout(600)  # half a minute with coverage, where nothing else runs
@settings(
    max_examples=25, deadline=None, phases=FAST, suppress_health_check=[HealthCheck.too_slow]
)
@given(policies(), policies())
def test_each_difference_is_proven_by_a_call(before: Policy, after: Policy) -> None:
    """That both policies judge as is said, from its digits on."""
    for each in differences(before, after, NOW, WITHIN).calls:
        old, new = each.example.outcomes
        assert old != new
        assert (old.in_brief, new.in_brief) == (each.before.in_brief, each.after.in_brief)
        assert all(dialled.startswith(f"+{WITHIN}") for dialled in each.example.dialled)
        assert each.count


@settings(max_examples=20, deadline=None)
@given(policies())
def test_a_policy_differs_in_nothing_from_itself(policy: Policy) -> None:
    """Under whatever version."""
    assert not differences(policy, replace(policy, version="other", lines={}), NOW, WITHIN)


def _change(before: str, after: str) -> list[Change]:
    old, new = (policy_of(ABROAD.format(each)) for each in (before, after))
    found = differences(old, new, NOW, "39")
    return [each.change for each in found.calls if not each.example.situation.passed_on]


def test_changes_have_an_order() -> None:
    """What is newly allowed first."""
    assert _change("deny", "pin") == [Change.ALLOWED, Change.RULE]  # which is of the unallocated
    assert _change("pin+totp", "pin") == [Change.EASIER]
    assert _change("allow", "deny") == [Change.REFUSED, Change.RULE]
    assert _change("pin", "pin+totp") == [Change.HARDER]
    assert _change("totp", "pin") == [Change.HARDER]
    assert _change("deny", "deny") == []


def test_bounds_are_compared_and_so_are_names() -> None:
    """A longer call, another rule, a limit that no call shows."""
    limit = '[[limit]]\nname = "long"\nduration = "{}"\n'
    old = policy_of(ABROAD.format("pin") + limit.format("10m"))
    new = policy_of(ABROAD.format("pin") + limit.format("20m"))
    found = differences(old, new, NOW, "39")
    assert [each.change for each in found.calls] == [Change.BOUNDS]
    assert (found.calls[0].before.seconds, found.calls[0].after.seconds) == (600, 1200)
    renamed = policy_of(ABROAD.format("pin").replace('"abroad"', '"far"') + limit.format("10m"))
    assert {each.change for each in differences(old, renamed, NOW, "39").calls} == {Change.RULE}
    unseen = '[[limit]]\nname = "x"\nper = "site"\nto = ["premium"]\ncalls = {}\n'
    found = differences(policy_of(unseen.format(1)), policy_of(unseen.format(2)), NOW, "39")
    assert found.calls == ()
    assert [each.name for each in found.settings] == ["limit.x.calls"]


def test_what_is_under_shadow_is_told_as_that() -> None:
    """A rule or a limit added under `shadow` does nothing; one that is so no more does."""
    rule = '[[rule]]\nname = "trial"\nto = ["international"]\nthen = "deny"\nshadow = true\n'
    limit = '[[limit]]\nname = "trial"\nper = "site"\ncalls = 2\n'

    def changed(before: str, after: str) -> set[Change]:
        old, new = policy_of(before), policy_of(after)
        return {each.change for each in differences(old, new, NOW, "39").calls}

    allow = ABROAD.format("allow")
    assert changed(allow, rule + allow) == {Change.SHADOW}
    assert changed(allow, f"{allow}{limit}shadow = true\n") == {Change.SHADOW}
    assert changed(f"{allow}{limit}shadow = true\n", allow + limit) == {Change.BOUNDS}
    assert changed(allow, allow + limit) == {Change.BOUNDS}
    away = f'{allow}without_store = "allow"\n'
    assert changed(allow, away) == {Change.BOUNDS}


def test_sites_that_read_digits_otherwise_are_told_of() -> None:
    """What is dialled with a plus is compared all the same."""
    new = policy_of(
        ABROAD.format("pin"),
        site=SITE.replace('prefix = "9"', 'prefix = "0"'),
    )
    found = differences(policy_of(ABROAD.format("deny")), new, NOW, "39")
    assert found.unread
    assert found.calls[0].change is Change.ALLOWED
    assert found.calls[0].after.verdict is Verdict.CHALLENGE
    assert [each.name for each in found.settings] == ["site.outside_prefix"]


def test_inside_numbers_and_calls_for_help_are_compared() -> None:
    """Of the whole plan, not of a part of it."""
    inside = '[[rule]]\nname = "in"\nfrom = ["lobby"]\nto = ["internal"]\nthen = "deny"\n'
    found = differences(policy_of(), policy_of(inside), NOW)
    assert [each.change for each in found.calls] == [Change.REFUSED]
    (group,) = found.calls[0].groups
    assert group.texts == ["10X", "2XX"]
    assert [each.places[1].class_name for each in found.calls[0].callers] == ["lobby"]


def test_what_is_dialled_wrong_is_compared() -> None:
    """Such a call is refused by either policy, and by the one it puts the brake on."""
    nonsense = '[[rule]]\nname = "nonsense"\nto = ["invalid"]\nthen = "deny"\nbrake = {}\n'
    old, new = (policy_of(nonsense.format(each)) for each in ("false", "true"))
    found = differences(old, new, NOW)
    assert {each.numbers for each in found.calls} == {"invalid numbers"}
    assert {each.example.dialled for each in found.calls} == {("+999", "+999")}
