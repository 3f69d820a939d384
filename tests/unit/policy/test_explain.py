"""`explain`: why each rule and each limit fits or not, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.explain import Explanation, Step, explain, number_in_words
from fastagi.policy.model import Factor, Facts, Policy, Transport, Unit
from fastagi.policy.used import Used
from fastagi.rating.tariff import Tariff
from tests.unit.policy.samples import (
    AMBULANCE,
    HOME,
    INSIDE,
    MINUTES,
    MOBILE,
    NONSENSE,
    PREMIUM,
    ROME,
    SATELLITE,
    SITE,
    SUNDAY,
    call,
    policy_of,
    priced,
)

if TYPE_CHECKING:
    from pathlib import Path

NOTHING = Facts()
DIRECTORY = "9118500"  # a short code of GB


def _rule(lines: str, *, then: str = "allow", name: str = "a") -> str:
    return f'[[rule]]\nname = "{name}"\nthen = "{then}"\n{lines}\n'


def _words(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Return the steps without their figures, which `test_figures` looks at."""
    return tuple(replace(each, figures=(), hours=()) for each in steps)


def _only(explanation: Explanation) -> Step:
    (step,) = explanation.rules
    return step


@pytest.mark.parametrize(
    ("rule", "dialled", "why"),
    [
        ('from = ["lobby"]', HOME, "only from `lobby`; the caller is of class `staff`"),
        ("", INSIDE, "only to outside numbers, not `internal`"),
        ('to = ["premium", "voip"]', HOME, "only to `premium` or `voip`"),
        ('to = ["prefix:+39"]', INSIDE, "only to `prefix:+39`"),
        ('to = ["prefix:+39", "country:FR"]', HOME, "only to `prefix:+39` or `country:FR`"),
        ('when = "not office"', HOME, "only when `not office`; `office` holds"),
        ('when = "closed"', HOME, "only when `closed`; `office` holds"),
        (
            'network = ["not floor"]',
            HOME,
            "only from network `not floor`; the address is in `floor`",
        ),
        ('transport = ["ws", "wss"]', HOME, "only by `ws` or `wss`; the call is `udp`"),
        ("", HOME, "fits every outside call; says `allow`"),
        ('to = ["national"]', HOME, "fits by `national`; says `allow`"),
        ('to = ["country:IT"]', ROME, "fits by `country:IT`; says `allow`"),
        ('to = ["prefix:+39"]', ROME, "fits by `prefix:+39`; says `allow`"),
        ('to = ["list:irsf"]', ROME, "fits by `list:irsf`; says `allow`"),
        ('to = ["list:irsf"]', HOME, "only to `list:irsf`"),
        ('to = ["prefix:+39"]', DIRECTORY, "only to `prefix:+39`"),
        ('to = ["first-time-country"]', ROME, "fits by `first-time-country`; says `allow`"),
        ("shadow = true", HOME, "fits every outside call; under `shadow`, so it only records"),
        ('to = ["internal"]', INSIDE, "fits by `internal`; says `allow`"),
    ],
)
def test_it_says_why_a_rule_fits_or_not(rule: str, dialled: str, why: str, listed: Policy) -> None:
    """The first condition that does not fit, or the item that does."""
    policy = policy_of(_rule(rule), site=SITE + LISTS, source=listed.source)
    request = call(policy, dialled, transport=Transport.UDP)
    step = _only(explain(policy, request, Facts(known_country=False)))
    assert step.why == why
    assert step.fits is why.startswith("fits")
    assert step.decides is why.endswith("says `allow`")


LISTS = '\n[lists]\nirsf = "irsf.csv"\n'


def test_it_says_that_an_address_is_in_none_of_ours() -> None:
    """Known, and nobody's."""
    policy = policy_of(_rule('network = ["floor"]'))
    step = _only(explain(policy, call(policy, HOME, address="192.0.2.1"), NOTHING))
    assert step.why == "only from network `floor`; the address is in none of ours"


