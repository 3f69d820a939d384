"""One call of the past after another, judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.policy.model import Reason
from fastagi.replay.judged import Codes, Effect, Judged
from fastagi.replay.judging import Judging
from tests.unit.replay.samples import (
    AT_HOME,
    GAMBIA,
    ITALY,
    a_call,
    moment,
    office,
    office_without,
    open_office,
    rehearse,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastagi.cdr.past_call import PastCall
    from fastagi.policy.model import Policy

NIGHT = moment("2026-12-12 23:00")
SIGN_IN = office_without('then     = "pin+totp"\nremember -> then     = "sign-in"\n#remember')


def judge(
    calls: Iterable[PastCall],
    policy: Policy | None = None,
    against: Policy | None = None,
    codes: Codes = Codes.HONEST,
) -> list[Judged]:
    """Judge calls; in order of when it was known what became of them."""
    told: list[Judged] = []
    judging = Judging(policy or office(), rehearse, told.append, against=against, codes=codes)
    for call in calls:
        judging.take(call)
    judging.finish()
    assert not judging._up, "nothing is held for ever"
    return told


def test_a_call_at_home_is_as_it_was() -> None:
    """It costs what it cost."""
    (told,) = judge([a_call(dialled=AT_HOME, talked_s=100)])
    assert (told.under.effect, told.under.rule) == (Effect.SAME, "at-home")
    assert told.was == told.under.still
    assert told.was


@pytest.mark.parametrize("dialled", ["104", "999"])
def test_inside_calls_and_calls_for_help_are_as_they_were(dialled: str) -> None:
    """They are known at once, and told once."""
    (told,) = judge([a_call(dialled=dialled)])
    assert (told.under.effect, told.was, told.under.still) == (Effect.SAME, 0, 0)


@pytest.mark.parametrize(
    ("codes", "honest", "thief"),
    [
        (Codes.HONEST, Effect.STEPPED_UP, Reason.WRONG_CODE),
        (Codes.ALL, Effect.STEPPED_UP, Reason.ALLOWED),
        (Codes.NONE, Effect.REFUSED, Reason.NO_DIGITS),
    ],
)
def test_who_can_show_codes_is_an_assumption(codes: Codes, honest: Effect, thief: Reason) -> None:
    """By default, whoever does not look like a thief."""
    calls = [a_call(dialled=ITALY), a_call(NIGHT, GAMBIA, 60)]
    first, second = judge(calls, codes=codes)
    assert first.under.effect is honest
    assert second.under.reason is thief


def test_nobody_is_locked_out_who_is_taken_to_key_nothing() -> None:
    """Else honest people who have no code yet would be refused all their calls."""
    calls = [a_call(moment("2026-12-07 10:00") + turn * 60, ITALY, 30) for turn in range(20)]
    told = judge([*calls, a_call("2026-12-07 11:00")], codes=Codes.NONE)
    assert {each.under.reason for each in told[:-1]} == {Reason.NO_DIGITS}
    assert told[-1].under.effect is Effect.SAME


def test_a_call_that_a_limit_ends_is_cut_and_says_by_which() -> None:
    """Half an hour, of what is dear."""
    (told,) = judge([a_call(dialled=ITALY, talked_s=3600)])
    assert (told.under.effect, told.under.rule) == (Effect.CUT, "longest-dear")
    assert told.was is not None
    assert told.under.still is not None
    assert 0 < told.under.still < told.was


def test_where_it_is_not_known_which_limit_ended_it_all_are_named() -> None:
    """Two budgets may have been used up."""
    policy = office_without('"20.00" -> "5.00"', '"100.00" -> "5.00"')
    (told,) = judge([a_call(dialled=GAMBIA, talked_s=1200)], policy)
    assert told.under.effect is Effect.CUT
    assert told.under.rule == "money-a-day or money-of-the-office or abroad-a-day"


def test_the_sites_own_longest_call_has_no_limits_name() -> None:
    """It is nobody's in particular."""
    text = ('"20.00" -> "2000000.00"', '"100.00" -> "2000000.00"')
    (told,) = judge([a_call(dialled=AT_HOME, talked_s=5 * 3600)], office_without(*text))
    assert (told.under.effect, told.under.rule) == (Effect.CUT, "the longest call")


def test_who_may_show_codes_signs_in_where_that_is_asked() -> None:
    """Who looks like a thief does not."""
    (told,) = judge([a_call(dialled=ITALY)], SIGN_IN)
    assert told.under.effect is not Effect.REFUSED
    thief = judge([a_call(dialled=ITALY)], SIGN_IN, codes=Codes.NONE)[-1]
    assert thief.under.reason is Reason.SIGN_IN_REQUIRED


def test_two_policies_are_told_of_once_each_call_is_over_in_both() -> None:
    """The one refuses what the other lets through."""
    (told,) = judge([a_call(NIGHT, GAMBIA, 60)], against=open_office())
    assert told.other is not None
    assert (told.under.effect, told.other.effect) == (Effect.REFUSED, Effect.SAME)
    (told,) = judge([a_call(NIGHT, GAMBIA, 60)], open_office(), office())
    assert told.other is not None
    assert (told.under.effect, told.other.effect) == (Effect.SAME, Effect.REFUSED)


def test_what_only_asks_for_its_next_trunk_is_no_call_of_its_own() -> None:
    """What it cost there is added."""
    told: list[Judged] = []
    judging = Judging(office(), rehearse, told.append)
    for after_s, talked_s in ((0, 0), (3, 60)):
        at = moment("2026-12-07 10:00") + after_s
        judging.take(a_call(at, talked_s=talked_s, call="1796637600.7"))
    judging.finish()
    assert judging.retries == 1
    assert len(told) == 1
    assert told[0].was == told[0].under.still
    unknown = Judging(office(), rehearse, told.append)
    unknown.take(a_call(call="1796637600.7"))
    (held,) = unknown._up.values()
    held.goes_on(None)
    assert held.was is None
