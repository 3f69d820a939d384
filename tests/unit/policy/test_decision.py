"""`decision`: who may call what, decided by the first rule that fits; the last line denies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastagi.numbering.number import Category, Number
from fastagi.policy.decision import (
    class_of,
    decide,
    decide_without_store,
    every_decision,
    is_known,
)
from fastagi.policy.limits import spends
from fastagi.policy.model import (
    Claim,
    Decision,
    Factor,
    Facts,
    Limit,
    Novelty,
    Per,
    Policy,
    Reason,
    Request,
    Rule,
    Then,
    ThenLimit,
    Unit,
    Verdict,
)
from fastagi.policy.scope import Scope, Transport
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import (
    AMBULANCE,
    HOME,
    INSIDE,
    JAMAICA,
    MINUTES,
    MOBILE,
    MONDAY,
    NONSENSE,
    PREMIUM,
    ROME,
    SATELLITE,
    SUNDAY,
    call,
    policy_of,
    priced,
    rates_of,
)
from tests.unit.policy.test_matching import LISTS, SCOPES, numbers

NOTHING = Facts()
LOCKED = Facts(locked_out=True)

RULES = """
[[rule]]
name = "no-premium"
to = ["premium", "satellite"]
then = "deny"

[[rule]]
name = "lobby"
from = ["lobby"]
to = ["international", "mobile"]
then = "deny"

[[rule]]
name = "abroad"
to = ["international"]
when = "office"
then = "pin+totp"
remember = "30m"

[[rule]]
name = "signed-in"
to = ["international"]
then = "sign-in"

[[rule]]
name = "mobiles"
to = ["mobile"]
network = ["floor"]
transport = ["wss"]
then = "pin"

[[rule]]
name = "home"
to = ["national"]
then = "allow"

[[limit]]
name = "two"
per = "extension"
calls = 2

[[limit]]
name = "abroad-long"
to = ["international"]
duration = "30m"
"""
POLICY = policy_of(RULES)


def _said(decision: Decision) -> tuple[Verdict, str, Reason]:
    return decision.verdict, decision.rule, decision.reason


# ------------------------------------------------------------------- the story


@pytest.mark.parametrize(
    ("dialled", "extension", "facts", "said"),
    [
        (AMBULANCE, "101", NOTHING, (Verdict.ALLOW, "emergency", Reason.EMERGENCY)),
        (AMBULANCE, "201", LOCKED, (Verdict.ALLOW, "emergency", Reason.EMERGENCY)),
        (AMBULANCE, "nobody", LOCKED, (Verdict.ALLOW, "emergency", Reason.EMERGENCY)),
        (HOME, "nobody", NOTHING, (Verdict.DENY, "unknown", Reason.UNKNOWN_EXTENSION)),
        (INSIDE, "nobody", NOTHING, (Verdict.DENY, "unknown", Reason.UNKNOWN_EXTENSION)),
        (HOME, "101", LOCKED, (Verdict.DENY, "locked-out", Reason.LOCKED_OUT)),
        (NONSENSE, "101", LOCKED, (Verdict.DENY, "locked-out", Reason.LOCKED_OUT)),
        (INSIDE, "101", NOTHING, (Verdict.ALLOW, "internal", Reason.INTERNAL)),
        (INSIDE, "101", LOCKED, (Verdict.ALLOW, "internal", Reason.INTERNAL)),
        (NONSENSE, "101", NOTHING, (Verdict.DENY, "invalid", Reason.INVALID_NUMBER)),
        (PREMIUM, "101", NOTHING, (Verdict.DENY, "no-premium", Reason.RULE)),
        (SATELLITE, "101", NOTHING, (Verdict.DENY, "no-premium", Reason.RULE)),
        (MOBILE, "201", NOTHING, (Verdict.DENY, "lobby", Reason.RULE)),
        (ROME, "101", NOTHING, (Verdict.CHALLENGE, "abroad", Reason.CHALLENGE)),
        (JAMAICA, "101", NOTHING, (Verdict.CHALLENGE, "abroad", Reason.CHALLENGE)),
        (HOME, "101", NOTHING, (Verdict.ALLOW, "home", Reason.ALLOWED)),
        (MOBILE, "101", NOTHING, (Verdict.DENY, "none", Reason.NO_RULE)),
    ],
)
def test_a_call_is_decided_by_the_first_that_fits(
    dialled: str, extension: str, facts: Facts, said: tuple[Verdict, str, Reason]
) -> None:
    """Emergency, who it is, inside, locked out, invalid, the rules; none: denied."""
    assert _said(decide(POLICY, call(POLICY, dialled, extension), facts)) == said


OFF_NET = """
[[rule]]
name = "own"
to = ["national"]
then = "allow"
without_store = "allow"

[[rule]]
name = "outside"
to = ["national", "mobile", "internal"]
then = "allow"
off_net = true
without_store = "allow"