@pytest.fixture
def listed(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """A policy with a list that Italy is on."""
    folder = tmp_path_factory.mktemp("policy")
    (folder / "irsf.csv").write_text("39\n")
    return policy_of(site=SITE + LISTS, source=folder / "p.toml")


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ('when = "office"', "only when `office`; no hours hold"),
        ('network = ["floor"]', "only from network `floor`; the address is unknown"),
        ('transport = ["wss"]', "only by `wss`; the transport is unknown"),
        ('from = ["staff"]', "only from `staff`; the caller is in no class"),
    ],
)
def test_it_says_what_is_unknown(rule: str, why: str) -> None:
    """On a Sunday, from nowhere, by an extension of no class: what allows does not fit."""
    policy = policy_of(_rule(rule), site=SITE.replace('lobby = ["2XX"]\n', ""))
    request = call(policy, HOME, "201", at=SUNDAY, address="")
    assert _only(explain(policy, request, NOTHING)).why == why


def test_it_says_what_comes_of_what_is_unknown() -> None:
    """A rule that may fit, and one stricter; a limit that may fit, and counts."""
    rules = (
        _rule('network = ["not floor"]', then="pin")
        + _rule('transport = ["udp"]', then="deny", name="b")
        + _rule("", name="c")
    )
    policy = policy_of(rules + LIMITED)
    assert _words(explain(policy, call(policy, HOME, transferred=True), NOTHING).rules) == (
        Step(
            "a",
            True,
            "the address is unknown, so it may fit (only from network `not floor`); "
            "but `b` decides",
        ),
        Step(
            "b",
            True,
            "the transport is unknown, so it may fit (only by `udp`); says `deny`",
            decides=True,
        ),
        Step("c", True, "fits every outside call; but `b` decides"),
    )
    policy = policy_of(_rule("") + LIMITED)
    assert _words(explain(policy, call(policy, HOME, transferred=True), NOTHING).limits) == (
        Step(
            "two",
            True,
            "takes one of 2 at a time of extension `101`; "
            "the address is unknown, so it counts (only from network `floor`)",
        ),
    )


LIMITED = """
[[limit]]
name = "two"
per = "extension"
calls = 2
network = ["floor"]
"""


def test_rules_below_the_one_that_decides_are_explained_too() -> None:
    """Whether they fit, and that they come too late."""
    rules = _rule('to = ["national"]') + _rule("", name="b") + _rule('to = ["pager"]', name="c")
    policy = policy_of(rules)
    assert _words(explain(policy, call(policy, HOME), NOTHING).rules) == (
        Step("a", True, "fits by `national`; says `allow`", decides=True),
        Step("b", True, "fits every outside call; but `a` decides"),
        Step("c", False, "only to `pager`"),
    )


def test_a_rule_that_fits_does_not_decide_a_locked_out_call() -> None:
    """What decides is named."""
    policy = policy_of(_rule(""))
    step = _only(explain(policy, call(policy, HOME), Facts(locked_out=True)))
    assert step == Step("a", True, "fits every outside call; but `locked-out` decides")


ALL = """
[[rule]]
name = "no-premium"
to = ["premium"]
then = "deny"
[[rule]]
name = "night"
to = ["international"]
when = "not office"
then = "sign-in"
[[rule]]
name = "abroad"
to = ["international"]
then = "pin+totp"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
"""


@pytest.mark.parametrize(
    ("dialled", "extension", "facts", "sentence"),
    [
        (AMBULANCE, "x", NOTHING, "allowed: emergency calls always pass"),
        (INSIDE, "101", NOTHING, "allowed: it never leaves the PBX, and no rule speaks of it"),
        (HOME, "x", NOTHING, "denied: `x` is in no class, and no inside number"),
        (
            HOME,
            "101",
            Facts(locked_out=True),
            "denied: `101` is locked out",
        ),
        (
            NONSENSE,
            "101",
            NOTHING,
            "denied: `900` means nothing: too short for any number",
        ),
        (MOBILE, "101", NOTHING, "denied: no rule lets `101` (class `staff`) call there"),
        (PREMIUM, "101", NOTHING, "denied by rule `no-premium`"),
        (ROME, "101", NOTHING, "rule `abroad` asks for `pin` and `totp`, then allows it"),
        (
            ROME,
            "101",
            Facts(shown=frozenset({Factor.PIN})),
            "rule `abroad` asks for `totp`, then allows it",
        ),
        (HOME, "101", NOTHING, "allowed by rule `home`"),
    ],
)
def test_it_says_in_one_sentence_what_happens(
    dialled: str, extension: str, facts: Facts, sentence: str
) -> None:
    """Of every kind of decision."""
    policy = policy_of(ALL)
    said = explain(policy, call(policy, dialled, extension), facts).summary
    assert said.startswith(sentence.partition(": too")[0])


