"""`decision_log.past`: a line explains what it explained at the time, digits masked or not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fastagi.cli.explained import as_json
from fastagi.decision_log.judged import CALLS, SHOWN_WHOLE, Judged, matches
from fastagi.decision_log.past import ALIKE, BEYOND_POLICY, explain_past
from fastagi.decision_log.record import masked
from fastagi.policy.decision import decide
from fastagi.policy.explain import explain
from fastagi.policy.model import Facts, Limit, Per, Reason, Rule, Then, Unit, Verdict
from fastagi.policy.scope import Destinations, Scope
from tests.unit.decision_log.past_calls import Call, calls, line_of
from tests.unit.policy.samples import HOME, ROME, call, policy_of

CALLING_CODE_MAX = 4  # the plus, and three digits

RULES = """
[[rule]]
name = "coded"
to = ["international"]
then = "pin"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "an-hour"
per = "extension"
minutes = 60
within = "24h"
"""
POLICY = policy_of(RULES)


ALIKE_RULES = """
[[rule]]
name = "seven"
to = ["prefix:+390612345677"]
then = "allow"
[[rule]]
name = "eight"
to = ["prefix:+390612345678"]
then = "deny"
"""

ALIKE_LIMITS = """
[[rule]]
name = "all"
to = ["international"]
then = "allow"
[[limit]]
name = "seven"
to = ["prefix:+390612345677"]
per = "number"
calls = 7
[[limit]]
name = "eight"
to = ["prefix:+390612345678"]
per = "number"
calls = 8
"""


@settings(max_examples=300, deadline=None)
@given(calls(), st.sampled_from([0, 1, 3, 4, 6, 15]))
def test_a_line_explains_what_it_explained_at_the_time(one: Call, mask: int) -> None:
    """Verdict, rule, reason and every step are the same, and no digit more is shown."""
    number = one.request.number
    shown = masked(number.number or number.dialled, number.category, mask)
    named = replace(number, dialled=shown, number=shown if number.number else "")
    as_named = None if shown == (number.number or number.dialled) else named
    expected = explain(one.policy, one.request, one.facts, shown=as_named)
    past = explain_past(line_of(one, mask), one.policy)
    if past.explanation is None:  # more digits are not shown than can be found
        assert mask > 4
        assert "last digits" in past.note
        return
    assert past.agrees is True
    if past.note:  # which of some prefixes took it is not shown either
        assert past.note == ALIKE
        assert any(each.endswith("x") for each in matches(one.policy, number, mask))
        return
    assert (past.explanation.rules, past.explanation.limits) == (expected.rules, expected.limits)
    assert past.explanation.summary == expected.summary
    got, was = past.explanation.decision, expected.decision
    assert (got.verdict, got.rule, got.reason) == (was.verdict, was.rule, was.reason)
    assert past.explanation.number == expected.number
    assert past.explanation.price == expected.price


@settings(deadline=None)
@given(
    calls(),
    st.lists(st.integers(1, 15), min_size=1, max_size=4),
    st.sampled_from([1, 3, 4, 6, 9]),
)
def test_no_digit_more_is_told_than_the_mask_leaves(
    one: Call, lengths: list[int], mask: int
) -> None:
    """Not even by a policy whose rules and limits are on that very number."""
    number = one.request.number
    assume(number.is_e164 and number.category not in SHOWN_WHOLE)
    begins = tuple(number.number[1 : 1 + length] for length in lengths)
    to = Destinations(tuple(f"prefix:+{each}" for each in begins), prefixes=begins)
    aimed = Scope(to=to, also_unallocated=True)
    policy = replace(
        one.policy,
        rules=(
            *(replace(each, scope=aimed) for each in one.policy.rules),
            Rule("all", aimed, Then.ALLOW),
        ),
        limits=tuple(
            Limit(per, aimed, per, calls=2, budgets=((Unit.ATTEMPTS, 9),), within_s=60)
            for per in (Per.NUMBER, Per.BLOCK)
        ),
    )
    entry = line_of(replace(one, policy=policy), mask)
    past = explain_past(entry, policy)
    told = [json.dumps(entry)]
    if past.explanation is not None and past.request is not None:
        steps = (*past.explanation.rules, *past.explanation.limits)
        told += [past.explanation.number, past.explanation.summary, past.shown, past.note]
        told += [each.why for each in steps]
        of_programs = as_json(policy, past.explanation, past.request, past.shown)
        told.append(json.dumps(of_programs))
    seen = number.number[:-mask]
    assume(len(seen) > CALLING_CODE_MAX)  # else why a number is invalid tells its calling code
    assert all(f"{seen}{each}" not in " ".join(told) for each in "0123456789")


def test_of_prefixes_that_read_alike_that_one_is_taken_that_the_line_agrees_with() -> None:
    """And where others agree, it is said that nobody knows."""
    policy = policy_of(ALIKE_RULES)
    for dialled, rule in (("900390612345677", "seven"), (ROME, "eight")):
        past = explain_past(line_of(Call(policy, call(policy, dialled), Facts()), 4), policy)
        assert (past.agrees, past.note) == (True, "")
        assert past.explanation is not None
        assert [each.name for each in past.explanation.rules if each.decides] == [rule]
        assert "fits by `prefix:+39061234xxxx`" in str(past.explanation.rules)


def test_where_it_is_not_on_record_which_prefix_it_was_that_is_said() -> None:
    """Rather than a limit that may have been another."""
    policy = policy_of(ALIKE_LIMITS)
    one = Call(policy, call(policy, ROME), Facts())
    past = explain_past(line_of(one, 4), policy)
    assert (past.agrees, past.note) == (True, ALIKE)
    again = Judged(policy, one.request, one.facts, again=True)
    past = explain_past(line_of(one, 4, (Verdict.DENY, "no", Reason.RULE), again), policy)
    assert past.agrees is None
    assert past.note.endswith(f"next trunk; {ALIKE}")
    assert explain_past(line_of(one, 0), policy).note == ""


def _of(dialled: str, facts: Facts = Facts()) -> Call:  # noqa: B008 - frozen
    return Call(POLICY, call(POLICY, dialled), facts)


@pytest.mark.parametrize(
    "reason",
    [Reason.WRONG_CODE, Reason.NO_DIGITS, Reason.HUNG_UP, Reason.NOT_ENROLLED, Reason.LOCKED_OUT],
)
def test_the_end_of_a_challenge_agrees_with_a_policy_that_asked(reason: Reason) -> None:
    """The rule asked for a code; how that ended was the caller's to say."""
    past = explain_past(line_of(_of(ROME), 4, (Verdict.DENY, "coded", reason)), POLICY)
    assert past.agrees is True
    assert past.explanation is not None
    assert past.explanation.decision.verdict is Verdict.DENY
    assert past.explanation.decision.reason is reason
    assert past.explanation.rules[0].decides


