"""What is in shadow, summed up from lines that are as the logs write them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.decision_log.record import Record
from fastagi.decision_log.record import line as decision_line
from fastagi.numbering.number import Category
from fastagi.policy.loading import load_text
from fastagi.policy.model import Factor, Policy, Reason, Then, Verdict
from fastagi.shadows import sums as sums_of
from fastagi.shadows.differences import Difference, Entry, Kind, Tally, line
from fastagi.shadows.sums import DAY_S, OTHERS, Sum, Sums
from tests.unit.call.conftest import POLICY

AT = 1767607800.0  # Monday 2026-01-05 10:10 in London
RULES = """
[[rule]]
name = "{name}"
to = ["national"]
then = "{then}"
shadow = true

"""


def _policy(then: str = "deny", name: str = "tried") -> Policy:
    first = POLICY.index("[[rule]]")
    text = POLICY[:first] + RULES.format(name=name, then=then) + POLICY[first:]
    return load_text(text, Path("office.toml"))


POLICY_TRIED = _policy()
CALL = Record(
    at=AT,
    site="office",
    call="1.1",
    extension="101",
    verdict=Verdict.ALLOW,
    reason=Reason.ALLOWED,
    rule="at-home",
    reference="4071",
    number="+442079460000",
    category=Category.NATIONAL,
    country="GB",
    node="pbx",
    policy=POLICY_TRIED.version,
    shadows=(("tried", Then.DENY),),
)
PLAIN = replace(CALL, shadows=())
SETTLED = replace(PLAIN, reason=Reason.SETTLED, cost=250_000, currency="GBP")


def _take(sums: Sums, *records: Record) -> Sum:
    for each in records:
        sums.take_decision(decision_line(each, 4).encode())
    return next(each for each in sums.all() if each.name == "tried")


def test_a_rule_in_shadow_is_held_against_every_call() -> None:
    """What it would have refused, whose, where to, when, what that cost, and how to look it up."""
    found = _take(
        Sums(POLICY_TRIED),
        PLAIN,
        replace(CALL, at=AT + 3 * DAY_S),
        replace(SETTLED, at=AT + 3 * DAY_S + 60),
        replace(SETTLED, at=AT + 3 * DAY_S + 61),
    )
    assert (found.judged, found.kinds, found.days) == (2, {Kind.REFUSED: 1}, 3.0)
    assert (found.extensions, found.countries, found.hours) == ({"101": 1}, {"GB": 1}, {10: 1})
    assert (found.cost, found.currency, found.differing) == (250_000, "GBP", 1)
    (example,) = found.examples
    assert (example.reference, example.number) == ("4071", "+44207946xxxx")
    assert (example.now, example.then) == ("allow by at-home, allowed", "deny by tried")
    assert found.seen == {10, 3 * 24 + 10}


@pytest.mark.parametrize(
    ("then", "record", "kind"),
    [
        ("deny", CALL, Kind.REFUSED),
        ("deny", replace(CALL, verdict=Verdict.DENY, reason=Reason.NO_RULE), None),
        ("pin", CALL, Kind.ASKED),
        ("pin", replace(CALL, asked=(Factor.PIN,)), None),
        ("pin", replace(CALL, asked=(Factor.PIN, Factor.TOTP)), Kind.SPARED),
        ("pin", replace(CALL, verdict=Verdict.DENY, reason=Reason.NO_RULE), Kind.LET_THROUGH),
        ("allow", CALL, None),
        ("allow", replace(CALL, asked=(Factor.PIN,)), Kind.SPARED),
        ("allow", replace(CALL, verdict=Verdict.DENY, reason=Reason.RULE), Kind.LET_THROUGH),
        ("allow", replace(CALL, verdict=Verdict.DENY, reason=Reason.LOCKED_OUT), None),
        ("sign-in", CALL, Kind.REFUSED),
        ("sign-in", replace(CALL, person="101"), None),
        (
            "sign-in",
            replace(CALL, person="101", verdict=Verdict.DENY, reason=Reason.RULE),
            Kind.LET_THROUGH,
        ),
        ("sign-in", replace(CALL, verdict=Verdict.DENY, reason=Reason.RULE), None),
    ],
)
def test_what_a_rule_would_make_of_a_call(then: str, record: Record, kind: Kind | None) -> None:
    """By what it demands, and what was shown."""
    policy = _policy(then)
    found = _take(Sums(policy), replace(record, policy=policy.version))
    assert list(found.kinds) == ([] if kind is None else [kind])
    assert found.judged == 1


def test_a_limit_in_shadow() -> None:
    """It would have refused what found it full; who was refused anyway counts for nothing."""
    sums = Sums(POLICY_TRIED)
    over = replace(PLAIN, over=("one-abroad-in-shadow",))
    _take(sums, over, replace(over, verdict=Verdict.DENY, reason=Reason.RULE))
    limit = next(each for each in sums.all() if each.part == "limit")
    assert (limit.name, limit.judged, limit.kinds) == (
        "one-abroad-in-shadow",
        2,
        {Kind.REFUSED: 1},
    )


def test_a_limit_that_only_watches_refuses_nothing() -> None:
    """It would have been one that rules ask for."""
    text = POLICY.replace("calls = 1\nshadow = true", "")
    watching = 'attempts = 1\nwithin = "1h"\nthen = "brake"\nshadow = true'
    policy = load_text(
        text.replace('to = ["international"]\n\n', f'to = ["international"]\n{watching}\n\n', 1)
        + "\n[brake]\n",
        Path("office.toml"),
    )
    assert [each.shadow for each in policy.limits] == [False, True, False]
    sums = Sums(policy)
    over = replace(PLAIN, over=("one-abroad-in-shadow",), policy=policy.version)
    sums.take_decision(decision_line(over, 4).encode())
    (limit,) = sums.all()
    assert limit.kinds == {Kind.OTHER: 1}


def test_what_was_before_it_was_in_shadow_does_not_count() -> None:
    """Calls by earlier versions do from when it is seen; not those when it was in force."""
    old = replace(PLAIN, policy="old")
    hit = replace(CALL, policy="old", at=AT + 10)
    in_force = replace(PLAIN, policy="older", rule="tried", verdict=Verdict.DENY)
    found = _take(Sums(POLICY_TRIED), old, hit, replace(old, at=AT + 20))
    assert (found.judged, found.since) == (2, AT + 10)
    found = _take(Sums(POLICY_TRIED), hit, in_force, replace(old, at=AT + 20))
    assert (found.judged, found.kinds, found.examples) == (0, {}, [])


def test_what_is_no_call_of_the_site_is_passed_over() -> None:
    """Other sites, sign-ins, bypasses, torn lines."""
    sums = Sums(POLICY_TRIED)
    found = _take(
        sums,
        replace(CALL, site="hotel"),
        replace(CALL, reason=Reason.SIGNED_IN),
        replace(CALL, reason=Reason.BYPASS),
        replace(SETTLED, cost=None),
    )
    for torn in (b"", b"[]", b'{"time":"x","site":"office"}', b'{"time":1', b"\xff"):
        sums.take_decision(torn)
        sums.take_difference(torn)
    assert found.judged == 0


@pytest.mark.parametrize("cost", ["Infinity", "NaN", "much", "1e999999999"])
def test_money_that_is_none_counts_for_nothing(cost: str) -> None:
    """The file may hold anything."""
    sums = Sums(POLICY_TRIED)
    _take(sums, CALL)
    sums.take_decision(decision_line(SETTLED, 4).replace('"0.25"', f'"{cost}"').encode())
    assert [each.cost for each in sums.all()] == [0, 0]


@given(
    st.dictionaries(
        st.sampled_from(
            ["time", "site", "policy", "judged", "differs", "live", "shadows", "over", "cost"]
        ),
        st.one_of(
            st.none(),
            st.integers(),
            st.text(),
            st.lists(st.one_of(st.integers(), st.text())),
            st.sampled_from(["office", "2026-01-05T10:10:00.000Z", "refused", "NaN", "Infinity"]),
        ),
    )
)
def test_no_line_breaks_it(read: dict[str, Any]) -> None:
    """Whatever is in the files."""
    sums = Sums(POLICY_TRIED, POLICY_TRIED)
    given = json.dumps({"policy": POLICY_TRIED.version, "site": "office", **read}).encode()
    sums.take_difference(given)
    sums.take_decision(given)
    sums.take_decision(given.replace(b'"site"', b'"reason":"settled","site"', 1))
    assert all(each.judged >= 0 for each in sums.all())


def test_a_policy_in_shadow_is_summed_up_by_its_own_record() -> None:
    """Those of another version, or another site, are another's."""
    beside = replace(POLICY_TRIED, version="beside", source=Path("office.shadow.toml"))
    sums = Sums(POLICY_TRIED, beside)
    tally = Tally("office", "beside", AT, AT + 60, judged=7, dropped=1, failed=2)
    shadow = replace(
        PLAIN, verdict=Verdict.DENY, reason=Reason.RULE, rule="strict", policy="beside"
    )
    entries: list[Entry] = [
        tally,
        Tally("office", "beside", AT + DAY_S, AT + DAY_S + 60, failed=1),
        Tally("office", "older", AT, AT + 60, judged=70),
        Tally("hotel", "beside", AT, AT + 60, judged=70),
        Difference(Kind.REFUSED, shadow, PLAIN),
        Difference(Kind.REFUSED, replace(shadow, policy="older"), PLAIN),
    ]
    for each in entries:
        sums.take_difference(line(each, 4).encode())
    sums.take_decision(decision_line(SETTLED, 4).encode())
    whole = sums.all()[-1]
    assert (whole.part, whole.name) == ("policy", "office.shadow.toml")
    assert (whole.judged, whole.unjudged, whole.kinds) == (7, 4, {Kind.REFUSED: 1})
    assert (whole.since, whole.until, whole.seen) == (AT, AT + DAY_S + 60, {10})
    assert (whole.cost, whole.examples[0].now) == (250_000, "allow by at-home, allowed")
    assert whole.examples[0].then == "deny by strict, rule"


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names beyond it count together; the cost of what is longest open is not known."""
    monkeypatch.setattr(sums_of, "MOST_NAMES", 2)
    monkeypatch.setattr(sums_of, "MOST_OPEN", 2)
    calls = [replace(CALL, call=f"1.{at}", extension=f"10{at}") for at in range(7)]
    settled = [replace(SETTLED, call=each.call) for each in calls]
    found = _take(Sums(POLICY_TRIED), *calls, *settled)
    assert found.extensions == {"100": 1, "101": 1, OTHERS: 5}
    assert found.cost == 500_000
    assert len(found.examples) == 5


@pytest.mark.parametrize(
    ("days", "judged", "unjudged", "lacks"),
    [
        (0, 0, 0, ["no call was held against it"]),
        (14, 1000, 10, []),
        (8, 1000, 0, ["it was seen for 8.0 days; 14 see each weekday twice"]),
        (
            1,
            100,
            2,
            [
                "it was seen for 1.0 days; 14 see each weekday twice",
                "144 of the 168 hours of a week are not over",
                "2 calls were not judged, so what they are is not known",
            ],
        ),
    ],
)
def test_whether_it_is_enough(days: int, judged: int, unjudged: int, lacks: list[str]) -> None:
    """Two weeks, every hour of one, and hardly a call missed."""
    of = Sum("rule", "tried", since=AT, until=AT + days * DAY_S, judged=judged, unjudged=unjudged)
    assert list(of.lacks()) == lacks
    assert Sum("rule", "tried").days == 0.0