def test_it_says_that_nobody_is_signed_in_or_would_hear_the_prompt() -> None:
    """The two denials of a rule that could allow."""
    policy = policy_of(ALL)
    asleep = explain(policy, call(policy, ROME, at=SUNDAY), NOTHING)
    assert asleep.summary == "denied by rule `night`: nobody is signed in on `101`"
    assert asleep.sign_in == policy.sign_in
    moved = explain(policy, call(policy, ROME, transferred=True), NOTHING)
    assert moved.summary.startswith("denied: rule `abroad` asks for a code, but the call was")
    assert moved.sign_in is None


def test_a_sign_in_opens_no_rule_that_may_not_fit() -> None:
    """It would open it from somewhere, but nobody knows whether from here."""
    policy = policy_of(_rule('network = ["floor"]', then="sign-in"))
    request = call(policy, HOME, address="")
    step = _only(explain(policy, request, Facts(signed_in=True)))
    assert step == Step("a", False, "only from network `floor`; the address is unknown")
    assert _only(explain(policy, request, NOTHING)).fits


def test_it_says_what_a_sign_in_does() -> None:
    """It opens the rule, but not to a call that was transferred."""
    policy = policy_of(ALL)
    awake = explain(policy, call(policy, ROME, at=SUNDAY), Facts(signed_in=True))
    assert awake.summary == "allowed by rule `night`, as somebody is signed in on `101`"
    assert awake.sign_in == policy.sign_in
    request = call(policy, ROME, at=SUNDAY, transferred=True)
    moved = explain(policy, request, Facts(signed_in=True))
    assert moved.summary == (
        "denied: rule `night` asks for a sign-in, but the call was transferred, "
        "and whoever talks is not who signed in"
    )


def test_it_says_so_when_a_caller_is_in_no_class() -> None:
    """An inside number that nobody put into a class."""
    policy = policy_of(site=SITE.replace('lobby = ["2XX"]\n', ""))
    explanation = explain(policy, call(policy, HOME, "201"), NOTHING)
    assert explanation.class_name is None
    assert explanation.summary == "denied: no rule lets `201` call there"


@pytest.mark.parametrize(
    ("dialled", "words"),
    [
        (ROME, "`+390612345678`: international, of IT"),
        ("900881612345678", "`+881612345678`: satellite, international, of no country"),
        (INSIDE, "`201`: internal"),
        ("abc", "`abc` means nothing: holds something else than digits, `*`, `#` and `+`"),
    ],
)
def test_a_number_is_said_in_words(dialled: str, words: str) -> None:
    """What it is, and whose."""
    assert number_in_words(policy_of().plan.read(dialled)) == words


LIMITS = """
[[rule]]
name = "all"
to = ["national", "international", "internal"]
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "site"
per = "site"
calls = 9
duration = "1h"
shadow = true
[[limit]]
name = "abroad"
to = ["international"]
duration = "30m"
[[limit]]
name = "money"
per = "site"
spend = "20.00"
minutes = 60
attempts = 1
numbers = 10
countries = 3
within = "24h"
"""


def test_it_says_what_limits_do() -> None:
    """Of a call that falls under them, and why another does not."""
    policy = priced(LIMITS, {"39": MINUTES, "44": MINUTES})
    assert _words(explain(policy, call(policy, ROME), NOTHING).limits) == (
        Step("two", True, "takes one of 2 at a time of extension `101`"),
        Step(
            "site",
            True,
            "takes one of 9 at a time of the site and ends the call after 1h; "
            "under `shadow`, so it only records",
        ),
        Step("abroad", True, "ends the call after 30m"),
        Step(
            "money",
            True,
            "gives the site 20.00 GBP, 60 minutes, 1 attempt, 10 different numbers and "
            "3 different countries in 24h; at 1.20 GBP a minute, 20.00 GBP lasts 16m",
        ),
    )
    assert explain(policy, call(policy, HOME), NOTHING).limits[2] == Step(
        "abroad", False, "only to `international`"
    )