@pytest.mark.parametrize(
    ("reason", "limit", "full", "why"),
    [
        (Reason.LIMIT_REACHED, "two", CALLS, "all its slots are taken: 2 of 2 calls up"),
        (Reason.BUDGET_REACHED, "an-hour", "seconds", "too little of it is left for the call"),
    ],
)
def test_what_the_store_refused_agrees_with_a_policy_that_let_it_through(
    reason: Reason, limit: str, full: str, why: str
) -> None:
    """The limit decides, and not the rule."""
    one = _of(HOME)
    judged = Judged(POLICY, one.request, one.facts, full=full)
    past = explain_past(line_of(one, 4, (Verdict.DENY, limit, reason), judged), POLICY)
    assert past.agrees is True
    assert past.explanation is not None
    (step,) = (each for each in past.explanation.limits if each.decides)
    assert (step.name, step.why) == (limit, why)
    assert not any(each.decides for each in past.explanation.rules)


def test_what_was_used_is_told() -> None:
    """Of limits that were asked for, as the store told then."""
    one = _of(HOME)
    judged = Judged(POLICY, one.request, one.facts, used=(("an-hour", "seconds", 3_590),))
    ended = (Verdict.DENY, "an-hour", Reason.BUDGET_REACHED)
    past = explain_past(line_of(one, 4, ended, judged), POLICY)
    assert past.explanation is not None
    assert past.explanation.limits[1].why.endswith(
        "59m50s of 1h used, this call needs at least 1m"
    )


