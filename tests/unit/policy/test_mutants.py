"""`mutants`: each part of a policy is missed once, and each slip is made once."""

from __future__ import annotations

from collections import Counter

import pytest

from fastagi.numbering.number import Category
from fastagi.policy.decision import circumstances, decide
from fastagi.policy.explain import misfit
from fastagi.policy.model import Facts, Then, ThenLimit
from fastagi.policy.mutants import Mutant, Part, deletions, slips
from tests.unit.policy.samples import HOME, ROME, call, policy_of

POLICY = policy_of("""
[[rule]]
name = "many"
from = ["staff", "lobby"]
when = "over:burst and office"
then = "pin"
[[rule]]
name = "trial"
then = "deny"
shadow = true
[[rule]]
name = "abroad"
to = ["international", "pager"]
then = "totp"
[[rule]]
name = "home"
then = "allow"
[[limit]]
name = "burst"
per = "extension"
attempts = 5
within = "10m"
then = "brake"
[[limit]]
name = "long"
from = ["staff", "lobby"]
when = "office"
duration = "30m"
[[watch]]
name = "guessed"
sign = "guessing"
then = ["step-up"]
[[watch]]
name = "told"
sign = "guessing"
then = ["tell"]
[brake]
for = "1h"
[honeypot]
extensions = ["299"]
to = ["country:CU"]
""")


def _by_what(mutants: list[Mutant]) -> dict[str, Mutant]:
    return {each.what: each for each in mutants}


DELETED = _by_what(list(deletions(POLICY)))
SLIPPED = _by_what(list(slips(POLICY)))


def test_everything_that_a_case_can_reach_is_deleted_once() -> None:
    """Not the watch that only tells: no call is otherwise for it."""
    assert list(DELETED) == [
        "delete rule `many`",
        "delete rule `trial`",
        "delete rule `abroad`",
        "delete rule `home`",
        "delete limit `burst`",
        "delete limit `long`",
        "delete watch `guessed`",
        "delete the brake",
        "delete `extensions` of the honeypot",
        "delete `to` of the honeypot",
    ]
    parts = Counter(each.part for each in DELETED.values())
    assert parts == {
        Part.RULE: 4,
        Part.LIMIT: 2,
        Part.WATCH: 1,
        Part.BRAKE: 1,
        Part.HONEYPOT: 2,
    }
    assert all(each.is_deletion for each in DELETED.values())


def test_each_knows_its_line() -> None:
    """A survivor points there."""
    lines = [each.line for each in DELETED.values()]
    assert lines == sorted(lines)
    assert 0 not in lines


def test_what_is_deleted_is_gone_and_nothing_else() -> None:
    """The rest stands as it was."""
    gone = DELETED["delete rule `abroad`"].policy
    assert [each.name for each in gone.rules] == ["many", "trial", "home"]
    assert gone.limits == POLICY.limits
    watches = DELETED["delete watch `guessed`"].policy.watches
    assert [each.name for each in watches] == ["told"]
    assert DELETED["delete `extensions` of the honeypot"].policy.honeypot.to is not None
    assert DELETED["delete `to` of the honeypot"].policy.honeypot.extensions


def test_a_rule_may_ask_for_a_limit_that_is_gone() -> None:
    """No call is ever over it."""
    gone = DELETED["delete limit `burst`"].policy
    over = Facts(over=frozenset({"burst"}))
    assert decide(POLICY, call(POLICY, HOME), over).rule == "many"
    assert decide(gone, call(gone, HOME), over).rule == "home"


def test_without_a_brake_nothing_puts_one_on() -> None:
    """What did only watches."""
    gone = DELETED["delete the brake"].policy
    assert gone.brake is None
    assert [each.then for each in gone.limits] == [ThenLimit.WATCH, ThenLimit.DENY]
    assert not any(each.brake for each in gone.rules)


def test_the_slips_that_are_tried() -> None:
    """None of a rule under `shadow`; none weakens a rule that allows already."""
    assert list(SLIPPED) == [
        "write `allow` for `pin` in rule `many`",
        "leave `when` out in rule `many`",
        "leave `lobby` out of `from` in rule `many`",
        "leave `staff` out of `from` in rule `many`",
        "write `allow` for `totp` in rule `abroad`",
        "leave `international` out of `to` in rule `abroad`",
        "leave `pager` out of `to` in rule `abroad`",
        "swap rules `abroad` and `home`",
        "double what limit `burst` gives",
        "double what limit `long` gives",
        "leave `when` out in limit `long`",
        "leave `lobby` out of `from` in limit `long`",
        "leave `staff` out of `from` in limit `long`",
    ]
    assert not any(each.is_deletion for each in SLIPPED.values())


def test_a_slip_is_what_it_says() -> None:
    """One thing is otherwise."""
    weak = SLIPPED["write `allow` for `totp` in rule `abroad`"].policy
    assert [each.then for each in weak.rules] == [Then.PIN, Then.DENY, Then.ALLOW, Then.ALLOW]
    swapped = SLIPPED["swap rules `abroad` and `home`"].policy
    assert [each.name for each in swapped.rules] == ["many", "trial", "home", "abroad"]
    near = SLIPPED["leave `international` out of `to` in rule `abroad`"].policy.rules[2].scope.to
    assert near is not None
    assert (near.text, near.categories) == (("pager",), frozenset({Category.PAGER}))
    doubled = SLIPPED["double what limit `long` gives"].policy
    assert doubled.limits[1].duration_s == 3600
    assert doubled.limits[1].calls is None
    assert SLIPPED["double what limit `burst` gives"].policy.limits[0].budgets[0][1] == 10


@pytest.mark.parametrize("mutant", [*DELETED.values(), *SLIPPED.values()], ids=lambda x: x.what)
def test_a_call_that_fits_none_of_its_scopes_is_judged_as_before(mutant: Mutant) -> None:
    """There, no counterexample need be looked for."""
    for dialled in (HOME, ROME):
        request = call(POLICY, dialled)
        found = circumstances(POLICY, request, Facts())
        if all(misfit(POLICY, each, found) is None for each in mutant.scopes):
            continue
        assert decide(mutant.policy, request, Facts()) == decide(POLICY, request, Facts())
