"""`contents`: what lists hold otherwise is told, and prices that are announced otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from fastagi.answers.contents import contents
from fastagi.answers.difference import differences
from fastagi.answers.outcome import outcome_of
from fastagi.answers.written import Setting
from fastagi.numbering.number import Category
from fastagi.numbering.prefixes import PrefixTable
from fastagi.policy.decision import decide
from fastagi.policy.model import BrakeTerms, Stage, Then
from fastagi.policy.scope import Destinations
from fastagi.rating.sheet import BLOCKED, ENDED
from tests.unit.answers.samples import LISTS, NOW, WITHIN, policies, requests
from tests.unit.policy.samples import policy_of, rates_of
from tests.unit.rating.test_sheet import priced, sheet_of

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

AT = NOW.timestamp()
LATER = int(datetime(2027, 1, 1, tzinfo=UTC).timestamp())


def _with(*prefixes: str) -> Policy:
    return replace(policy_of(), lists={"bad": PrefixTable(prefixes)})


def _told(before: Policy, after: Policy) -> list[tuple[str, str, str]]:
    return [(each.name, each.before, each.after) for each in contents(before, after, AT)]


def test_a_list_is_compared_by_what_it_holds() -> None:
    """Whoever asks for it: of the brake, no call tells."""
    assert _told(_with("39", "41"), _with("41", "39")) == []
    assert _told(_with("39", "4"), _with("39", "41", "42", "4")) == [
        ("lists.bad", "2 prefixes", "4 prefixes: +41…, +42… more")
    ]
    many = [f"+{each}" for each in range(411, 417)]
    assert _told(_with("39", *many), _with("40")) == [
        (
            "lists.bad",
            "7 prefixes",
            "1 prefixes: +40… more; +411…, +412…, +413… and 4 others fewer",
        )
    ]
    assert _told(policy_of(), _with("39")) == [("lists.bad", "(none)", "1 prefixes")]
    assert _told(_with("39"), policy_of()) == [("lists.bad", "1 prefixes", "(none)")]


def test_a_list_makes_policies_differ() -> None:
    """Where no call does."""
    found = differences(_with("39"), _with("41"), NOW, "882")
    assert found.calls == ()
    assert found.settings == (
        Setting("lists.bad", "1 prefixes", "1 prefixes: +41… more; +39… fewer"),
    )


def _priced(*entries: tuple[str, int, int]) -> Policy:
    return replace(policy_of(), rates=replace(rates_of({}), sheet=sheet_of(*entries)))


def test_prices_that_are_announced_are_compared() -> None:
    """Those of today are on calls, and those of the past on none."""
    today = priced("39", 1)
    assert _told(_priced(today), _priced(priced("39", 2), priced("41", 3, int(AT)))) == []
    assert _told(_priced(today), _priced(today, priced("39", 4, LATER))) == [
        (
            "rates.file",
            "(none)",
            "+39… 0.000004 for 60s, then 0.000004 for each 60s, from 2027-01-01 00:00 UTC",
        )
    ]
    ends = ("39", LATER, ENDED), ("41", LATER, BLOCKED)
    (_, gone, come), *others = _told(_priced(today, *ends), policy_of())
    assert gone == (
        "+39… no longer listed from 2027-01-01 00:00 UTC, "
        "+41… not served from 2027-01-01 00:00 UTC"
    )
    assert (come, others) == ("(none)", [])
    same = _priced(today, *ends), _priced(priced("39", 2), *ends)
    assert _told(*same) == []


def test_prices_that_are_announced_make_policies_differ() -> None:
    """Where no call does at the prices of today."""
    found = differences(
        _priced(priced("39", 1)), _priced(priced("39", 1), priced("39", 2, LATER)), NOW, "882"
    )
    assert found.calls == ()
    assert [each.name for each in found.settings] == ["rates.file"]


INVALID = Destinations(("invalid",), categories=frozenset({Category.INVALID}))
DIALLED = st.one_of(
    st.integers(0, 999).map(lambda last: f"+{WITHIN}{last:03}"),
    st.sampled_from(["+999", "5", "*5", "9", "admin", "666", "101", "201", "112", "909"]),
)


@st.composite
def _changed(draw: st.DrawFn, before: Policy) -> Policy:
    """Draw a policy of which one thing is another."""
    rules = list(before.rules)
    place = draw(st.integers(0, len(rules) - 1))
    rule = rules[place]
    match draw(st.sampled_from(["invalid", "brake", "list", "price", "rule", "limit"])):
        case "invalid":
            scope = replace(rule.scope, to=INVALID, classes=frozenset())
            new = replace(rule, name="new", scope=scope, then=Then.DENY, off_net=False)
            rules.insert(place, replace(new, brake=draw(st.booleans())))
        case "brake":
            rules[place] = replace(rule, then=Then.DENY, brake=not rule.brake, off_net=False)
        case "list":
            more = draw(st.sampled_from(["290221", "2902234", "2902299"]))
            return replace(before, lists={**LISTS, "bad": PrefixTable([more])})
        case "price":
            assert before.rates is not None
            since = draw(st.sampled_from([0, int(AT) + 86_400]))
            sheet = sheet_of(priced("290", 1), priced("29022", draw(st.integers(1, 4)), since))
            return replace(before, rates=replace(before.rates, sheet=sheet))
        case "rule":
            rules[place] = replace(rule, then=draw(st.sampled_from(Then)), off_net=False)
        case _:
            limits = tuple(replace(each, calls=1) for each in before.limits)
            return replace(before, limits=limits)
    return replace(before, rules=tuple(rules))


@pytest.mark.timeout(600)  # half a minute with coverage, where nothing else runs
@settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # a smaller failure would take minutes
    suppress_health_check=[HealthCheck.too_slow],
)
@given(policies(), st.data())
def test_where_any_call_differs_something_is_told(drawn: Policy, data: st.DataObject) -> None:
    """Whatever is changed, at any time of the year, while the brake is on or is not."""
    brake = BrakeTerms(Destinations(("list:bad",), lists=("bad",)))
    rates = replace(rates_of({}), sheet=sheet_of(priced("290", 1)))
    before = replace(drawn, brake=brake, rates=rates)
    after = data.draw(_changed(before))
    differ = False
    for _ in range(40):
        number = before.plan.read(data.draw(DIALLED))
        request, facts = data.draw(requests(number))
        facts = replace(facts, braked=data.draw(st.sampled_from([None, Stage.EXTENSION])))
        old, new = (outcome_of(decide(each, request, facts)) for each in (before, after))
        differ = differ or old != new
    event(f"differs: {differ}")
    if differ:
        with pytest.MonkeyPatch.context() as patched:  # of all the world, Saint Helena
            patched.setattr("fastagi.answers.numbers.CALLING_CODES", ("290",))
            assert differences(before, after, NOW)
