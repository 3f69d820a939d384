"""Time in a rehearsal: calls are up, go on, end, are cut off, and are settled."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.loading import load
from fastagi.policy.model import Reason, Verdict
from fastagi.rehearsal.rehearsal import TIDY_S, Rehearsal, ignore
from fastagi.rehearsal.wanted import Settlement, Wanted
from tests.contract.rehearsal_calls import OWN
from tests.unit.rehearsal.conftest import ABROAD, MOBILE, MONDAY, NATIONAL

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

EVERYTHING = load(OWN / "everything.toml")


def _settling(policy: Policy, slice_s: int = 0) -> tuple[Rehearsal, list[Settlement]]:
    settled: list[Settlement] = []
    return Rehearsal(policy, slice_s=slice_s, settled=settled.append), settled


def test_a_call_ends_by_itself(policy: Policy) -> None:
    """It is settled at its end, for the seconds it was answered, rounded up."""
    rehearsal, settled = _settling(policy)
    wanted = Wanted(MONDAY, "101", NATIONAL, rings_s=5.0, talks_s=60.2)
    outcome = rehearsal.call(wanted)
    assert rehearsal.up == 1
    rehearsal.wait_until(MONDAY + 65.0)
    assert settled == []
    rehearsal.wait_until(MONDAY + 66.0)
    end = MONDAY + 5.0 + 60.2
    assert settled == [Settlement(wanted, outcome, end, 61, 61_000, is_cut=False)]
    assert rehearsal.up == 0


def test_nobody_answers(policy: Policy) -> None:
    """What only rings costs nothing."""
    rehearsal, settled = _settling(policy)
    rehearsal.call(Wanted(MONDAY, "101", NATIONAL, rings_s=30.0))
    rehearsal.finish()
    assert [(each.talked_s, each.cost) for each in settled] == [(0, 0)]


def test_a_call_is_cut_off_where_its_money_ends(policy: Policy) -> None:
    """After a thousand seconds, those that it rang among them."""
    rehearsal, settled = _settling(policy)
    rehearsal.call(Wanted(MONDAY, "101", NATIONAL, rings_s=10.0, talks_s=5_000.0))
    rehearsal.finish()
    (cut,) = settled
    assert (cut.is_cut, cut.ended, cut.talked_s) == (True, MONDAY + 1_000, 990)


def test_inside_and_emergency_calls_are_settled_for_nothing(policy: Policy) -> None:
    """They are let through, nothing bounds them, and they cost nothing."""
    rehearsal, settled = _settling(policy)
    for dialled in ("201", "999"):
        outcome = rehearsal.call(Wanted(MONDAY, "101", dialled, talks_s=99_999.0, call="7.1"))
        assert (outcome.verdict, outcome.seconds) == (Verdict.ALLOW, 0)
    rehearsal.finish()
    assert [(each.talked_s, each.cost, each.is_cut) for each in settled] == [
        (99_999, 0, False),
        (99_999, 0, False),
    ]


def test_what_has_no_price_costs_nobody_knows(policy: Policy) -> None:
    """Without a rate sheet money is not known."""
    rehearsal, settled = _settling(replace(policy, rates=None, limits=()))
    rehearsal.call(Wanted(MONDAY, "101", NATIONAL, talks_s=60.0))
    rehearsal.finish()
    assert [(each.talked_s, each.cost) for each in settled] == [(60, None)]


def test_slices(policy: Policy) -> None:
    """A call goes on slice by slice, and leaves to others what it has not reserved yet."""
    rehearsal, settled = _settling(policy, slice_s=100)
    first = rehearsal.call(Wanted(MONDAY, "101", NATIONAL, talks_s=500.0))
    assert first.seconds == 100
    second = rehearsal.call(Wanted(MONDAY + 1, "101", NATIONAL, talks_s=9_000.0))
    assert second.seconds == 100
    rehearsal.finish()
    assert [(each.talked_s, each.is_cut) for each in settled] == [(500, False), (500, True)]


def test_the_next_trunk_is_another_leg_of_one_call(policy: Policy) -> None:
    """It rings and is talked on anew, and is settled once, at the end of the last leg."""
    rehearsal, settled = _settling(policy)
    rehearsal.call(Wanted(MONDAY, "101", NATIONAL, talks_s=50.0, call="7.1", trunk="a"))
    rehearsal.call(Wanted(MONDAY + 40, "101", NATIONAL, 5.0, 30.0, call="7.1", trunk="b"))
    assert rehearsal.up == 1
    rehearsal.finish()
    assert [(each.ended, each.talked_s) for each in settled] == [(MONDAY + 75, 30)]


def test_calls_without_a_name_are_each_their_own(policy: Policy) -> None:
    """Two that nobody named are never one."""
    rehearsal, _ = _settling(policy)
    for extension in ("101", "102"):
        assert rehearsal.call(Wanted(MONDAY, extension, ABROAD, talks_s=9.0)).fresh
    assert rehearsal.up == 2


def test_a_name_that_no_channel_has(policy: Policy) -> None:
    """It is refused as the gate refuses it; an emergency call never is."""
    rehearsal, _ = _settling(policy)
    named = Wanted(MONDAY, "101", NATIONAL, call="no name")
    assert rehearsal.call(named).reason is Reason.BAD_QUESTION
    assert rehearsal.call(named._replace(dialled="999")).reason is Reason.EMERGENCY


def test_hanging_up(policy: Policy) -> None:
    """All numbers of a call end, for the seconds it was answered by then; nothing else does."""
    rehearsal, settled = _settling(policy)
    call = Wanted(MONDAY, "101", NATIONAL, rings_s=10.0, talks_s=100.0, call="7.1")
    rehearsal.call(call)
    rehearsal.call(call._replace(dialled=MOBILE, extension="102", talks_s=3.0))
    rehearsal.call(call._replace(call="7.2", extension="103"))
    rehearsal.hang_up("7.1", MONDAY + 12.5)
    assert [each.talked_s for each in settled] == [3, 3]
    assert {each.ended for each in settled} == {MONDAY + 12.5}
    assert rehearsal.up == 1
    rehearsal.hang_up("7.1", MONDAY + 13)
    rehearsal.finish()
    assert [each.talked_s for each in settled] == [3, 3, 100]
    assert not any(each.is_cut for each in settled)


def test_time_never_goes_back(policy: Policy) -> None:
    """What is dated before the last call happens at the moment of that."""
    rehearsal, settled = _settling(policy)
    rehearsal.call(Wanted(MONDAY, "101", NATIONAL, talks_s=60.0))
    rehearsal.call(Wanted(MONDAY - 9_000, "102", NATIONAL, talks_s=60.0))
    rehearsal.finish()
    assert {each.ended for each in settled} == {MONDAY + 60}


@pytest.mark.parametrize(
    ("extension", "reason"),
    [
        ("no/body", Reason.NO_IDENTITY),
        ("299", Reason.RULE),
        ("999", Reason.UNKNOWN_EXTENSION),
        ("101", Reason.SIGNED_IN),
    ],
)
def test_who_may_sign_in(policy: Policy, extension: str, reason: Reason) -> None:
    """Phones of the site, and no trap."""
    assert Rehearsal(policy).sign_in(extension, MONDAY) is reason


def test_signing_in_takes_codes(policy: Policy) -> None:
    """Who cannot show them does not sign in."""
    rehearsal = Rehearsal(policy)
    assert rehearsal.sign_in("201", MONDAY, can_show=frozenset()) is Reason.WRONG_CODE
    assert rehearsal.call(Wanted(MONDAY, "201", MOBILE)).reason is Reason.SIGN_IN_REQUIRED


def test_who_is_refused_signs_in_and_calls_again(policy: Policy) -> None:
    """Where a rule asks for it, and once for as long as that sign-in lasts."""
    rehearsal = Rehearsal(policy)
    wanted = Wanted(MONDAY, "201", MOBILE, signs_in=True)
    assert rehearsal.call(wanted).verdict is Verdict.ALLOW
    assert rehearsal.call(wanted._replace(at=MONDAY + 9, signs_in=False)).verdict is Verdict.ALLOW
    stranger = wanted._replace(at=MONDAY + 11, extension="202", can_show=frozenset())
    assert rehearsal.call(stranger).reason is Reason.SIGN_IN_REQUIRED
    at_home = stranger._replace(at=MONDAY + 12, dialled=NATIONAL)
    assert rehearsal.call(at_home).verdict is Verdict.ALLOW


def test_what_is_over_is_not_told_to_whoever_does_not_ask(policy: Policy) -> None:
    """By default nothing comes of it."""
    rehearsal = Rehearsal(policy)
    outcome = rehearsal.call(Wanted(MONDAY, "101", NATIONAL, talks_s=1.0))
    rehearsal.finish()
    assert rehearsal.up == 0
    settlement = Settlement(Wanted(MONDAY, "101", ""), outcome, MONDAY, 0, None, is_cut=False)
    assert ignore(settlement) is None  # type: ignore[func-returns-value]  # that it is None is the point


CALLS = st.lists(
    st.builds(
        Wanted,
        at=st.floats(0, 500_000).map(lambda each: MONDAY + round(each, 3)),
        extension=st.sampled_from(("101", "102", "201", "301", "999", "299", "")),
        dialled=st.sampled_from((NATIONAL, MOBILE, ABROAD, "900033142614701", "999", "101", "9")),
        rings_s=st.floats(0, 60),
        talks_s=st.floats(0, 9_000),
        call=st.sampled_from(("", "", "7.1", "7.2")),
        trunk=st.sampled_from(("", "a")),
        address=st.sampled_from(("", "10.0.0.5")),
        silent=st.booleans(),
        signs_in=st.booleans(),
    ),
    max_size=30,
)


@given(CALLS, st.sampled_from((0, 60)))
def test_every_call_that_is_let_through_is_settled_once(calls: list[Wanted], slice_s: int) -> None:
    """None is lost, none is up for ever; each ends after it began, and costs what it may."""
    rehearsal, settled = _settling(EVERYTHING, slice_s)
    calls.sort(key=lambda each: each.at)
    outcomes = [rehearsal.call(each) for each in calls]
    rehearsal.finish()
    let_through = [
        wanted.call
        for wanted, outcome in zip(calls, outcomes, strict=True)
        if outcome.verdict is Verdict.ALLOW
    ]
    over = [each.wanted.call for each in settled]
    assert rehearsal.up == 0
    assert over.count("") == let_through.count("")
    assert set(over) == set(let_through)
    assert len(over) <= len(let_through)  # several legs of a call are settled as one
    assert [each.ended for each in settled] == sorted(each.ended for each in settled)
    for each in settled:
        assert each.ended >= each.wanted.at
        assert 0 <= each.talked_s <= max(0, each.wanted.talks_s) + 1
        assert each.outcome.verdict is Verdict.ALLOW
        if each.cost is not None and each.outcome.tariff is not None:
            assert each.cost == each.outcome.tariff.cost(each.talked_s)


@given(CALLS)
def test_what_is_forgotten_changes_nothing(calls: list[Wanted]) -> None:
    """Time that goes by in small steps, or at once, with all that is tidied, is the same time."""
    rehearsal, settled = _settling(EVERYTHING)
    slowly, settled_slowly = _settling(EVERYTHING)
    for each in sorted(calls, key=lambda each: each.at):
        slowly.wait_until(each.at - TIDY_S)
        slowly.wait_until(each.at - TIDY_S / 2)
        assert rehearsal.call(each) == slowly.call(each)
    rehearsal.finish()
    slowly.finish()
    assert settled == settled_slowly
