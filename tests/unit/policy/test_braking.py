"""The brake in a policy: how it is written, what of a call it asks, and what is said of it."""

from __future__ import annotations

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.cases import load_cases, run
from fastagi.policy.decision import decide, decide_without_store, may_be_braked
from fastagi.policy.explain import explain
from fastagi.policy.limits import putting_brake_on, under_shadow
from fastagi.policy.model import (
    BRAKED,
    BrakeTerms,
    Factor,
    Facts,
    LiveCalls,
    Reason,
    Stage,
    Then,
    ThenLimit,
    Verdict,
)
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
    SITE,
    call,
    policy_of,
    problems_of,
)

RULES = """
[[rule]]
name = "trap"
to = ["prefix:+1876"]
then = "deny"
brake = true
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
[[limit]]
name = "burst"
per = "extension"
to = ["international"]
attempts = 5
within = "10m"
then = "brake"
[[limit]]
name = "trial"
per = "extension"
to = ["international"]
attempts = 5
within = "1h"
then = "brake"
shadow = true
"""
ON = Facts(braked=Stage.EXTENSION)


def _terms(text: str) -> str:
    return f"{RULES}\n[brake]\n{text}"


# ----------------------------------------------------------------------------- written


def test_whoever_says_nothing_has_none() -> None:
    """And nothing is looked for."""
    policy = policy_of('[[rule]]\nname = "a"\nthen = "allow"')
    assert policy.brake is None
    assert not may_be_braked(policy, call(policy, ROME))
    assert decide(policy, call(policy, ROME), ON).verdict is Verdict.ALLOW


def test_a_rule_or_a_limit_alone_has_it_on_the_usual_terms() -> None:
    """An hour, for what costs, and none passes."""
    rules, _, limit = RULES.partition("[[limit]]")
    for text in (RULES, rules, f"[[limit]]{limit}", "[brake]"):
        assert policy_of(text).brake == BrakeTerms(BRAKED, 3600, Then.DENY, LiveCalls.KEEP)
    limits = {each.name: each for each in policy_of(RULES).limits}
    assert limits["burst"].then is ThenLimit.BRAKE
    assert limits["burst"].only_counts


def test_everything_can_be_said() -> None:
    """Each key is what it says."""
    policy = policy_of(
        '[brake]\nto = ["mobile", "country:IT"]\nfor = "30m"\nthen = "pin+totp"\ncalls = "end"'
    )
    assert policy.brake is not None
    assert policy.brake.to.text == ("mobile", "country:IT")
    assert (policy.brake.for_s, policy.brake.then) == (1800, Then.PIN_TOTP)
    assert policy.brake.calls is LiveCalls.END


LIMIT = '[[limit]]\nname = "l"\nper = "extension"\nthen = "brake"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[brake]\nto = ["internal"]', "the brake is on outside calls; leave `internal` out"),
        ('[brake]\nto = ["invalid"]', "the brake is on outside calls; leave `invalid` out"),
        ('[brake]\nto = ["emergency"]', "emergency calls always pass, before any rule"),
        (
            '[brake]\nto = ["first-time-country"]',
            "what the brake touches hangs on the number alone; leave `first-time-country` out",
        ),
        ('[brake]\nto = ["list:traps"]', "there is no `traps` in `[lists]`"),
        ("[brake]\nto = []", "`to` is empty and would fit nothing"),
        ('[brake]\nthen = "sign-in"', "`sign-in` is no brake; "),
        ('[brake]\nthen = "pim"', "`pim` is no brake; did you mean `pin`?"),
        ('[brake]\ncalls = "stop"', "`stop` is no fate of live calls"),
        ('[brake]\nsince = "1h"', "`since` is not known here"),
        (
            '[[rule]]\nname = "a"\nthen = "pin"\nbrake = true',
            'a rule that says `pin` lets calls through; `brake` goes with `then = "deny"` only',
        ),
        (
            '[[rule]]\nname = "brake"\nthen = "pin"',
            "`brake` is a name of ours; give this rule another name",
        ),
        (f"{LIMIT}calls = 2", "a limit that says `brake` counts what is used in a time; write"),
        (
            f'{LIMIT}attempts = 2\nwithin = "1h"\nduration = "5m"',
            "a limit that says `brake` denies nothing by itself, so `duration` does nothing",
        ),
        (
            f'{LIMIT}minutes = 60\nwithin = "1h"',
            "counts a live call for all that it may still use of `minutes`: the first honest one",
        ),
        (
            LIMIT.replace("brake", "break"),
            "`break` is no answer of a limit; did you mean `brake`?",
        ),
    ],
)
def test_what_can_never_be_right_is_refused(text: str, problem: str) -> None:
    """With what to do instead."""
    assert any(problem in each for each in problems_of(f"{SITE}\n{text}"))