def test_a_sign_in_that_was_over_by_then_agrees() -> None:
    """The facts had it; when the slots were taken it was over."""
    policy = policy_of('[[rule]]\nname = "s"\nto = ["national"]\nthen = "sign-in"\n')
    one = Call(policy, call(policy, HOME), Facts(signed_in=True))
    assert decide(policy, one.request, one.facts).then is Then.SIGN_IN
    entry = line_of(one, 4, (Verdict.DENY, "s", Reason.SIGN_IN_REQUIRED))
    assert explain_past(entry, policy).agrees is True


@pytest.mark.parametrize(
    "ended",
    [
        (Verdict.ALLOW, "coded", Reason.ALLOWED),
        (Verdict.DENY, "home", Reason.WRONG_CODE),
        (Verdict.DENY, "nobody", Reason.LIMIT_REACHED),
        (Verdict.DENY, "two", Reason.BUDGET_REACHED),
        (Verdict.DENY, "nobody", Reason.RULE),
    ],
)
def test_what_comes_to_something_else_today_is_said(
    ended: tuple[Verdict, str, Reason],
) -> None:
    """The line stays what it is; nobody is told a reason that was none."""
    past = explain_past(line_of(_of(HOME), 4, ended), POLICY)
    assert past.agrees is False
    assert f"the line says {ended[0]} by `{ended[1]}` ({ended[2]})" in past.note
    assert "allow by `home` (allowed)" in past.note


def test_a_reason_that_is_none_of_ours_is_something_else() -> None:
    """A line may have been written by a later version."""
    entry = {**line_of(_of(HOME), 4), "reason": "eclipse", "verdict": "deny"}
    assert explain_past(entry, POLICY).agrees is False


def test_a_call_that_went_on_to_its_next_trunk_is_not_held_against_the_policy() -> None:
    """It was let through before."""
    one = _of(ROME)
    judged = Judged(POLICY, one.request, one.facts, again=True)
    entry = line_of(one, 4, (Verdict.ALLOW, "coded", Reason.ALLOWED), judged)
    past = explain_past(entry, POLICY)
    assert past.agrees is None
    assert "next trunk" in past.note


def test_what_was_judged_without_the_store_is_not_held_against_the_policy() -> None:
    """What the store had refused a moment before counted on."""
    entry = {**line_of(_of(HOME), 4, (Verdict.DENY, "home", Reason.LOCKED_OUT))}
    past = explain_past({**entry, "without_store": True}, POLICY)
    assert past.agrees is None
    assert "the store was away" in past.note


@pytest.mark.parametrize("reason", sorted(BEYOND_POLICY))
def test_what_no_policy_decided_is_said_in_a_sentence(reason: Reason) -> None:
    """There is nothing to explain."""
    entry = {**line_of(_of(HOME), 4), "reason": reason, "facts": None}
    past = explain_past(entry, POLICY)
    assert past.explanation is None
    assert past.note == BEYOND_POLICY[reason]


def test_what_broke_after_it_was_judged_is_explained_as_far() -> None:
    """What the policy made of it, and what came then."""
    past = explain_past(line_of(_of(HOME), 4, (Verdict.DENY, "home", Reason.STORE_DOWN)), POLICY)
    assert past.agrees is None
    assert past.explanation is not None
    assert past.note == BEYOND_POLICY[Reason.STORE_DOWN]


def test_a_version_that_was_not_kept_is_said() -> None:
    """And what the record has is there all the same."""
    entry = line_of(_of(HOME), 4)
    past = explain_past(entry, None)
    assert past.entry is entry
    assert past.note == f"version {POLICY.version} of the policy was not kept here"
    assert explain_past(entry, None, "the disk is away").note == "the disk is away"


def test_a_line_of_an_older_version_is_said_to_hold_too_little() -> None:
    """It has no facts."""
    entry = {name: each for name, each in line_of(_of(HOME), 4).items() if name != "facts"}
    past = explain_past(entry, POLICY)
    assert past.explanation is None
    assert past.note == "what the call was judged by is not on this line"


def test_a_denial_of_the_policy_is_no_other_denial() -> None:
    """What a rule denies, no limit did; and a limit that is there no more took no slots."""
    denied = policy_of('[[rule]]\nname = "no"\nto = ["national"]\nthen = "deny"\n')
    one = Call(denied, call(denied, HOME), Facts())
    ended = (Verdict.DENY, "two", Reason.LIMIT_REACHED)
    judged = Judged(denied, one.request, one.facts, full=CALLS)
    assert explain_past(line_of(one, 4, ended, judged), denied).agrees is False
