"""The story of one call; `tests/contract` holds it against the gate's, step by step."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.model import Factor, LiveCalls, Lockout, Reason, Verdict
from fastagi.rehearsal.rehearsal import Rehearsal
from fastagi.rehearsal.sign_ins import place_of
from fastagi.rehearsal.story import Stories
from fastagi.rehearsal.wanted import EVERY_FACTOR, Outcome, Wanted
from tests.unit.rehearsal.conftest import (
    ABROAD,
    FRANCE,
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

PIN = frozenset({Factor.PIN})
NIGHT = MONDAY - 8 * 3_600


@pytest.fixture
def rehearsal(policy: Policy) -> Rehearsal:
    """One that nothing has happened in."""
    return Rehearsal(policy)


def _call(rehearsal: Rehearsal, at: float, dialled: str, **more: object) -> Outcome:
    wanted = Wanted(at, "101", dialled, address="10.0.0.5")
    return rehearsal.call(wanted._replace(**more))  # type: ignore[arg-type]  # fields of it, by name


def _short(outcome: Outcome) -> tuple[str, str]:
    return outcome.rule, outcome.reason


def test_a_call_is_let_through_for_what_it_can_pay(rehearsal: Rehearsal) -> None:
    """A pound lasts a thousand seconds at six pence a minute, for two calls together."""
    first = _call(rehearsal, MONDAY, NATIONAL, talks_s=600.0)
    assert (_short(first), first.seconds) == (("at-home", "allowed"), 1_000)
    second = _call(rehearsal, MONDAY + 10, NATIONAL)
    assert _short(second) == ("money", "budget-reached")
    third = _call(rehearsal, MONDAY + 700, NATIONAL)
    assert (third.reason, third.seconds) == (Reason.ALLOWED, 400)
    assert first.tariff is not None


def test_shadow_limits_only_tell(rehearsal: Rehearsal) -> None:
    """What a limit under shadow would have denied is told, and let through."""
    assert _call(rehearsal, MONDAY, NATIONAL, talks_s=60.0).over == ()
    other = _call(rehearsal, MONDAY + 1, NATIONAL, extension="102", talks_s=60.0)
    assert (other.verdict, other.over) == (Verdict.ALLOW, ("on-trial",))


def test_factors_are_remembered_where_they_were_shown(rehearsal: Rehearsal) -> None:
    """Asked once, from one address, for half an hour; elsewhere, and later, again."""
    assert _call(rehearsal, MONDAY, ABROAD).asked == (Factor.PIN, Factor.TOTP)
    assert _call(rehearsal, MONDAY + 100, ABROAD).asked == ()
    elsewhere = _call(rehearsal, MONDAY + 200, ABROAD, address="10.0.0.6")
    assert elsewhere.asked == (Factor.PIN, Factor.TOTP)
    assert elsewhere.verdict is Verdict.ALLOW


def test_of_an_unknown_address_nothing_is_remembered(rehearsal: Rehearsal) -> None:
    """Nobody knows whether it is the same place."""
    assert _call(rehearsal, MONDAY, ABROAD, address="").asked
    assert _call(rehearsal, MONDAY + 100, ABROAD, address="").asked


def test_wrong_codes_lock_out(rehearsal: Rehearsal) -> None:
    """Two tries a call, three wrong ones in all; then nothing outside, for a while."""
    wrong = _call(rehearsal, MONDAY, ABROAD, can_show=PIN)
    assert _short(wrong) == ("abroad", "wrong-code")
    third = _call(rehearsal, MONDAY + 1, ABROAD, can_show=PIN)
    assert _short(third) == ("abroad", "locked-out")
    assert _short(_call(rehearsal, MONDAY + 2, NATIONAL)) == ("locked-out", "locked-out")
    assert _call(rehearsal, MONDAY + 1 + 900, NATIONAL).reason is Reason.ALLOWED


def test_silence_is_no_guess(rehearsal: Rehearsal) -> None:
    """Who keys nothing is refused, and not counted."""
    for later in range(5):
        silent = _call(rehearsal, MONDAY + later, ABROAD, silent=True)
        assert _short(silent) == ("abroad", "no-digits")
    assert _call(rehearsal, MONDAY + 9, ABROAD).verdict is Verdict.ALLOW


def test_numbers_that_mean_nothing_lock_out(rehearsal: Rehearsal) -> None:
    """Two of them, as the policy has it."""
    assert _call(rehearsal, MONDAY, NOTHING).reason is Reason.INVALID_NUMBER
    assert _call(rehearsal, MONDAY + 1, NOTHING).reason is Reason.INVALID_NUMBER
    assert _call(rehearsal, MONDAY + 2, NOTHING).reason is Reason.LOCKED_OUT


def test_what_is_new_is_new_once(rehearsal: Rehearsal) -> None:
    """A number and a country that were let through are known from then on."""
    assert _call(rehearsal, NIGHT, MOBILE).asked == (Factor.PIN,)
    assert _call(rehearsal, NIGHT + 60, MOBILE).asked == ()
    assert _short(_call(rehearsal, NIGHT + 120, FRANCE)) == ("first-france", "allowed")
    assert _short(_call(rehearsal, NIGHT + 180, FRANCE)) == ("abroad", "allowed")


def test_over_a_limit_another_rule_decides(rehearsal: Rehearsal) -> None:
    """Three calls abroad within two hours; the fourth is denied by the rule that asks for that."""
    for later in range(3):
        assert _call(rehearsal, MONDAY + 100 * later, ABROAD).verdict is Verdict.ALLOW
    assert _short(_call(rehearsal, MONDAY + 400, ABROAD)) == ("too-many", "rule")
    assert _call(rehearsal, MONDAY + 7_200, ABROAD).verdict is Verdict.ALLOW


def test_a_rule_puts_the_brake_on(rehearsal: Rehearsal) -> None:
    """Who dials a trap keys a PIN for whatever the brake touches, for as long as it is on."""
    trapped = _call(rehearsal, MONDAY, SATELLITE)
    assert trapped.brakes == (("extension", "101"),)
    assert _call(rehearsal, MONDAY + 1, MOBILE).asked == (Factor.PIN,)
    assert _call(rehearsal, MONDAY + 2, NATIONAL).asked == ()
    assert _call(rehearsal, MONDAY + 1_800, MOBILE).asked == ()


def test_a_limit_puts_the_brake_on_and_the_call_is_judged_anew(rehearsal: Rehearsal) -> None:
    """What was taken is given back first; who shows what the brake asks for is let through."""
    for later in range(4):
        assert _call(rehearsal, MONDAY + later, MOBILE).brakes == ()
    wrong = _call(rehearsal, MONDAY + 5, MOBILE, can_show=frozenset())
    assert (wrong.reason, wrong.asked) == (Reason.WRONG_CODE, (Factor.PIN,))
    assert wrong.brakes == (("extension", "101"),)
    right = _call(rehearsal, MONDAY + 6, MOBILE)
    assert (right.verdict, right.brakes, right.asked) == (Verdict.ALLOW, (), (Factor.PIN,))


def test_who_hits_the_brake_may_key_what_it_asks_for(rehearsal: Rehearsal) -> None:
    """And is let through in the same call, with the slots that it needs."""
    for later in range(4):
        _call(rehearsal, MONDAY + later, MOBILE)
    right = _call(rehearsal, MONDAY + 5, MOBILE, talks_s=60.0)
    assert (_short(right), right.asked) == (("at-home", "allowed"), (Factor.PIN,))
    assert right.brakes == (("extension", "101"),)
    assert right.fresh
    assert rehearsal.up == 1


def test_a_brake_that_does_not_touch_the_call_lets_it_go_on(tmp_path: Path) -> None:
    """Who calls mobiles too often is braked abroad only."""
    text = TEXT.replace('to = ["mobile", "international"]\nfor', 'to = ["international"]\nfor')
    rehearsal = Rehearsal(policy_of(tmp_path, text))
    for later in range(4):
        _call(rehearsal, MONDAY + later, MOBILE)
    fifth = _call(rehearsal, MONDAY + 5, MOBILE)
    assert (fifth.verdict, fifth.asked) == (Verdict.ALLOW, ())
    assert fifth.brakes == (("extension", "101"),)


def test_what_was_new_is_new_still_when_it_is_given_back(tmp_path: Path) -> None:
    """The rule that let it through does so again, once what the brake asks for is keyed."""
    text = TEXT.replace('when = "not office"\nthen = "totp"', 'then = "allow"')
    text = text.replace('to = ["mobile"]\nattempts = 4', 'to = ["international"]\nattempts = 1', 1)
    rehearsal = Rehearsal(policy_of(tmp_path, text))
    assert _short(_call(rehearsal, MONDAY, ABROAD)) == ("first-france", "allowed")
    second = _call(rehearsal, MONDAY + 9, FRANCE)
    assert (_short(second), second.asked) == (("first-france", "allowed"), (Factor.PIN,))


def test_what_was_known_is_known_still_when_it_is_given_back(tmp_path: Path) -> None:
    """A number that was called before is not asked for as a new one, neither then nor later."""
    rehearsal = Rehearsal(policy_of(tmp_path, TEXT))
    for later in range(4):
        assert _call(rehearsal, NIGHT + later, MOBILE).verdict is Verdict.ALLOW
    right = _call(rehearsal, NIGHT + 5, MOBILE)
    assert (_short(right), right.asked) == (("at-home", "allowed"), (Factor.PIN,))
    later_on = _call(rehearsal, NIGHT + 9_000, MOBILE, can_show=frozenset())
    assert (_short(later_on), later_on.asked) == (("at-home", "allowed"), ())


def test_a_call_that_is_given_back_leaves_no_mark(tmp_path: Path) -> None:
    """A number that was new to a call that was braked is new to the next one."""
    rehearsal = Rehearsal(
        policy_of(tmp_path, TEXT.replace('for = "30m"\nthen = "pin"', 'for = "30m"'))
    )
    for later in range(4):
        _call(rehearsal, NIGHT + later, MOBILE)
    other = "907400999999"
    assert _short(_call(rehearsal, NIGHT + 5, other)) == ("brake", "braked")
    assert _short(_call(rehearsal, NIGHT + 9_000, other)) == ("new-mobile", "allowed")


def test_on_the_way_to_the_next_trunk_nobody_is_asked(tmp_path: Path) -> None:
    """A call that hits the brake there is refused, and still holds what it held."""
    text = TEXT.replace('name = "burst"\nper = "extension"', 'name = "burst"\nper = "trunk"')
    rehearsal = Rehearsal(policy_of(tmp_path, text))
    for later in range(4):
        _call(rehearsal, MONDAY + later, MOBILE, extension="102", trunk="b")
    _call(rehearsal, MONDAY + 9, MOBILE, call="7.1", trunk="a", talks_s=60.0)
    there = _call(rehearsal, MONDAY + 10, MOBILE, call="7.1", trunk="b")
    assert (_short(there), there.fresh) == (("brake", "braked"), False)
    assert there.brakes == (("extension", "101"),)
    assert rehearsal.up == 1


def test_a_brake_that_denies_gives_back(tmp_path: Path) -> None:
    """A call that a limit was too small for is let through no more, and holds nothing."""
    text = TEXT.replace('for = "30m"\nthen = "pin"', 'for = "30m"')
    rehearsal = Rehearsal(policy_of(tmp_path, text))
    for later in range(4):
        _call(rehearsal, MONDAY + later, MOBILE)
    denied = _call(rehearsal, MONDAY + 5, MOBILE, talks_s=99.0)
    assert (_short(denied), denied.brakes) == (("brake", "braked"), (("extension", "101"),))
    assert _call(rehearsal, MONDAY + 6, NATIONAL).over == ()


def test_the_next_trunk(rehearsal: Rehearsal) -> None:
    """The same call to the same number goes on, with the slots that it needs there."""
    first = _call(rehearsal, MONDAY, MOBILE, call="7.1", trunk="a", talks_s=60.0)
    _call(rehearsal, MONDAY + 1, MOBILE, extension="102", call="7.2", trunk="b", talks_s=600.0)
    full = _call(rehearsal, MONDAY + 2, MOBILE, call="7.1", trunk="b")
    assert (_short(full), full.fresh) == (("one-trunk", "limit-reached"), False)
    again = _call(rehearsal, MONDAY + 3, MOBILE, call="7.1", trunk="c", talks_s=60.0)
    assert (first.fresh, again.fresh) == (True, False)
    assert (again.verdict, again.seconds) == (Verdict.ALLOW, first.seconds - 3)
    other = _call(rehearsal, MONDAY + 4, MOBILE, call="7.1", extension="103", trunk="c")
    assert (other.reason, other.fresh) == (Reason.BAD_QUESTION, False)


def test_the_next_trunk_asks_for_no_code(rehearsal: Rehearsal) -> None:
    """Who was let through after a code is not asked on the way, though a rule would by then."""
    first = _call(rehearsal, MONDAY, ABROAD, call="7.1", address="", talks_s=300.0)
    again = _call(rehearsal, MONDAY + 200, ABROAD, call="7.1", address="", can_show=frozenset())
    assert (first.asked, again.asked) == ((Factor.PIN, Factor.TOTP), ())
    assert (again.verdict, again.rule, again.fresh) == (Verdict.ALLOW, "abroad", False)


def test_a_locked_out_call_goes_no_further(rehearsal: Rehearsal) -> None:
    """Not to its next trunk, either."""
    _call(rehearsal, MONDAY, NATIONAL, call="7.1", talks_s=300.0)
    for later in range(2):
        _call(rehearsal, MONDAY + 1 + later, NOTHING)
    again = _call(rehearsal, MONDAY + 9, NATIONAL, call="7.1")
    assert (again.reason, again.fresh) == (Reason.LOCKED_OUT, True)


def test_a_sign_in_opens_calls(rehearsal: Rehearsal) -> None:
    """On the phone it was made on; from elsewhere, and once signed off, it opens none."""
    lobby = Wanted(MONDAY, "201", MOBILE, address="10.0.0.5")
    assert rehearsal.call(lobby).reason is Reason.SIGN_IN_REQUIRED
    assert rehearsal.sign_in("201", MONDAY + 1, "10.0.0.5") is Reason.SIGNED_IN
    assert _short(rehearsal.call(lobby._replace(at=MONDAY + 2))) == ("desk", "allowed")
    elsewhere = rehearsal.call(lobby._replace(at=MONDAY + 3, address="10.0.0.6"))
    assert elsewhere.reason is Reason.SIGN_IN_REQUIRED
    assert rehearsal.sign_off("201", MONDAY + 4) is Reason.SIGNED_OFF
    assert rehearsal.call(lobby._replace(at=MONDAY + 5)).reason is Reason.SIGN_IN_REQUIRED


def test_a_lockout_ends_the_sign_in(rehearsal: Rehearsal) -> None:
    """By wrong numbers as by wrong codes; what comes after needs a new one."""
    rehearsal.sign_in("201", MONDAY, "10.0.0.5")
    lobby = Wanted(MONDAY, "201", MOBILE, address="10.0.0.5")
    for later in range(2):
        rehearsal.call(lobby._replace(at=MONDAY + later, dialled=NOTHING))
    assert rehearsal.call(lobby._replace(at=MONDAY + 950)).reason is Reason.SIGN_IN_REQUIRED


def test_a_right_guess_undoes_the_lockout_that_it_caused(policy: Policy) -> None:
    """The last guess is counted as wrong first; as it is right, nothing came of that."""
    stories, here, both = Stories(policy), ip_address("10.0.0.5"), (Factor.PIN, Factor.TOTP)
    stories.sign_ins.open("201", place_of("", ""), MONDAY)
    assert stories.challenge("201", here, both, PIN, MONDAY) is Reason.WRONG_CODE
    assert stories.challenge("201", here, both, EVERY_FACTOR, MONDAY + 1) is None
    assert not stories.failures.is_locked_out("201", MONDAY + 1)
    assert stories.sign_ins.counting("201", place_of("", ""), MONDAY + 1) is not None
    assert stories.challenge("201", None, both, PIN, MONDAY + 2) is Reason.WRONG_CODE


def test_terms_that_end_live_calls_change_no_answer(policy: Policy) -> None:
    """A rehearsal lets calls go on that a watcher would end; the answers are the same."""
    ending = replace(policy, lockout=Lockout(wrong=3, invalid=2, calls=LiveCalls.END))
    assert _call(Rehearsal(ending), MONDAY, NATIONAL) == _call(Rehearsal(policy), MONDAY, NATIONAL)