# ----------------------------------------------------------------------------- judged


@pytest.mark.parametrize(
    ("dialled", "verdict", "rule", "reason"),
    [
        (ROME, Verdict.DENY, "brake", Reason.BRAKED),
        (JAMAICA, Verdict.DENY, "trap", Reason.RULE),
        (SATELLITE, Verdict.DENY, "people", Reason.SIGN_IN_REQUIRED),
        (PREMIUM, Verdict.DENY, "no", Reason.RULE),
        (HOME, Verdict.ALLOW, "open", Reason.ALLOWED),
        (MOBILE, Verdict.CHALLENGE, "codes", Reason.CHALLENGE),
        (INSIDE, Verdict.ALLOW, "internal", Reason.INTERNAL),
        (AMBULANCE, Verdict.ALLOW, "emergency", Reason.EMERGENCY),
        (NONSENSE, Verdict.DENY, "invalid", Reason.INVALID_NUMBER),
    ],
)
def test_what_it_touches_is_denied_and_all_else_is_as_ever(
    dialled: str, verdict: Verdict, rule: str, reason: Reason
) -> None:
    """What a rule denies says so still: a trap has to spring again."""
    policy = policy_of(RULES)
    found = decide(policy, call(policy, dialled), ON)
    assert (found.verdict, found.rule, found.reason) == (verdict, rule, reason)
    assert found.puts_brake_on == (rule == "trap")


@pytest.mark.parametrize(
    ("then", "shown", "verdict", "asks"),
    [
        ("pin", (), Verdict.CHALLENGE, ("pin", "totp")),
        ("totp", (), Verdict.CHALLENGE, ("totp",)),
        ("pin", ("totp",), Verdict.CHALLENGE, ("pin",)),
        ("pin+totp", ("pin",), Verdict.CHALLENGE, ("totp",)),
        ("pin+totp", ("pin", "totp"), Verdict.ALLOW, ()),
        ("deny", ("pin", "totp"), Verdict.DENY, ()),
    ],
)
def test_what_it_asks_for_is_asked_besides(
    then: str, shown: tuple[str, ...], verdict: Verdict, asks: tuple[str, ...]
) -> None:
    """Of a rule that asks for a code; each once, and in the usual order."""
    policy = policy_of(_terms(f'to = ["mobile"]\nthen = "{then}"'))
    facts = Facts(braked=Stage.CLASS, shown=frozenset(map(Factor, shown)))
    found = decide(policy, call(policy, MOBILE), facts)
    assert (found.verdict, found.asks, found.brake) == (verdict, asks, Stage.CLASS)
    assert found.rule == ("brake" if verdict is Verdict.DENY else "codes")


def test_what_is_remembered_does_not_count_for_it() -> None:
    """For the rule it does."""
    policy = policy_of(_terms('to = ["mobile"]\nthen = "totp"'))
    request, proven = call(policy, MOBILE), {Factor.TOTP: 10.0}
    assert decide(policy, request, Facts(proven_s=proven)).verdict is Verdict.ALLOW
    found = decide(policy, request, Facts(proven_s=proven, braked=Stage.SITE))
    assert (found.verdict, found.asks) == (Verdict.CHALLENGE, (Factor.TOTP,))


def test_nobody_is_asked_on_a_transferred_call() -> None:
    """Another would hear it."""
    policy = policy_of(_terms('then = "pin"'))
    found = decide(policy, call(policy, ROME, transferred=True), ON)
    assert (found.verdict, found.reason) == (Verdict.DENY, Reason.BRAKED)


def test_an_override_lifts_rules_and_not_the_brake() -> None:
    """Nor does one that it lets through put the brake on."""
    policy = policy_of(RULES)
    rome, trap = call(policy, ROME), call(policy, JAMAICA)
    braked = Facts(braked=Stage.EXTENSION, overridden=True)
    assert decide(policy, rome, braked).reason is Reason.BRAKED
    assert decide(policy, trap, braked).reason is Reason.BRAKED
    lifted = decide(policy, trap, Facts(overridden=True))
    assert (lifted.reason, lifted.puts_brake_on) == (Reason.OVERRIDDEN, False)