@pytest.mark.parametrize(
    ("dialled", "why"),
    [
        (MOBILE, "the call is denied"),
        (INSIDE, "limits are on outside calls"),
        (AMBULANCE, "limits are on outside calls"),
    ],
)
def test_it_says_why_no_limit_counts(dialled: str, why: str) -> None:
    """Of a call that is denied, or stays inside, or must not wait."""
    policy = priced(LIMITS, {"39": MINUTES, "44": MINUTES})
    steps = explain(policy, call(policy, dialled), NOTHING).limits
    assert {(step.fits, step.why) for step in steps} == {(False, why)}


DEAR = (
    _rule("")
    + """
[[limit]]
name = "dear"
price = "0.50"
[[limit]]
name = "money"
per = "extension"
spend = "20.00"
within = "24h"
"""
)


@pytest.mark.parametrize(
    ("tariff", "sentence", "limit", "why", "price"),
    [
        (
            MINUTES,
            "denied by limit `dear`: the number is too dear",
            "dear",
            "1.20 GBP a minute is more than 0.50 GBP",
            "1.20 GBP a minute: 60 s for 1.20, then 1.20 each 60 s",
        ),
        (
            None,
            "denied: limit `dear` is on money, and nobody says what the number costs",
            "dear",
            "nobody says what the number costs; add it to the rate sheet, or write `unknown`",
            "unknown: the sheet has no price, and `[rates]` no `unknown`",
        ),
        (
            Tariff(600, 21_000_000, 60, 60),
            "denied by limit `money`: the number is too dear",
            "money",
            "the first 10m cost 21.00 GBP, which is more than 20.00 GBP",
            "21.00 GBP a minute: 600 s for 21.00, then 0.00006 each 60 s",
        ),
    ],
)
def test_it_says_that_a_limit_denies_for_the_price(
    tariff: Tariff | None, sentence: str, limit: str, why: str, price: str
) -> None:
    """What the call costs, and what may be; the rule that would let it through is not hidden."""
    text = DEAR if limit == "dear" else DEAR.replace('"0.50"', '"99.00"')
    policy = priced(text, {} if tariff is None else {"39": tariff})
    explanation = explain(policy, call(policy, ROME), NOTHING)
    assert (explanation.summary, explanation.price) == (sentence, price)
    assert [each for each in _words(explanation.limits) if each.fits] == [
        Step(limit, True, why, decides=True)
    ]
    assert _only(explanation).why == f"fits every outside call; but `{limit}` decides"


def test_it_says_what_a_limit_on_trial_would_deny() -> None:
    """And that it only records."""
    shadowed = DEAR.replace('price = "0.50"', 'price = "0.50"\nshadow = true')
    policy = priced(shadowed, {"39": MINUTES})
    explanation = explain(policy, call(policy, ROME), NOTHING)
    assert _words(explanation.limits) == (
        Step(
            "dear",
            True,
            "1.20 GBP a minute is more than 0.50 GBP; under `shadow`, so it only records",
        ),
        Step(
            "money",
            True,
            "gives extension `101` 20.00 GBP in 24h; at 1.20 GBP a minute, 20.00 GBP lasts 16m",
        ),
    )


def test_an_override_that_a_limit_on_money_stops_says_so() -> None:
    """It lifts what rules say, and nothing else."""
    policy = priced(DEAR.replace('"allow"', '"deny"'), {"39": MINUTES})
    explanation = explain(policy, call(policy, ROME), Facts(overridden=True))
    assert explanation.summary == "denied by limit `dear`: the number is too dear"


def test_a_rule_that_holds_without_the_store_says_so() -> None:
    """Whoever asks why at night finds it."""
    policy = policy_of(_rule('without_store = "allow"'))
    step = _only(explain(policy, call(policy, HOME), NOTHING))
    assert step.why == "fits every outside call; says `allow`, also without the store"


def test_it_says_who_is_connected_outside() -> None:
    """Which rule does, and what a rule lacks that does not."""
    policy = policy_of(_rule("off_net = true"))
    assert _only(explain(policy, call(policy, HOME), Facts())).why.endswith(
        "says `allow`, for somebody outside too"
    )
    policy = policy_of(_rule(""))
    request = replace(call(policy, HOME), transferred=True, off_net=True)
    assert explain(policy, request, Facts()).summary == (
        "denied: rule `a` allows it, but not for somebody outside who was transferred or "
        "forwarded: that takes `off_net = true`"
    )