[[rule]]
name = "abroad"
to = ["international"]
then = "pin"
"""


@pytest.mark.parametrize(
    ("dialled", "said"),
    [
        (HOME, (Verdict.DENY, "own", Reason.OFF_NET)),
        (MOBILE, (Verdict.ALLOW, "outside", Reason.ALLOWED)),
        (INSIDE, (Verdict.ALLOW, "outside", Reason.ALLOWED)),
        (ROME, (Verdict.DENY, "abroad", Reason.CANNOT_CHALLENGE)),
        (AMBULANCE, (Verdict.ALLOW, "emergency", Reason.EMERGENCY)),
    ],
)
def test_two_parties_outside_are_connected_by_a_rule_that_says_so(
    dialled: str, said: tuple[Verdict, str, Reason]
) -> None:
    """The rule that fits decides as ever; one that does not say so denies."""
    policy = policy_of(OFF_NET)
    request = replace(call(policy, dialled), transferred=True, off_net=True)
    assert _said(decide(policy, request, NOTHING)) == said


def test_an_inside_call_connects_nobody_outside() -> None:
    """Whatever rule lets it through."""
    policy = policy_of('[[rule]]\nname = "in"\nto = ["internal"]\nthen = "allow"')
    request = replace(call(policy, INSIDE), transferred=True, off_net=True)
    assert decide(policy, request, NOTHING).verdict is Verdict.ALLOW


def test_without_a_store_two_parties_outside_take_such_a_rule_too() -> None:
    """As with one."""
    policy = policy_of(OFF_NET)
    for dialled, passes in ((HOME, False), (MOBILE, True)):
        request = replace(call(policy, dialled), transferred=True, off_net=True)
        assert (decide_without_store(policy, request) is not None) == passes
        assert decide_without_store(policy, call(policy, dialled)) is not None


def test_a_code_that_was_shown_connects_nobody_outside() -> None:
    """It was shown by somebody else."""
    policy = policy_of(OFF_NET)
    request = replace(call(policy, ROME), transferred=True, off_net=True)
    shown = Facts(shown=frozenset({Factor.PIN}))
    assert decide(policy, request, shown).reason is Reason.OFF_NET


@given(data=st.data())
@settings(max_examples=200)
def test_nobody_outside_gets_further_than_the_extension(data: st.DataObject) -> None:
    """Whatever the rules: what is let through off-net is let through by the same rule without."""
    thens = data.draw(st.lists(st.sampled_from(Then), min_size=1, max_size=4))
    rules = "".join(
        f'[[rule]]\nname = "r{n}"\nthen = "{then}"\n'
        + data.draw(st.sampled_from(("", 'to = ["mobile"]\n', 'to = ["national"]\n')))
        + ("off_net = true\n" if then is Then.ALLOW and data.draw(st.booleans()) else "")
        for n, then in enumerate(thens)
    )
    policy = policy_of(rules)
    dialled = data.draw(st.sampled_from((HOME, MOBILE, ROME)))
    inside = replace(call(policy, dialled), transferred=True)
    outside = decide(policy, replace(inside, off_net=True), NOTHING)
    own = decide(policy, inside, NOTHING)
    assert outside.rule == own.rule
    assert outside == own or outside.reason is Reason.OFF_NET


def test_a_policy_without_rules_denies() -> None:
    """The last line denies."""
    bare = policy_of()
    assert decide(bare, call(bare, HOME), NOTHING).reason is Reason.NO_RULE


def test_when_decides_between_rules() -> None:
    """On Sunday the office rule does not fit, and the next one speaks."""
    request = call(POLICY, ROME, at=SUNDAY)
    assert _said(decide(POLICY, request, NOTHING)) == (
        Verdict.DENY,
        "signed-in",
        Reason.SIGN_IN_REQUIRED,
    )
    assert decide(POLICY, request, Facts(signed_in=True)).reason is Reason.ALLOWED


def test_a_sign_in_counts_for_no_transferred_call() -> None:
    """Whoever talks is not at the phone that somebody signed in on."""
    request = call(POLICY, ROME, at=SUNDAY, transferred=True)
    decision = decide(POLICY, request, Facts(signed_in=True))
    assert _said(decision) == (Verdict.DENY, "signed-in", Reason.SIGN_IN_REQUIRED)


def test_a_sign_in_opens_no_inside_call_of_who_is_locked_out() -> None:
    """It took a code to sign in, and no code of theirs counts now."""
    rule = '[[rule]]\nname = "desk"\nto = ["internal"]\nthen = "sign-in"\n'
    policy = policy_of(rule)
    request = call(policy, INSIDE)
    assert decide(policy, request, Facts(signed_in=True)).verdict is Verdict.ALLOW
    locked = decide(policy, request, Facts(signed_in=True, locked_out=True))
    assert locked.reason is Reason.LOCKED_OUT


@pytest.mark.parametrize(
    ("address", "transport", "rule"),
    [
        ("10.0.0.5", Transport.WSS, "mobiles"),
        ("::ffff:10.0.0.5", Transport.WSS, "mobiles"),
        ("192.0.2.1", Transport.WSS, "none"),
        ("", Transport.WSS, "none"),
        ("10.0.0.5", Transport.UDP, "none"),
        ("10.0.0.5", None, "none"),
    ],
)
def test_where_from_and_how_decide(address: str, transport: Transport | None, rule: str) -> None:
    """What is unknown opens no door: here nothing below the rule would let the call through."""
    request = call(POLICY, MOBILE, address=address, transport=transport)
    assert decide(POLICY, request, NOTHING).rule == rule


FLOOR = 'network = ["floor"]'
ELSEWHERE = 'network = ["not floor"]'
CLEAR = 'transport = ["udp", "tcp"]'


def _ladder(*rules: tuple[str, str], to: str = "") -> Policy:
    """Return a policy of rules, each of a condition and a `then`; named `r0`, `r1` and so on."""
    return policy_of(
        "\n".join(
            f'[[rule]]\nname = "r{place}"\n{to}\n{condition}\nthen = "{then}"'
            for place, (condition, then) in enumerate(rules)
        )
    )


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        ([(ELSEWHERE, "deny"), ("", "allow")], "r0"),
        ([(FLOOR, "deny"), ("", "allow")], "r0"),
        ([(CLEAR, "deny"), ("", "allow")], "r0"),
        ([(f"{CLEAR}\n{ELSEWHERE}", "deny"), ("", "allow")], "r0"),
        ([(FLOOR, "allow"), ("", "deny")], "r1"),
        ([(FLOOR, "allow"), ("", "allow")], "r1"),
        ([(FLOOR, "allow")], "none"),
        ([(ELSEWHERE, "pin"), ("", "allow")], "r0"),
        ([(FLOOR, "pin"), ("", "deny")], "r1"),
        ([(FLOOR, "pin"), ("", "totp")], "r1"),
        ([(ELSEWHERE, "pin+totp"), ("", "totp")], "r0"),
        ([(ELSEWHERE, "totp"), (CLEAR, "pin"), ("", "totp")], "r0"),
        ([(FLOOR, "pin"), (CLEAR, "deny"), ("", "allow")], "r1"),
        ([(FLOOR, "pin")], "none"),
    ],
)
@pytest.mark.parametrize(
    ("address", "transferred"), [("", False), ("10.0.0.5", True), ("192.0.2.1", True)]
)
def test_what_is_unknown_falls_to_the_stricter_side(
    rules: list[tuple[str, str]], rule: str, address: str, transferred: bool
) -> None:
    """A transfer is no way round a rule; what is told of one is not of whom it is judged as."""
    policy = _ladder(*rules)
    request = call(policy, HOME, address=address, transferred=transferred)
    assert decide(policy, request, NOTHING).rule == rule


@pytest.mark.parametrize(
    ("rules", "signed_in", "rule"),
    [
        ([(ELSEWHERE, "pin"), ("", "sign-in")], True, "r0"),
        ([(ELSEWHERE, "pin"), ("", "sign-in")], False, "r1"),
        ([(FLOOR, "sign-in"), ("", "pin")], True, "r1"),
        ([(FLOOR, "sign-in"), ("", "pin")], False, "r0"),
        ([(FLOOR, "sign-in")], True, "none"),
        ([("", "sign-in"), ("", "pin")], True, "r0"),
    ],
)
def test_of_an_unknown_address_a_sign_in_opens_no_more_than_anything_it_could_be(
    rules: list[tuple[str, str]], signed_in: bool, rule: str
) -> None:
    """A rule that is satisfied is no strict one any more."""
    policy = _ladder(*rules)
    request = call(policy, HOME, address="")
    assert decide(policy, request, Facts(signed_in=signed_in)).rule == rule


@pytest.mark.parametrize(
    ("rules", "rule"),
    [
        ([(ELSEWHERE, "deny")], "r0"),
        ([(ELSEWHERE, "pin")], "r0"),
        ([(FLOOR, "pin"), (CLEAR, "deny")], "r1"),
        ([(FLOOR, "allow")], "internal"),
    ],
)
def test_inside_calls_pass_where_no_rule_fits_so_one_that_may_fit_decides(
    rules: list[tuple[str, str]], rule: str
) -> None:
    """Outside, to fit none is the strictest; inside it is not."""
    policy = _ladder(*rules, to='to = ["internal"]')
    assert decide(policy, call(policy, INSIDE, address=""), NOTHING).rule == rule


def test_limits_count_where_they_may_fit() -> None:
    """Of an unknown address, the limits of every network hold."""
    limit = '[[limit]]\nname = "{}"\nper = "site"\ncalls = 3\n{}\n'
    policy = policy_of(
        '[[rule]]\nname = "all"\nthen = "allow"\n'
        + limit.format("floor", FLOOR)
        + limit.format("elsewhere", ELSEWHERE)
        + limit.format("clear", CLEAR)
        + limit.format("lobby", 'from = ["lobby"]')
    )
    moved = decide(policy, call(policy, HOME, transferred=True), NOTHING)
    assert [each.limit for each in moved.claims] == ["floor", "elsewhere", "clear"]
    request = call(policy, HOME, transport=Transport.WSS)
    assert [each.limit for each in decide(policy, request, NOTHING).claims] == ["floor"]


def test_shadow_rules_that_may_fit_are_recorded_unless_they_allow() -> None:
    """Those before the rule that decides, though more were looked at for a stricter one."""
    policy = _ladder(
        (f"{ELSEWHERE}\nshadow = true", "deny"),
        (f"{FLOOR}\nshadow = true", "allow"),
        (ELSEWHERE, "pin"),
        ("shadow = true", "totp"),
        ("", "allow"),
    )
    decision = decide(policy, call(policy, HOME, address=""), NOTHING)
    assert (decision.rule, decision.shadows) == ("r2", (("r0", Then.DENY),))


# ------------------------------------------------------------------- factors


@pytest.mark.parametrize(
    ("facts", "asks"),
    [
        (NOTHING, (Factor.PIN, Factor.TOTP)),
        (Facts(shown=frozenset({Factor.PIN})), (Factor.TOTP,)),
        (Facts(shown=frozenset(Factor)), ()),
        (Facts(proven_s={Factor.PIN: 0.0}), (Factor.TOTP,)),
        (Facts(proven_s={Factor.PIN: 1799.9, Factor.TOTP: 10.0}), ()),
        (Facts(proven_s={Factor.PIN: 1800.0, Factor.TOTP: 10.0}), (Factor.PIN,)),
        (Facts(proven_s={Factor.PIN: -1.0, Factor.TOTP: 10.0}), (Factor.PIN,)),
        (Facts(proven_s={Factor.PIN: float("nan"), Factor.TOTP: 10.0}), (Factor.PIN,)),
        (Facts(shown=frozenset({Factor.PIN}), proven_s={Factor.TOTP: 10.0}), ()),
    ],
)
def test_only_factors_not_shown_yet_are_asked(facts: Facts, asks: tuple[Factor, ...]) -> None:
    """Shown in this call, or proven within `remember`; what is odd counts as not proven."""
    decision = decide(POLICY, call(POLICY, ROME), facts)
    assert decision.asks == asks
    assert decision.verdict is (Verdict.CHALLENGE if asks else Verdict.ALLOW)
    assert decision.then is Then.PIN_TOTP
    assert decision.remember_s == 1800


def test_a_rule_without_remember_remembers_nothing() -> None:
    """Not even what was proven in this very second."""
    policy = policy_of('[[rule]]\nname = "a"\nthen = "pin"\n')
    facts = Facts(proven_s={Factor.PIN: 0.0})
    assert decide(policy, call(policy, ROME), facts).asks == (Factor.PIN,)


def test_nobody_is_asked_whom_the_prompt_would_not_reach() -> None:
    """After a transfer another hears it; a factor that is remembered needs no prompt."""
    request = call(POLICY, ROME, transferred=True)
    assert _said(decide(POLICY, request, NOTHING)) == (
        Verdict.DENY,
        "abroad",
        Reason.CANNOT_CHALLENGE,
    )
    proven = Facts(proven_s=dict.fromkeys(Factor, 1.0))
    assert decide(POLICY, request, proven).verdict is Verdict.ALLOW


# ------------------------------------------------------------------- inside and invalid

INSIDE_RULES = """
[[rule]]
name = "everything"
then = "allow"

