"""What comes of a call of an extension that a watch saw an attack on, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.errors import PolicyError
from fastagi.numbering.number import Category
from fastagi.policy.cases import load_cases, run
from fastagi.policy.decision import (
    decide,
    decide_without_store,
    every_decision,
    guards_of,
    may_be_watched,
)
from fastagi.policy.explain import explain
from fastagi.policy.model import Decision, Factor, Facts, Reason, Stage, Then, Verdict
from tests.unit.policy.samples import (
    AMBULANCE,
    HOME,
    INSIDE,
    JAMAICA,
    MOBILE,
    NONSENSE,
    PREMIUM,
    ROME,
    SATELLITE,
    call,
    policy_of,
)
from tests.unit.policy.test_decision import FACTS, POLICIES, REQUESTS

if TYPE_CHECKING:
    from pathlib import Path

    from fastagi.policy.model import Policy, Request

RULES = """
[[rule]]
name = "codes"
to = ["mobile"]
then = "totp"
remember = "1h"
[[rule]]
name = "people"
to = ["satellite"]
then = "sign-in"
[[rule]]
name = "no"
to = ["premium"]
then = "deny"
[[rule]]
name = "open"
then = "allow"
without_store = "allow"
"""
WATCHES = """
[[watch]]
name = "guessed"
sign = "success-after-guessing"
then = ["step-up"]
[[watch]]
name = "moved"
sign = "new-address"
then = ["step-up"]
ask = "pin"
to = ["mobile", "country:IT"]
[[watch]]
name = "gone"
sign = "new-country"
then = ["lock"]
to = ["country:JM"]
[[watch]]
name = "trial"
sign = "new-agent"
then = ["lock"]
shadow = true
[[watch]]
name = "heard"
sign = "new-transport"
"""
POLICY = policy_of(RULES + WATCHES)
BOTH = frozenset(Factor)


def _by(*names: str, shown: frozenset[Factor] = frozenset()) -> Facts:
    return Facts(watched=frozenset(names), shown=shown)


def _names(request: Request, policy: Policy = POLICY) -> list[str]:
    return [each.name for each in guards_of(policy, request)]


# ----------------------------------------------------------------------------- judged


@pytest.mark.parametrize(
    ("dialled", "verdict", "rule", "reason"),
    [
        (ROME, Verdict.CHALLENGE, "open", Reason.CHALLENGE),
        (JAMAICA, Verdict.DENY, "gone", Reason.WATCHED),
        (SATELLITE, Verdict.DENY, "people", Reason.SIGN_IN_REQUIRED),
        (PREMIUM, Verdict.DENY, "no", Reason.RULE),
        (HOME, Verdict.ALLOW, "open", Reason.ALLOWED),
        (MOBILE, Verdict.CHALLENGE, "codes", Reason.CHALLENGE),
        (INSIDE, Verdict.ALLOW, "internal", Reason.INTERNAL),
        (AMBULANCE, Verdict.ALLOW, "emergency", Reason.EMERGENCY),
        (NONSENSE, Verdict.DENY, "invalid", Reason.INVALID_NUMBER),
    ],
)
def test_what_they_touch_is_held_and_all_else_is_as_ever(
    dialled: str, verdict: Verdict, rule: str, reason: Reason
) -> None:
    """What a rule denies says so still; a lock names its watch."""
    found = decide(POLICY, call(POLICY, dialled), _by("guessed", "moved", "gone"))
    assert (found.verdict, found.rule, found.reason) == (verdict, rule, reason)


@pytest.mark.parametrize(
    ("dialled", "names", "shown", "asks", "watches"),
    [
        (ROME, ("guessed",), (), ("pin", "totp"), ("guessed",)),
        (ROME, ("guessed",), ("pin",), ("totp",), ("guessed",)),
        (ROME, ("guessed",), ("pin", "totp"), (), ("guessed",)),
        (ROME, ("moved",), (), ("pin",), ("moved",)),
        (ROME, ("moved", "guessed"), (), ("pin", "totp"), ("guessed", "moved")),
        (MOBILE, ("moved",), (), ("pin", "totp"), ("moved",)),
        (MOBILE, ("guessed",), (), ("totp",), ()),
        (HOME, ("guessed", "moved", "gone", "heard", "nobody"), (), (), ()),
    ],
)
def test_what_they_ask_for_is_asked_besides(
    dialled: str,
    names: tuple[str, ...],
    shown: tuple[str, ...],
    asks: tuple[str, ...],
    watches: tuple[str, ...],
) -> None:
    """Of a rule that asks for a code; each once, and in the usual order."""
    facts = _by(*names, shown=frozenset(map(Factor, shown)))
    found = decide(POLICY, call(POLICY, dialled), facts)
    assert (found.asks, found.watches) == (asks, watches)
    assert found.verdict is (Verdict.CHALLENGE if asks else Verdict.ALLOW)


def test_the_strictest_of_several_holds() -> None:
    """A lock, though all is shown that others ask for."""
    found = decide(POLICY, call(POLICY, JAMAICA), _by("guessed", "gone", shown=BOTH))
    assert (found.verdict, found.rule) == (Verdict.DENY, "gone")
    assert found.watches == ("guessed", "gone")


def test_what_is_remembered_does_not_count_for_them() -> None:
    """A thief may be where it was shown."""
    request, proven = call(POLICY, MOBILE), dict.fromkeys(Factor, 10.0)
    assert decide(POLICY, request, Facts(proven_s=proven)).verdict is Verdict.ALLOW
    found = decide(POLICY, request, replace(_by("moved"), proven_s=proven))
    assert (found.verdict, found.asks) == (Verdict.CHALLENGE, (Factor.PIN,))


def test_who_is_signed_in_is_asked_all_the_same() -> None:
    """A sign-in is of the phone that was attacked."""
    found = decide(POLICY, call(POLICY, SATELLITE), replace(_by("guessed"), signed_in=True))
    assert (found.verdict, found.asks) == (Verdict.CHALLENGE, tuple(Factor))


def test_nobody_is_asked_on_a_transferred_call() -> None:
    """Another would hear it; the watch that asks is named."""
    request = call(POLICY, ROME, transferred=True)
    found = decide(POLICY, request, _by("guessed", "moved"))
    assert (found.verdict, found.rule, found.reason) == (Verdict.DENY, "guessed", Reason.WATCHED)
    found = decide(POLICY, request, _by("guessed", "moved", shown=frozenset({Factor.PIN})))
    assert (found.verdict, found.rule) == (Verdict.DENY, "guessed")
    assert decide(POLICY, request, _by("guessed", shown=BOTH)).verdict is Verdict.ALLOW


def test_an_override_lifts_rules_and_no_watch() -> None:
    """Who gives it may not know of the thief."""
    lifted = replace(_by("guessed", "gone"), overridden=True)
    assert decide(POLICY, call(POLICY, ROME), lifted).asks == tuple(Factor)
    assert decide(POLICY, call(POLICY, JAMAICA), lifted).reason is Reason.WATCHED
    assert decide(POLICY, call(POLICY, PREMIUM), replace(lifted, watched=frozenset())).rule == "no"


def test_beside_the_brake_both_hold() -> None:
    """What it denies is denied; what both ask for is asked."""
    asking = policy_of(f'{RULES}{WATCHES}[brake]\nthen = "totp"')
    facts = replace(_by("moved"), braked=Stage.EXTENSION)
    found = decide(asking, call(asking, ROME), facts)
    assert (found.asks, found.brake, found.watches) == (
        *(tuple(Factor), Stage.EXTENSION, ("moved",)),
    )
    denying = policy_of(f"{RULES}{WATCHES}[brake]")
    found = decide(denying, call(denying, ROME), facts)
    assert (found.rule, found.reason, found.watches) == ("brake", Reason.BRAKED, ("moved",))


def test_under_shadow_it_is_told_and_not_done() -> None:
    """In the words of a rule."""
    found = decide(POLICY, call(POLICY, ROME), _by("trial"))
    assert (found.verdict, found.shadows, found.watches) == (
        *(Verdict.ALLOW, (("trial", Then.DENY),), ()),
    )
    denied = decide(POLICY, call(POLICY, JAMAICA), _by("trial", "gone"))
    assert (denied.rule, denied.shadows) == ("gone", (("trial", Then.DENY),))
    stepped = policy_of(RULES + WATCHES.replace('["lock"]\nshadow', '["step-up"]\nshadow'))
    found = decide(stepped, call(stepped, ROME), _by("trial"))
    assert (found.verdict, found.shadows) == (Verdict.ALLOW, (("trial", Then.PIN_TOTP),))


def test_of_a_locked_out_or_unknown_extension_nothing_else_is_said() -> None:
    """It is denied before."""
    locked = decide(POLICY, call(POLICY, ROME), replace(_by("guessed"), locked_out=True))
    assert locked.reason is Reason.LOCKED_OUT
    stranger = call(POLICY, ROME, extension="carrier")
    assert decide(POLICY, stranger, _by("guessed")).reason is Reason.UNKNOWN_EXTENSION


# ----------------------------------------------------------------------------- looked for


def test_only_what_may_hold_a_call_is_looked_for() -> None:
    """None that merely tells; those under shadow, too; and none for what is never held."""
    assert _names(call(POLICY, ROME)) == ["guessed", "moved", "trial"]
    assert _names(call(POLICY, JAMAICA)) == ["guessed", "gone", "trial"]
    for dialled in (HOME, INSIDE, AMBULANCE, NONSENSE):
        assert _names(call(POLICY, dialled)) == []
    none = policy_of(RULES)
    assert _names(call(none, ROME), none) == []


def test_without_the_store_what_one_would_hold_is_denied() -> None:
    """Nobody knows what it saw; one under shadow holds nothing."""
    assert decide_without_store(POLICY, call(POLICY, ROME)) is None
    assert decide_without_store(POLICY, call(POLICY, HOME)) is not None
    (trial,) = [each for each in POLICY.watches if each.shadow]
    shadow = replace(POLICY, watches=(trial,))
    assert not may_be_watched(shadow, call(shadow, ROME))
    assert decide_without_store(shadow, call(shadow, ROME)) is not None


# ----------------------------------------------------------------------------- never laxer


def _strictness(decision: Decision) -> tuple[int, frozenset[Factor]]:
    order = (Verdict.ALLOW, Verdict.CHALLENGE, Verdict.DENY)
    return order.index(decision.verdict), frozenset(decision.asks)


SAW = st.frozensets(st.sampled_from([each.name for each in POLICY.watches]), min_size=1)
DIALLED = (ROME, ROME, JAMAICA, SATELLITE, PREMIUM, MOBILE, HOME, INSIDE, AMBULANCE, NONSENSE)
CALLS = st.builds(
    lambda dialled, extension, transferred: call(
        POLICY, dialled, extension, transferred=transferred
    ),
    st.sampled_from(DIALLED),
    st.sampled_from(["101", "101", "201", "carrier"]),
    st.booleans(),
)
RULED = st.builds(
    lambda thens, brake: policy_of(
        "".join(
            f'[[rule]]\nname = "r{n}"\nthen = "{then}"\n'
            + (f'to = ["{to}"]\n' if to else "")
            + ('remember = "1h"\n' if then.factors else "")
            + ('without_store = "allow"\n' if then is Then.ALLOW else "")
            for n, (then, to) in enumerate(thens)
        )
        + (f'[brake]\nthen = "{brake}"\n' if brake else "")
    ),
    st.lists(
        st.tuples(
            st.sampled_from(Then), st.sampled_from(["", "", "international", "mobile", "internal"])
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["", "deny", "pin", "totp"]),
)


@settings(max_examples=400)
@given(
    RULED | POLICIES,
    CALLS | REQUESTS,
    FACTS,
    st.none() | st.sampled_from(Stage),
    SAW,
    st.booleans(),
)
def test_a_watch_never_makes_a_decision_laxer(
    policy: Policy,
    request_: Request,
    facts: Facts,
    braked: Stage | None,
    saw: frozenset[str],
    locked_out: bool,
) -> None:
    """Whatever the policy, the call and what is known of it; an emergency passes always."""
    watching = replace(policy, watches=POLICY.watches)
    known = replace(facts, braked=braked, locked_out=facts.locked_out and locked_out)
    without = decide(watching, request_, known)
    held = decide(watching, request_, replace(known, watched=saw))
    if request_.number.category in (Category.EMERGENCY, Category.INTERNAL):
        assert held == without
    (before, asked), (after, asks) = _strictness(without), _strictness(held)
    assert after >= before
    assert held.verdict is not Verdict.CHALLENGE or asks >= asked
    if held.verdict is not Verdict.DENY:
        assert (held.claims, held.budgets, held.seconds) == (
            *(without.claims, without.budgets, without.seconds),
        )
    if decide_without_store(watching, request_) is not None:
        assert decide_without_store(policy, request_) is not None
        assert not may_be_watched(watching, request_)
    assert any(
        (each.verdict, each.rule, each.asks) == (held.verdict, held.rule, held.asks)
        for each in every_decision(watching, request_, replace(known, watched=saw))
    )


# ----------------------------------------------------------------------------- told


@pytest.mark.parametrize(
    ("dialled", "names", "transferred", "summary"),
    [
        (JAMAICA, ("gone",), False, "denied: watch `gone` saw an attack on `101`"),
        (
            ROME,
            ("guessed",),
            False,
            "rule `open` and watch `guessed`, which saw an attack on `101`, ask for `pin` and "
            "`totp`, then allow it",
        ),
        (
            ROME,
            ("guessed", "moved"),
            False,
            "rule `open` and watches `guessed` and `moved`, which saw an attack on `101`, ask for "
            "`pin` and `totp`, then allow it",
        ),
        (
            ROME,
            ("guessed",),
            True,
            "denied: watch `guessed` saw an attack on `101` and asks for a code, but the call was "
            "transferred, so another would hear the prompt",
        ),
    ],
)
def test_it_is_said_by_which(
    dialled: str, names: tuple[str, ...], transferred: bool, summary: str
) -> None:
    """And whose extension was attacked."""
    request = call(POLICY, dialled, transferred=transferred)
    assert explain(POLICY, request, _by(*names)).summary == summary


def test_beside_the_brake_both_are_said() -> None:
    """Whoever lifts the one has to know of the other."""
    policy = policy_of(f'{RULES}{WATCHES}[brake]\nthen = "totp"')
    facts = replace(_by("moved"), braked=Stage.EXTENSION)
    assert explain(policy, call(policy, ROME), facts).summary == (
        "rule `open` and the brake, which is on for extension `101`, and watch `moved`, which saw "
        "an attack on `101`, ask for `pin` and `totp`, then allow it"
    )


AT = 'at = "2026-01-05T10:10:00"'
CASES = f"""
[[case]]
name = "locked"
call = {{ from = "101", dial = "{JAMAICA}", {AT}, watched = ["gone"] }}
expect = {{ verdict = "deny", rule = "gone", reason = "watched" }}

[[case]]
name = "stepped up"
call = {{ from = "101", dial = "{ROME}", {AT}, watched = ["guessed"] }}
expect = {{ verdict = "pin+totp", rule = "open" }}

[[case]]
name = "no such watch"
call = {{ from = "101", dial = "{ROME}", {AT}, watched = ["guesed"] }}
expect = {{ verdict = "allow", rule = "open" }}

[[case]]
name = "it only tells"
call = {{ from = "101", dial = "{ROME}", {AT}, watched = ["heard"] }}
expect = {{ verdict = "allow", rule = "open" }}
"""


def test_cases_say_what_was_seen(tmp_path: Path) -> None:
    """A watch that is not there, or that holds no call, is no case."""
    file = tmp_path / "p.cases.toml"
    file.write_text(CASES)
    results = run(POLICY, load_cases(file)).results
    assert [each.why for each in results] == [
        "",
        "",
        "there is no watch `guesed`; did you mean `guessed`?",
        "watch `heard` holds no call: it neither steps up nor locks",
    ]
    file.write_text(CASES.replace('["gone"]', '["go ne"]'))
    with pytest.raises(PolicyError, match="`go ne` is no name"):
        load_cases(file)