def test_a_limit_that_puts_it_on_denies_and_bounds_nothing_by_itself() -> None:
    """It counts, as one under shadow does; but only that one is told as such."""
    policy = policy_of(RULES)
    found = decide(policy, call(policy, ROME), Facts())
    assert [(each.limit, each.shadow) for each in found.budgets] == [
        ("burst", True),
        ("trial", True),
    ]
    assert putting_brake_on(policy, ("trial", "burst")) == ("burst",)
    assert under_shadow(policy, ("trial", "burst")) == ("trial",)


def test_without_the_store_what_it_would_touch_is_denied() -> None:
    """Nobody knows whether it is on."""
    policy = policy_of(RULES)
    assert decide_without_store(policy, call(policy, ROME)) is None
    assert decide_without_store(policy, call(policy, HOME)) is not None


# ----------------------------------------------------------------------------- told


@pytest.mark.parametrize(
    ("stage", "summary"),
    [
        (Stage.EXTENSION, "denied: the brake is on for extension `101`"),
        (Stage.CLASS, "denied: the brake is on for class `staff`"),
        (Stage.SITE, "denied: the brake is on for the site"),
    ],
)
def test_it_is_said_for_whom_it_is_on(stage: Stage, summary: str) -> None:
    """And that no rule decided."""
    policy = policy_of(RULES)
    told = explain(policy, call(policy, ROME), Facts(braked=stage))
    assert told.summary == summary
    assert not any(each.decides for each in told.rules)
    assert told.rules[-1].why == "fits every outside call; but `brake` decides"


def test_what_it_asks_for_is_said_with_the_rule() -> None:
    """Both ask."""
    policy = policy_of(_terms('then = "pin"'))
    told = explain(policy, call(policy, ROME), ON)
    assert told.summary == (
        "rule `open` and the brake, which is on for extension `101`, ask for `pin`, then allow it"
    )


def test_what_puts_it_on_says_so() -> None:
    """The rule, and the limit; not the one under shadow."""
    policy = policy_of(RULES)
    (trap,) = [
        each for each in explain(policy, call(policy, JAMAICA), Facts()).rules if each.fits
    ][:1]
    assert trap.why == "fits by `prefix:+1876`; says `deny`, and puts the brake on"
    burst, trial = explain(policy, call(policy, ROME), Facts()).limits
    assert burst.why.endswith(
        "5 attempts in 10m; a call over it is not denied, but puts the brake on"
    )
    assert trial.why.endswith("5 attempts in 1h; under `shadow`, so it only records")


AT = 'at = "2026-01-05T10:10:00"'
CASES = f"""
[[case]]
name = "over"
call = {{ from = "101", dial = "{ROME}", {AT}, used = {{ burst = {{ attempts = 5 }} }} }}
expect = {{ verdict = "deny", rule = "brake", reason = "braked" }}
[[case]]
name = "one less"
call = {{ from = "101", dial = "{ROME}", {AT}, used = {{ burst = {{ attempts = 4 }} }} }}
expect = {{ verdict = "allow", rule = "open" }}
[[case]]
name = "under trial"
call = {{ from = "101", dial = "{ROME}", {AT}, used = {{ trial = {{ attempts = 5 }} }} }}
expect = {{ verdict = "allow", rule = "open" }}
[[case]]
name = "the class is braked"
call = {{ from = "101", dial = "{ROME}", {AT}, braked = "class" }}
expect = {{ verdict = "deny", rule = "brake", reason = "braked" }}
[[case]]
name = "at home"
call = {{ from = "101", dial = "902079460000", {AT}, braked = "site" }}
expect = {{ verdict = "allow", rule = "open" }}
"""


def test_cases_try_it(tmp_path_factory: pytest.TempPathFactory) -> None:
    """As a fact, or by what is used."""
    file = tmp_path_factory.mktemp("cases") / "p.cases.toml"
    file.write_text(CASES)
    report = run(policy_of(RULES), load_cases(file))
    assert [each.why for each in report.results] == [""] * 5
    without = run(policy_of('[[rule]]\nname = "open"\nthen = "allow"'), load_cases(file))
    assert "nothing in the policy puts a brake on; write `[brake]`" in without.results[3].why


def test_a_stage_that_there_is_not_is_refused(tmp_path_factory: pytest.TempPathFactory) -> None:
    """With those that there are."""
    file = tmp_path_factory.mktemp("cases") / "p.cases.toml"
    file.write_text(CASES.replace('"class"', '"clas"'))
    with pytest.raises(PolicyError, match="`clas` is no stage of a brake; did you mean `class`"):
        load_cases(file)
