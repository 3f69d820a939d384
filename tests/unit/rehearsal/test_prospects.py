"""What is worked out of a call before anything is looked up; and for which calls it is alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.policy.decision import decide
from fastagi.policy.model import Facts, Reason, Stage, Transport, Verdict
from fastagi.rehearsal.alike import Known
from fastagi.rehearsal.prospects import Prospects, transport_of
from fastagi.rehearsal.wanted import Wanted
from tests.unit.rehearsal.conftest import (
    ABROAD,
    MOBILE,
    MONDAY,
    NATIONAL,
    NOTHING,
    SATELLITE,
    TEXT,
    policy_of,
)

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy

DAY_S = 86_400.0


def test_calls_that_are_alike_share_one(policy: Policy) -> None:
    """The same phone, number and place, while the same hours hold and prices are in force."""
    prospects = Prospects(policy, 0)
    wanted = Wanted(MONDAY, "101", MOBILE, address="10.0.0.5", transport="tls", trunk="one")
    first = prospects.of(wanted, MONDAY)
    assert prospects.of(wanted._replace(call="7", talks_s=9.0), MONDAY + 600) is first
    others = (
        wanted._replace(extension="102"),
        wanted._replace(dialled=NATIONAL),
        wanted._replace(address="10.0.0.6"),
        wanted._replace(transport="udp"),
        wanted._replace(trunk="two"),
    )
    assert all(prospects.of(each, MONDAY + 601) is not first for each in others)
    assert prospects.of(wanted, MONDAY + DAY_S / 2) is not first  # the office is closed
    assert prospects.of(wanted, MONDAY + DAY_S) is not first  # a minute costs twice as much


@pytest.mark.parametrize("at_s", [-600.0, -0.001, 0.0, 0.001, 1.0, 59.0, 4_321.5, 30_000.0])
def test_the_moment_is_that_of_the_call(policy: Policy, at_s: float) -> None:
    """Where hours begin and end, and prices change, what is decided is of the right side."""
    for hour in (8 * 3_600 + 600, 18 * 3_600 + 1_800, 24 * 3_600):
        at = MONDAY - (10 * 3_600 + 600) + hour + at_s
        prospect = Prospects(policy, 0).of(Wanted(at, "101", MOBILE), at)
        exact = decide(policy, prospect.request, Facts())
        assert prospect.judged().decision == exact


def test_one_after_the_other(policy: Policy) -> None:
    """What was found for a moment is not taken for another, however many there are."""
    prospects = Prospects(policy, 0)
    for step in range(2_000):
        at = MONDAY + step * 61.0
        prospect = prospects.of(Wanted(at, "101", MOBILE), at)
        fresh = Prospects(policy, 0).of(Wanted(at, "101", MOBILE), at) if step % 7 == 0 else None
        if fresh is not None:
            assert prospect.judged().decision == fresh.judged().decision


def test_what_is_known_decides(policy: Policy) -> None:
    """Each thing that may be known is put to the policy as it is, once."""
    prospects = Prospects(policy, 0)
    prospect = prospects.of(Wanted(MONDAY, "101", MOBILE), MONDAY)
    assert prospect.judged().decision.verdict is Verdict.ALLOW
    assert prospect.judged() is prospect.judged(Known())
    assert prospect.judged(Known(locked_out=True)).decision.reason is Reason.LOCKED_OUT
    braked = prospect.judged(Known(braked=Stage.SITE))
    assert (braked.decision.verdict, braked.wish) == (Verdict.CHALLENGE, None)
    abroad = prospects.of(Wanted(MONDAY, "101", ABROAD), MONDAY)
    freed = abroad.judged(Known(overridden=True))
    assert freed.decision.reason is Reason.OVERRIDDEN
    assert freed.wish is not None


def test_what_has_to_be_looked_up(policy: Policy) -> None:
    """The marks, the budgets and the brakes that a decision hangs on, and no other."""
    prospects = Prospects(policy, 0)
    night = prospects.of(Wanted(MONDAY - 8 * 3_600, "101", MOBILE), MONDAY - 8 * 3_600)
    assert [key for _, key in night.marks] == ["extension/101/number/+447400123456"]
    assert night.leaves == ("extension/101/number/+447400123456",)
    assert night.brakes[-1] == (Stage.EXTENSION, "101")
    abroad = prospects.of(Wanted(MONDAY, "101", ABROAD), MONDAY)
    assert [each.budget.limit for each in abroad.dues] == ["few-abroad"]
    home = prospects.of(Wanted(MONDAY, "101", NATIONAL), MONDAY)
    assert (home.marks, home.dues, home.brakes) == ((), (), ())


@pytest.mark.parametrize(
    ("extension", "dialled", "reason"),
    [
        ("101", "9999", Reason.EMERGENCY),
        ("no/body", "999", Reason.EMERGENCY),
        ("no/body", NATIONAL, Reason.NO_IDENTITY),
        ("299", NATIONAL, Reason.RULE),
        ("101", "299", Reason.RULE),
        ("101", "201", Reason.INTERNAL),
    ],
)
def test_what_nothing_can_change(
    policy: Policy, extension: str, dialled: str, reason: Reason
) -> None:
    """Emergency and inside calls, traps and nobodies are settled at once."""
    settled = Prospects(policy, 0).of(Wanted(MONDAY, extension, dialled), MONDAY).settled
    assert settled is not None
    assert settled.reason is reason


@pytest.mark.parametrize("dialled", [NATIONAL, NOTHING, SATELLITE])
def test_all_else_has_to_be_looked_up(policy: Policy, dialled: str) -> None:
    """Who dials nothing may be locked out for it; whom a rule denies, too."""
    assert Prospects(policy, 0).of(Wanted(MONDAY, "101", dialled), MONDAY).settled is None


def test_an_inside_call_that_a_rule_holds_is_looked_up(tmp_path: Path) -> None:
    """What asks for a code is not settled by being inside."""
    rule = '[[rule]]\nname = "inside"\nto = ["internal"]\nthen = "pin"\n\n[[rule]]\nname = "trap"'
    policy = policy_of(tmp_path, TEXT.replace('[[rule]]\nname = "trap"', rule, 1))
    assert Prospects(policy, 0).of(Wanted(MONDAY, "101", "201"), MONDAY).settled is None


def test_slices(policy: Policy) -> None:
    """What is charged by how long it lasts asks for a slice; and may last longer."""
    wish = Prospects(policy, 60).of(Wanted(MONDAY, "101", MOBILE), MONDAY).judged().wish
    assert wish is not None
    assert (wish.lease.seconds, wish.lease.longest_s) == (60, 1_000)


def test_transports() -> None:
    """In any case; what is none is not known."""
    assert transport_of("TLS") is Transport.TLS
    assert transport_of("pigeon") is None
    assert transport_of("") is None


def test_without_prices_and_hours(tmp_path: Path) -> None:
    """A policy that speaks of neither has one place for all moments."""
    text = """
        [site]
        name = "small"
        country = "GB"
        timezone = "Europe/London"
        internal = ["10X"]
        [classes]
        staff = ["10X"]
        [[rule]]
        name = "all"
        then = "allow"
    """
    prospects = Prospects(policy_of(tmp_path, text), 0)
    wanted = Wanted(MONDAY, "101", "02079460000")
    first = prospects.of(wanted, MONDAY)
    assert prospects.of(wanted, MONDAY + 300 * DAY_S) is first
    assert first.judged().wish is not None