[[rule]]
name = "lobby-inside"
from = ["lobby"]
to = ["internal"]
then = "deny"

[[rule]]
name = "inside"
to = ["internal"]
then = "{then}"

[[rule]]
name = "hunting"
to = ["invalid"]
then = "deny"
"""


NEW_RANGES = """
[[rule]]
name = "listed"
to = ["prefix:+25290"]
then = "deny"

[[rule]]
name = "guests"
from = ["lobby"]
then = "deny"

[[rule]]
name = "abroad"
to = ["international", "prefix:+252", "first-time-country"]
then = "pin"

[[rule]]
name = "everything"
then = "allow"

[[rule]]
name = "perhaps-new"
to = ["unallocated"]
then = "totp"

[[limit]]
name = "one"
per = "country"
calls = 1
"""
SOMALIA = "900252701234"  # of no range that is known
NOBODYS = "902500000000"  # the same, at home


@pytest.mark.parametrize(
    ("dialled", "extension", "facts", "said"),
    [
        (SOMALIA, "101", NOTHING, (Verdict.CHALLENGE, "perhaps-new", Reason.CHALLENGE)),
        (SOMALIA, "101", LOCKED, (Verdict.DENY, "locked-out", Reason.LOCKED_OUT)),
        (SOMALIA, "201", NOTHING, (Verdict.DENY, "guests", Reason.INVALID_NUMBER)),
        ("900252909999", "101", NOTHING, (Verdict.DENY, "listed", Reason.INVALID_NUMBER)),
        (NOBODYS, "101", NOTHING, (Verdict.CHALLENGE, "perhaps-new", Reason.CHALLENGE)),
        (ROME, "101", NOTHING, (Verdict.CHALLENGE, "abroad", Reason.CHALLENGE)),
    ],
)
def test_an_unallocated_number_has_to_be_named_to_get_anywhere(
    dialled: str, extension: str, facts: Facts, said: tuple[Verdict, str, Reason]
) -> None:
    """A rule that denies need not name it, nor a limit."""
    policy = policy_of(NEW_RANGES)
    decision = decide(policy, call(policy, dialled, extension), facts)
    assert _said(decision) == said
    if decision.verdict is Verdict.CHALLENGE:
        assert [each.limit for each in decision.claims] == ["one"]


@pytest.mark.parametrize("dialled", [SOMALIA, NOBODYS])
def test_an_unallocated_number_that_nobody_names_means_nothing(dialled: str) -> None:
    """Whatever else lets outside numbers through; an operator still may."""
    policy = policy_of('[[rule]]\nname = "all"\nthen = "allow"\n')
    request = call(policy, dialled)
    assert _said(decide(policy, request, NOTHING)) == (
        Verdict.DENY,
        "invalid",
        Reason.INVALID_NUMBER,
    )
    assert decide(policy, request, OVERRIDDEN).reason is Reason.OVERRIDDEN


@pytest.mark.parametrize(
    ("then", "extension", "facts", "said"),
    [
        ("allow", "101", NOTHING, (Verdict.ALLOW, "inside", Reason.ALLOWED)),
        ("allow", "101", LOCKED, (Verdict.ALLOW, "inside", Reason.ALLOWED)),
        ("allow", "201", NOTHING, (Verdict.DENY, "lobby-inside", Reason.RULE)),
        ("pin", "101", NOTHING, (Verdict.CHALLENGE, "inside", Reason.CHALLENGE)),
        ("pin", "101", LOCKED, (Verdict.DENY, "locked-out", Reason.LOCKED_OUT)),
        ("deny", "101", LOCKED, (Verdict.DENY, "locked-out", Reason.LOCKED_OUT)),
    ],
)
def test_only_rules_that_name_it_speak_of_inside_calls(
    then: str, extension: str, facts: Facts, said: tuple[Verdict, str, Reason]
) -> None:
    """And a lockout keeps nobody from a colleague, unless a code is asked for."""
    policy = policy_of(INSIDE_RULES.format(then=then))
    assert _said(decide(policy, call(policy, INSIDE, extension), facts)) == said


def test_a_rule_that_names_invalid_numbers_still_counts_them_as_failures() -> None:
    """The reason is what is counted, and a rule must not switch that off."""
    policy = policy_of(INSIDE_RULES.format(then="allow"))
    decision = decide(policy, call(policy, NONSENSE), NOTHING)
    assert _said(decision) == (Verdict.DENY, "hunting", Reason.INVALID_NUMBER)
    assert decision.then is Then.DENY


# ------------------------------------------------------------------- first time, shadow


@pytest.mark.parametrize(
    ("dialled", "known", "rule"),
    [(ROME, False, "new"), (ROME, True, "rest"), (HOME, False, "rest")],
)
def test_a_country_is_new_only_abroad(dialled: str, known: bool, rule: str) -> None:
    """Nobody is asked for a code at their first call at home."""
    policy = policy_of(
        '[[rule]]\nname = "new"\nto = ["first-time-country"]\nthen = "totp"\n'
        '[[rule]]\nname = "rest"\nthen = "allow"\n'
    )
    assert decide(policy, call(policy, dialled), Facts(known_country=known)).rule == rule


def test_shadow_rules_are_recorded_and_do_nothing() -> None:
    """Those before the rule that decides; also where nothing decides."""
    shadow = '[[rule]]\nname = "{}"\nto = ["national"]\nthen = "deny"\nshadow = true\n'
    home = '[[rule]]\nname = "home"\nto = ["national"]\nthen = "allow"\n'
    policy = policy_of(shadow.format("before") + home + shadow.format("behind"))
    decision = decide(policy, call(policy, HOME), NOTHING)
    assert (decision.rule, decision.shadows) == ("home", (("before", Then.DENY),))
    alone = policy_of(shadow.format("alone"))
    decision = decide(alone, call(alone, HOME), NOTHING)
    assert (decision.rule, decision.shadows) == ("none", (("alone", Then.DENY),))


# ------------------------------------------------------------------- who


def test_the_class_is_that_of_the_most_specific_pattern() -> None:
    """The extension is known by its class, or as an inside number."""
    policy = replace(policy_of(), classes=policy_of().classes[:1])
    assert class_of(policy, "101") == "staff"
    assert class_of(policy, "201") is None
    assert is_known(policy, "101", "staff")
    assert is_known(policy, "201", None)
    assert not is_known(policy, "301", None)


# ------------------------------------------------------------------- properties

OVER = st.frozensets(st.sampled_from(["l", "m"]))
FACTS = st.builds(
    Facts,
    locked_out=st.booleans(),
    shown=st.frozensets(st.sampled_from(Factor)),
    proven_s=st.dictionaries(st.sampled_from(Factor), st.floats()),
    signed_in=st.booleans(),
    known_country=st.booleans(),
    overridden=st.booleans(),
    novel=st.frozensets(st.sampled_from(Novelty)),
    over=OVER,
)
REQUESTS = st.builds(
    Request,
    extension=st.sampled_from(["101", "201", "alice"]) | st.text(max_size=9),
    number=numbers() | st.text(max_size=20).map(POLICY.plan.read),
    at=st.datetimes(
        datetime.fromisoformat("1970-01-01"),
        datetime.fromisoformat("2999-12-31"),
        timezones=st.just(UTC),
    ),
    address=st.none() | st.ip_addresses(),
    transport=st.none() | st.sampled_from(Transport),
    trunk=st.text(max_size=5),
    transferred=st.booleans(),
)
BARE = policy_of()
ANY_RULE = st.builds(
    Rule,
    st.sampled_from(["a", "b", "c"]),
    SCOPES,
    st.sampled_from(Then),
    st.sampled_from([0, 1800]),
    st.booleans(),
)
ANY_LIMIT = st.builds(
    Limit,
    st.sampled_from(["l", "m"]),
    SCOPES.map(lambda scope: replace(scope, when=tuple(x for x in scope.when if not x.limit))),
    st.none() | st.sampled_from(Per),
    st.none() | st.integers(1, 9),
    st.none() | st.integers(1, 99999),
    st.booleans(),
    budgets=st.dictionaries(st.sampled_from(Unit), st.integers(1, 10**8)).map(
        lambda budgets: tuple(budgets.items())
    ),
    within_s=st.integers(1, 10**6),
    price=st.none() | st.integers(0, 10**6),
    then=st.sampled_from([ThenLimit.DENY, ThenLimit.WATCH]),
)
TARIFFS = st.builds(
    Tariff,
    st.sampled_from([1, 60]),
    st.integers(0, 10**7),
    st.sampled_from([1, 60]),
    st.integers(0, 10**6),
)
RATED = st.none() | st.builds(
    rates_of,
    st.dictionaries(st.sampled_from(["39", "44", "4420", "1"]), TARIFFS),
    st.none() | TARIFFS,
)
POLICIES = st.builds(
    lambda rules, limits, rates: replace(
        BARE, rules=tuple(rules), limits=tuple(limits), lists=LISTS, rates=rates
    ),
    st.lists(ANY_RULE, max_size=5),
    st.lists(ANY_LIMIT, max_size=3),
    RATED,
)


@settings(max_examples=200)
@given(POLICIES, REQUESTS, FACTS)
def test_every_call_is_decided(policy: Policy, request: Request, facts: Facts) -> None:
    """Total, and the same each time; a CHALLENGE asks, and an ALLOW outside is bounded."""
    decision = decide(policy, request, facts)
    assert decision == decide(policy, request, facts)
    assert bool(decision.asks) is (decision.verdict is Verdict.CHALLENGE)
    if decision.verdict is not Verdict.DENY and decision.rule != "emergency":
        assert 0 < decision.seconds <= policy.site.longest_s
    if decision.verdict is Verdict.DENY:
        assert (decision.claims, decision.budgets, decision.seconds) == ((), (), 0)
    for budget in decision.budgets:
        if budget.unit is Unit.SPEND and not budget.shadow:
            assert decision.tariff is not None
            assert decision.tariff.cost(decision.seconds) <= budget.most
        if budget.unit is Unit.SECONDS and not budget.shadow:
            assert decision.seconds <= budget.most
    if request.number.category is Category.EMERGENCY:
        assert decision.verdict is Verdict.ALLOW
    if request.number.category is Category.INVALID:
        assert decision.verdict is Verdict.DENY


@settings(max_examples=300)
@given(POLICIES, SCOPES, st.integers(0, 5), REQUESTS, FACTS)
def test_one_more_rule_that_denies_never_lets_anybody_through(
    policy: Policy, scope: Scope, place: int, request: Request, facts: Facts
) -> None:
    """Wherever it is put, a denial stays a denial, and a challenge never becomes an ALLOW."""
    deny = Rule("one-more", scope, Then.DENY)
    stricter = replace(policy, rules=(*policy.rules[:place], deny, *policy.rules[place:]))
    before, after = decide(policy, request, facts), decide(stricter, request, facts)
    assert _strictness(after) >= _strictness(before)


@settings(max_examples=200)
@given(POLICIES, ANY_LIMIT, st.integers(0, 3), REQUESTS, FACTS)
def test_one_more_limit_never_lets_anybody_through_nor_lets_a_call_last_longer(
    policy: Policy, limit: Limit, place: int, request: Request, facts: Facts
) -> None:
    """Wherever it is put; under `shadow` it changes nothing but what is claimed and recorded."""
    limit = replace(limit, name="n")  # no rule asks for it
    stricter = replace(policy, limits=(*policy.limits[:place], limit, *policy.limits[place:]))
    before, after = decide(policy, request, facts), decide(stricter, request, facts)
    assert _strictness(after) >= _strictness(before)
    assert after.seconds <= before.seconds
    if after.verdict is before.verdict is not Verdict.DENY:
        assert set(before.claims) <= set(after.claims)
        assert set(before.budgets) <= set(after.budgets)
    if limit.only_counts:
        assert _said(after) == _said(before)
        assert after.seconds == before.seconds


@given(POLICIES, ANY_LIMIT, REQUESTS, FACTS)
def test_no_limit_touches_an_emergency_or_an_inside_call(
    policy: Policy, limit: Limit, request: Request, facts: Facts
) -> None:
    """Whatever it counts, and whether anybody says what the call costs."""
    limited = replace(policy, limits=(*policy.limits, limit))
    for dialled in (AMBULANCE, INSIDE):
        inside = replace(request, number=policy.plan.read(dialled))
        assert decide(limited, inside, facts) == decide(policy, inside, facts)


@given(POLICIES, ANY_LIMIT, REQUESTS)
def test_without_the_store_nobody_spends(policy: Policy, limit: Limit, request: Request) -> None:
    """What is left of a budget of money is not known then."""
    limited = replace(policy, limits=(*policy.limits, limit))
    decision = decide_without_store(limited, request)
    if decision is not None:
        assert decision.verdict is Verdict.ALLOW
        assert not spends(decision)


@settings(max_examples=200)
@given(POLICIES, REQUESTS, FACTS)
def test_a_lockout_lets_nobody_through_who_was_not(
    policy: Policy, request: Request, facts: Facts
) -> None:
    """It only ever denies, and never an emergency call."""
    free = decide(policy, request, replace(facts, locked_out=False))
    locked = decide(policy, request, replace(facts, locked_out=True))
    assert _strictness(locked) >= _strictness(free)


def _readings(facts: Facts) -> list[Facts]:
    """Return the facts with whatever of novelty and of two limits there could be."""
    kinds = [Novelty.COUNTRY, Novelty.NUMBER, Novelty.SITE_PREFIX]
    new = [frozenset(each) for size in range(4) for each in combinations(kinds, size)]
    over = [frozenset(each) for size in range(3) for each in combinations("lm", size)]
    return [replace(facts, novel=one, over=other) for one, other in product(new, over)]


@settings(max_examples=200)
@given(POLICIES, REQUESTS)
def test_without_the_store_it_passes_only_if_it_would_whatever_is_known(
    policy: Policy, request: Request
) -> None:
    """Every country, number and area may be new, and every limit used up."""
    away = decide_without_store(policy, request)
    if away is not None:
        for facts in _readings(Facts()):
            decision = decide(policy, request, facts)
            assert decision.verdict is Verdict.ALLOW
            assert decision.without_store
            assert set(decision.budgets) <= set(away.budgets)
            assert set(decision.claims) <= set(away.claims)
            assert decision.seconds >= away.seconds


@settings(max_examples=200)
@given(POLICIES, REQUESTS, FACTS)
def test_of_all_that_may_come_of_a_call_nothing_is_missing(
    policy: Policy, request: Request, facts: Facts
) -> None:
    """Each decision is there, with no more claims than it really has."""
    plain = replace(facts, novel=frozenset(), over=frozenset(), known_country=True)
    found = list(every_decision(policy, request, plain))
    for known in _readings(plain):
        decision = decide(policy, request, known)
        assert any(
            (each.verdict, each.rule, each.then)
            == (decision.verdict, decision.rule, decision.then)
            and set(each.budgets) <= set(decision.budgets)
            and set(each.claims) <= set(decision.claims)
            and each.seconds >= decision.seconds
            for each in found
            if decision.reason not in (Reason.TOO_DEAR, Reason.NO_PRICE)
        ) or decision.reason in (Reason.TOO_DEAR, Reason.NO_PRICE)


NETWORKS = {
    "office": (ip_network("10.0.0.0/9"),),
    "night": (ip_network("10.64.0.0/10"), ip_network("10.128.0.0/9")),
}
EVERYWHERE = [*map(ip_address, ("10.0.0.5", "10.64.0.5", "10.128.0.5", "192.0.2.1"))]
"""An address of each way in which those two can hold."""


@settings(max_examples=200)
@given(POLICIES, REQUESTS, st.booleans(), st.booleans(), st.booleans(), OVER)
def test_nobody_gains_by_hiding_where_they_call_from(
    policy: Policy,
    request: Request,
    no_address: bool,
    no_transport: bool,
    signed_in: bool,
    over: frozenset[str],
) -> None:
    """What is unknown is judged no better than anything it could be."""
    policy = replace(policy, networks=NETWORKS)
    hidden = replace(request, transferred=False)
    addresses = [request.address] if not no_address else EVERYWHERE
    transports = [request.transport] if not no_transport else [*Transport]
    told = replace(
        hidden,
        address=None if no_address else request.address,
        transport=None if no_transport else request.transport,
    )
    facts = Facts(signed_in=signed_in, over=over)
    decision = decide(policy, told, facts)
    for address, transport in product(addresses, transports):
        known = decide(policy, replace(hidden, address=address, transport=transport), facts)
        assert _strictness(decision) >= _strictness(known)
        if decision.verdict is not Verdict.DENY:
            assert set(decision.claims) >= set(known.claims)
            assert set(decision.budgets) >= set(known.budgets)
            assert decision.seconds <= known.seconds or known.verdict is Verdict.DENY


def _strictness(decision: Decision) -> int:
    return [Verdict.ALLOW, Verdict.CHALLENGE, Verdict.DENY].index(decision.verdict)


def test_an_odd_number_is_decided_as_what_it_says_it_is() -> None:
    """A number of no country and no digits breaks nothing."""
    odd = Number("", "", "", Category.VOIP, frozenset())
    request = Request("101", odd, MONDAY, ip_address("10.0.0.5"))
    assert decide(POLICY, request, Facts(known_country=False)).rule == "none"


# ----------------------------------------------------------------------------- overrides

OVERRIDDEN = Facts(overridden=True)


@pytest.mark.parametrize(
    ("dialled", "at", "rule", "then", "longest"),
    [
        (SATELLITE, MONDAY, "no-premium", Then.DENY, 1800),
        (ROME, MONDAY, "abroad", Then.PIN_TOTP, 1800),
        (ROME, SUNDAY, "signed-in", Then.SIGN_IN, 1800),
        (MOBILE, SUNDAY, "none", None, 4 * 3600),
    ],
)
def test_an_override_lifts_what_rules_demand_within_every_limit(
    dialled: str, at: datetime, rule: str, then: Then | None, longest: int
) -> None:
    """Nothing is asked nor remembered; slots are claimed, and the call is no longer than ever."""
    request = call(POLICY, dialled, at=at)
    assert decide(POLICY, request, NOTHING).verdict is not Verdict.ALLOW
    lifted = decide(POLICY, request, OVERRIDDEN)
    assert _said(lifted) == (Verdict.ALLOW, rule, Reason.OVERRIDDEN)
    assert (lifted.then, lifted.asks, lifted.remember_s) == (then, (), 0)
    assert lifted.claims == (Claim("two", Per.EXTENSION, "101", 2),)
    assert lifted.seconds == longest


@pytest.mark.parametrize(
    ("dialled", "extension", "facts", "said"),
    [
        (AMBULANCE, "101", OVERRIDDEN, (Verdict.ALLOW, "emergency", Reason.EMERGENCY)),
        (HOME, "101", OVERRIDDEN, (Verdict.ALLOW, "home", Reason.ALLOWED)),
        (INSIDE, "101", OVERRIDDEN, (Verdict.ALLOW, "internal", Reason.INTERNAL)),
        (HOME, "nobody", OVERRIDDEN, (Verdict.DENY, "unknown", Reason.UNKNOWN_EXTENSION)),
        (NONSENSE, "101", OVERRIDDEN, (Verdict.DENY, "invalid", Reason.INVALID_NUMBER)),
        (
            *(ROME, "101", Facts(overridden=True, locked_out=True)),
            (Verdict.DENY, "locked-out", Reason.LOCKED_OUT),
        ),
        (
            *(ROME, "101", Facts(overridden=True, shown=frozenset({Factor.PIN, Factor.TOTP}))),
            (Verdict.ALLOW, "abroad", Reason.ALLOWED),
        ),
    ],
)
def test_an_override_changes_nothing_else(
    dialled: str, extension: str, facts: Facts, said: tuple[Verdict, str, Reason]
) -> None:
    """What passes without it does not need it; what no rule forbids is not its to allow."""
    assert _said(decide(POLICY, call(POLICY, dialled, extension), facts)) == said


def test_an_override_is_none_for_who_was_transferred() -> None:
    """Whoever talks may be anybody."""
    request = call(POLICY, ROME, transferred=True)
    assert decide(POLICY, request, OVERRIDDEN) == decide(POLICY, request, NOTHING)


def test_an_override_opens_no_inside_call_of_who_is_locked_out() -> None:
    """A lockout is cleared, or it holds."""
    policy = policy_of('[[rule]]\nname = "inside"\nto = ["internal"]\nthen = "pin"\n')
    request = call(policy, INSIDE)
    assert decide(policy, request, OVERRIDDEN).reason is Reason.OVERRIDDEN
    locked = Facts(overridden=True, locked_out=True)
    assert decide(policy, request, locked).reason is Reason.LOCKED_OUT


@settings(max_examples=200)
@given(POLICIES, REQUESTS, FACTS)
def test_an_override_only_ever_lets_through(
    policy: Policy, request: Request, facts: Facts
) -> None:
    """Within the limits that the call falls under; and what passes by itself is left as it is."""
    plain = decide(policy, request, replace(facts, overridden=False))
    lifted = decide(policy, request, replace(facts, overridden=True))
    if lifted != plain and lifted.verdict is Verdict.DENY:
        assert plain.verdict is not Verdict.ALLOW
        assert lifted.reason in (Reason.TOO_DEAR, Reason.NO_PRICE)
        assert lifted.rule in {limit.name for limit in policy.limits}
    elif lifted != plain:
        assert plain.verdict is not Verdict.ALLOW
        assert _said(lifted) == (Verdict.ALLOW, plain.rule, Reason.OVERRIDDEN)
        assert not request.transferred
        assert not facts.locked_out
        assert not lifted.without_store


# ----------------------------------------------------------------------------- without the store

AWAY = """
[[rule]]
name = "new"
to = ["first-time-country"]
then = "{new}"
[[rule]]
name = "rome"
to = ["country:IT"]
then = "allow"
without_store = "allow"
[[rule]]
name = "coded"
to = ["country:JM"]
then = "pin"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
without_store = "{home}"
[[limit]]
name = "one-new"
per = "site"
to = ["first-time-country"]
calls = 1
"""


@pytest.mark.parametrize(
    ("dialled", "new", "home", "passes"),
    [
        (HOME, "deny", "allow", True),
        (HOME, "deny", "deny", False),
        (ROME, "deny", "allow", False),  # would be denied, were the country new
        (ROME, "pin", "allow", False),
        (ROME, "allow", "allow", False),  # that rule does not hold without the store
        (JAMAICA, "allow", "allow", False),
        (PREMIUM, "allow", "allow", False),
        (NONSENSE, "allow", "allow", False),
    ],
)
def test_without_the_store_passes_what_no_fact_could_stop(
    dialled: str, new: str, home: str, passes: bool
) -> None:
    """Whether the country is new is unknown: both answers must come to the same."""
    policy = policy_of(AWAY.format(new=new, home=home))
    decision = decide_without_store(policy, call(policy, dialled))
    assert (decision is not None) is passes


def test_without_the_store_every_limit_that_may_fit_is_claimed() -> None:
    """A limit on new countries counts, as the country may be one."""
    rules = AWAY.format(new="allow", home="allow").replace(
        'then = "allow"', 'then = "allow"\nwithout_store = "allow"', 1
    )
    policy = policy_of(rules)
    decision = decide_without_store(policy, call(policy, ROME))
    assert decision is not None
    assert [claim.limit for claim in decision.claims] == ["one-new"]


COSTS = """
[[limit]]
name = "day"
per = "extension"
spend = "20.00"
within = "24h"
{shadow}
"""


@pytest.mark.parametrize(
    ("tariff", "shadow", "passes"),
    [
        (MINUTES, "", False),
        (MINUTES, "shadow = true", True),
        (Tariff(60, 0, 60, 0), "", True),
        (Tariff(60, 0, 60, 1), "", False),
        (None, "", False),
        (None, "shadow = true", True),
    ],
)
def test_without_the_store_passes_nothing_that_costs_what_a_limit_counts(
    tariff: Tariff | None, shadow: str, passes: bool
) -> None:
    """Nobody knows what is left; a limit on trial stops nothing then, either."""
    rules = AWAY.format(new="deny", home="allow") + COSTS.format(shadow=shadow)
    policy = priced(rules, {} if tariff is None else {"44": tariff})
    assert (decide_without_store(policy, call(policy, HOME)) is not None) is passes


def test_without_the_store_other_budgets_are_claimed_as_slots_are() -> None:
    """What is kept of them then is the gate's own affair."""
    minutes = '[[limit]]\nname = "m"\nper = "site"\nminutes = 60\nwithin = "24h"\n'
    policy = policy_of(AWAY.format(new="deny", home="allow") + minutes)
    decision = decide_without_store(policy, call(policy, HOME))
    assert decision is not None
    assert [budget.limit for budget in decision.budgets] == ["m"]


def test_a_stranger_is_denied_without_the_store_too() -> None:
    """Who calls is known without any store."""
    policy = policy_of(AWAY.format(new="deny", home="allow"))
    assert decide_without_store(policy, call(policy, HOME, "999999")) is None
