"""Attacks in calls of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.policy.model import Reason
from fastagi.replay.attack import APART_S, CLOSED_MOST, OPEN_MOST, TOGETHER_S, Attacks
from fastagi.replay.destinations import Atlas
from fastagi.replay.judged import Effect, Under
from tests.unit.replay.samples import (
    FRAUD,
    GAMBIA,
    ITALY,
    LEGITIMATE,
    REFUSED,
    UNCLEAR,
    a_call,
    moment,
    office,
)

if TYPE_CHECKING:
    from fastagi.replay.attack import Suspect
    from fastagi.replay.traits import Looked

BEGINS = moment("2026-12-11 19:00")
OUT = Under(Effect.SAME, "abroad", Reason.ALLOWED, 5)
CUT = Under(Effect.CUT, "longest-dear", Reason.ALLOWED, 2)


def begin(
    attacks: Attacks,
    after_s: float,
    seen: Looked = FRAUD,
    under: Under | None = OUT,
    *,
    extension: str = "101",
    dialled: str = GAMBIA,
    was: int | None = 5,
) -> Suspect | None:
    """Begin a call, and settle it at once, unless nobody knows yet."""
    call = a_call(BEGINS + after_s, dialled, extension=extension)
    each = attacks.begin(call, Atlas(office()).find(dialled, call.at), seen, was)
    if each is not None and under is not None:
        each.settle(under)
    return each


def test_two_calls_are_no_attack_and_three_are() -> None:
    """Those that are alone are counted."""
    attacks = Attacks()
    begin(attacks, 0)
    begin(attacks, 10)
    assert (attacks.found(), attacks.alone) == ([], 2)
    attacks = Attacks()
    for turn in range(3):
        begin(attacks, turn)
    (found,) = attacks.found()
    assert (found.calls, found.was, found.out, found.through, attacks.alone) == (3, 15, 15, 3, 0)
    assert (found.first, found.last, found.stopped) == (BEGINS, BEGINS + 2, None)
    assert found.extensions == ["101"]
    assert found.countries == [("GM", 3)]


def test_what_looks_legitimate_is_never_of_an_attack() -> None:
    """Nor is what costs nothing."""
    attacks = Attacks()
    assert begin(attacks, 0, LEGITIMATE) is None
    assert begin(attacks, 0, UNCLEAR._replace(risky=False)) is None


def test_a_try_before_it_belongs_to_it() -> None:
    """Of the last hour, of the same extension, whatever became of it by then or becomes later."""
    attacks = Attacks()
    begin(attacks, -3700, UNCLEAR)
    begin(attacks, -600, UNCLEAR)
    pending = begin(attacks, -300, UNCLEAR, None)
    begin(attacks, -200, UNCLEAR, extension="102")
    for turn in range(3):
        begin(attacks, turn, FRAUD, REFUSED)
    assert pending is not None
    pending.settle(CUT)
    (found,) = attacks.found()
    assert (found.first, found.calls, found.through, found.cut) == (BEGINS - 600, 5, 2, 1)
    assert found.stopped is not None
    assert (found.stopped.after_s, found.stopped.calls, found.stopped.money) == (600, 2, 7)
    assert (found.stopped.rule, found.stopped.reason) == ("abroad", "wrong-code")


def test_money_that_got_out_before_it_was_stopped_is_told_apart_from_all() -> None:
    """Calls that were up when the first was refused count before; those after it do not."""
    attacks = Attacks()
    up = begin(attacks, 0, FRAUD, None)
    begin(attacks, 10, FRAUD, REFUSED)
    begin(attacks, 20)
    begin(attacks, 30, FRAUD, REFUSED)
    assert up is not None
    up.settle(OUT)
    (found,) = attacks.found()
    assert found.stopped is not None
    assert (found.stopped.after_s, found.stopped.calls, found.stopped.money) == (10, 1, 5)
    assert (found.out, found.refused, found.was) == (10, 2, 20)
    assert found.by == [("abroad", "wrong-code", 2)]
    assert found.money[-1][1:] == (20, 10)


def test_the_last_call_that_was_let_through_is_told_and_what_another_policy_lets_out() -> None:
    """Whenever it is known; where there is no other policy, nothing is said of one."""
    attacks = Attacks()
    tried = begin(attacks, -60, UNCLEAR, REFUSED)
    assert tried is not None
    tried.settle_beside(OUT)
    first = begin(attacks, 0)
    begin(attacks, 50)
    begin(attacks, 20)
    begin(attacks, 100, FRAUD, REFUSED)
    assert first is not None
    first.settle_beside(CUT)
    (found,) = attacks.found(beside=True)
    assert (found.last_through, found.other_out) == (BEGINS + 50, 7)
    attacks = Attacks()
    for turn in range(3):
        begin(attacks, turn, FRAUD, REFUSED)
    (found,) = attacks.found()
    assert (found.last_through, found.other_out) == (None, None)


def test_what_nobody_knows_the_price_of_is_told() -> None:
    """It is in no amount."""
    attacks = Attacks()
    for turn in range(3):
        begin(attacks, turn, FRAUD, OUT._replace(still=None), was=None)
    (found,) = attacks.found()
    assert (found.unpriced, found.was, found.out) == (3, 0, 0)


def test_extensions_are_of_one_attack_if_they_call_at_once_or_the_same_block() -> None:
    """Else they are not."""
    attacks = Attacks()
    for turn in range(3):
        begin(attacks, turn, extension="101")
        begin(attacks, turn + TOGETHER_S / 2, extension="102", dialled=ITALY)
    assert [sorted(each.extensions) for each in attacks.found()] == [["101", "102"]]
    for dialled, count in ((GAMBIA, 1), (ITALY, 2)):
        attacks = Attacks()
        for turn in range(3):
            begin(attacks, turn)
        for turn in range(3):
            begin(attacks, 5 * TOGETHER_S + turn, extension="102", dialled=dialled)
        assert len(attacks.found()) == count


def test_a_day_apart_they_are_two_attacks() -> None:
    """Of the same extension, even; what cost most is told first."""
    attacks = Attacks()
    for turn in range(3):
        begin(attacks, turn)
    for turn in range(4):
        begin(attacks, APART_S + 10 + turn)
    assert [each.calls for each in attacks.found()] == [4, 3]


def test_those_that_cost_most_are_kept() -> None:
    """Of very many, in bounded memory; how many more there were is told."""
    attacks = Attacks()
    many = CLOSED_MOST + OPEN_MOST + 5
    for each in range(many):
        for turn in range(3):
            begin(
                attacks,
                each * 2 * TOGETHER_S + turn,
                extension=str(each),
                dialled=f"90022030{each:03}10",
                was=each,
            )
    found = attacks.found()
    assert len(found) == CLOSED_MOST
    assert found[0].was == 3 * (many - 1)
    assert attacks.beyond == many - CLOSED_MOST


def test_unclear_calls_of_very_many_extensions_are_forgotten() -> None:
    """Those of whoever was quiet longest first."""
    attacks = Attacks()
    for each in range(10_001):
        begin(attacks, -600 + each / 100, UNCLEAR, extension=str(each))
    for extension in ("0", "10000"):
        for turn in range(3):
            begin(attacks, turn, extension=extension)
    (found,) = attacks.found()
    assert found.calls == 7