def test_it_says_what_an_override_lifts() -> None:
    """The rule that it lifts is shown with what it says; nobody need sign in."""
    policy = policy_of(_rule('to = ["international"]', then="sign-in"))
    lifted = explain(policy, call(policy, ROME), Facts(overridden=True))
    assert lifted.summary == "allowed by an override, though rule `a` says `sign-in`"
    assert (_only(lifted).why, lifted.sign_in) == (
        "fits by `international`; says `sign-in`",
        None,
    )
    nothing = explain(policy, call(policy, HOME), Facts(overridden=True))
    assert nothing.summary == "allowed by an override, though no rule lets it through"


def test_it_says_what_the_call_costs(tmp_path: Path) -> None:
    """And the most it can come to, where it may be made at all; nothing where nobody pays."""
    (tmp_path / "s.csv").write_text("prefix,price\n44,0.01\n39,0.50\n")
    rates = '[rates]\nfile = "s.csv"\ncurrency = "GBP"\n'
    limit = '[[limit]]\nname = "l"\nduration = "30m"\n'
    rules = _rule('to = ["national", "international"]')
    policy = policy_of(f"{rates}{rules}{limit}", source=tmp_path / "p.toml")
    a_minute = "0.50 GBP a minute: 60 s for 0.50, then 0.50 each 60 s"
    assert (
        explain(policy, call(policy, ROME), NOTHING).price == f"{a_minute}; at most 15.00 for 30m"
    )
    denied = explain(policy, call(policy, ROME), Facts(locked_out=True))
    assert denied.price == a_minute
    assert explain(policy, call(policy, SATELLITE), NOTHING).price.startswith("unknown: ")
    assert explain(policy, call(policy, NONSENSE), NOTHING).price == ""
    assert explain(policy_of(rules), call(policy, ROME), NOTHING).price == ""


# ----------------------------------------------------------------------------- what is used

WATCHED = """
[[limit]]
name = "burst"
per = "extension"
to = ["national"]
attempts = 5
within = "10m"
then = "watch"
"""
OVER = Facts(over=frozenset({"burst"}))
FOUR, FIVE = ({"burst": Used(units={Unit.ATTEMPTS: each})} for each in (4, 5))


@pytest.mark.parametrize(
    ("when", "dialled", "facts", "used", "why"),
    [
        ("over:burst", HOME, NOTHING, {}, "only when `over:burst`; something of `burst` is left"),
        (
            "over:burst",
            HOME,
            NOTHING,
            FOUR,
            "only when `over:burst`; of `burst`, 4 of 5 attempts in 10m are used",
        ),
        (
            "not over:burst",
            HOME,
            OVER,
            {},
            "only when `not over:burst`; nothing of `burst` is left",
        ),
        ("over:burst", ROME, OVER, {}, "only when `over:burst`; `burst` counts no such call"),
        (
            "over:burst",
            HOME,
            OVER,
            FIVE,
            "fits every outside call; of `burst`, 5 of 5 attempts in 10m are used; says `allow`",
        ),
        (
            "not over:burst",
            ROME,
            OVER,
            {},
            "fits every outside call; `burst` counts no such call; says `allow`",
        ),
    ],
)
def test_it_says_how_much_of_a_limit_is_used(
    when: str, dialled: str, facts: Facts, used: dict[str, Used], why: str
) -> None:
    """As far as that is known."""
    policy = policy_of(_rule(f'when = "{when}"') + WATCHED)
    explained = explain(policy, call(policy, dialled), facts, used)
    assert _only(explained).why == why


def test_it_says_that_a_limit_only_watches_and_what_is_unknown_of_it() -> None:
    """Whether a call is over one may hang on where it comes from."""
    text = WATCHED.replace('to = ["national"]', 'network = ["floor"]')
    policy = policy_of(_rule('when = "over:burst"', then="pin") + text + _rule("", name="b"))
    hidden = call(policy, HOME, address="")
    explained = explain(policy, hidden, OVER)
    assert explained.rules[0].why.startswith(
        "the address or transport is unknown, so it may fit (only when `over:burst`)"
    )
    (step,) = explain(policy, call(policy, HOME), NOTHING).limits
    assert (
        step.why == "is over once extension `101` has come to 5 attempts in 10m; it only watches"
    )
