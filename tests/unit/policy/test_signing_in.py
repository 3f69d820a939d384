"""`signing_in`: what a sign-in takes is said in words, and what is odd about it by its line."""

from __future__ import annotations

from datetime import time

import pytest

from fastagi.policy.checking import check
from fastagi.policy.model import Bond, Factor, LiveCalls, SignInTerms
from fastagi.policy.signing_in import in_words
from tests.unit.policy.samples import policy_of

ASKS = """
[[rule]]
name = "abroad"
to = ["country:FR"]
then = "sign-in"
"""


def _odd(table: str = "", rules: str = ASKS) -> list[str]:
    """Return what is odd in `[sign-in]`, the lines counted from its own."""
    policy = policy_of(f"{rules}[sign-in]\n{table}\n")
    first = policy.lines[("sign-in",)]
    told = [(each.line - first, each.what) for each in check(policy)]
    return [f"{line}: {what}" for line, what in told if line >= 0]


# ------------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        (
            SignInTerms(),
            "`pin` and `totp`; for 8h at most; "
            "bound to `address`, `agent`, `contact` and `transport` of the phone",
        ),
        (
            SignInTerms(
                factors=(Factor.TOTP,),
                for_s=43200,
                idle_s=1800,
                until=time(19),
                at_once=2,
                bound_to=frozenset({Bond.ADDRESS}),
                calls=LiveCalls.END,
                anywhere=True,
            ),
            "`totp`; also on a phone of others; for 12h at most, until 19:00, "
            "30m without a call; bound to `address` of the phone; 2 at once; "
            "its calls end with it",
        ),
        (
            SignInTerms(bound_to=frozenset()),
            "`pin` and `totp`; for 8h at most; bound to nothing",
        ),
    ],
)
def test_what_it_takes_is_said(terms: SignInTerms, words: str) -> None:
    """What has to be shown, how long it holds, and for which phone."""
    assert in_words(terms) == words


# ------------------------------------------------------------------- what is odd


@pytest.mark.parametrize(
    "table",
    [
        "",
        'for = "24h"\nuntil = "19:00"',
        'for = "2d"\nidle = "30m"',
        'idle = "30m"',
        'for = "24h"',
        'bound_to = ["address"]',
        'factors = "pin"\nat_once = 2\ncalls = "end"\nanywhere = true',
    ],
)
def test_plain_terms_are_not_odd(table: str) -> None:
    """No warning for doing it right."""
    assert _odd(table) == []


def test_a_rule_needs_no_table() -> None:
    """What is not said is strict."""
    assert [each for each in check(policy_of(ASKS)) if "sign" in each.what] == []


def test_a_table_that_nobody_asks_for_is_odd() -> None:
    """And nothing else of it matters then."""
    rules = ASKS.replace("sign-in", "pin")
    assert _odd('bound_to = []\nfor = "9d"', rules) == [
        "0: no rule asks for a sign-in, so nothing comes of this table; "
        'write `then = "sign-in"` in a rule, or leave it out'
    ]
    assert [each for each in check(policy_of(rules)) if "sign" in each.what] == []


@pytest.mark.parametrize(
    ("table", "oddity"),
    [
        ('for = "1h"\nidle = "1h"', "2: `idle` ends no sign-in: `for` does before, after `1h`"),
        ('idle = "9h"', "1: `idle` ends no sign-in: `for` does before, after `8h`"),
        (
            'until = "19:00"\nfor = "25h"',
            "2: `for` ends no sign-in: `until` does before, within a day; "
            "make it shorter, or leave it out",
        ),
        (
            'for = "3d"',
            "1: who goes home signed in leaves the phone open for up to `72h`; "
            'write `until = "19:00"`, or `idle = "30m"`',
        ),
        (
            'for = "3d"\nidle = "25h"',
            "1: who goes home signed in leaves the phone open for up to `72h`; "
            'write `until = "19:00"`, or `idle = "30m"`',
        ),
    ],
)
def test_a_bound_that_never_comes_or_comes_too_late_is_odd(table: str, oddity: str) -> None:
    """It was meant to."""
    assert _odd(table) == [oddity]


@pytest.mark.parametrize("key", ["for", "idle"])
def test_a_sign_in_that_nobody_can_use_is_odd(key: str) -> None:
    """It is over before the call is dialled."""
    told = f"1: `{key}` leaves `59s` to dial after signing in; make it longer"
    assert _odd(f'{key} = "59s"') == [told]
    assert _odd(f'{key} = "60s"') == []


@pytest.mark.parametrize("bonds", ["[]", '["agent"]', '["transport", "agent", "contact"]'])
def test_a_sign_in_that_serves_a_thief_elsewhere_is_odd(bonds: str) -> None:
    """All but the address can be the same from anywhere."""
    assert _odd(f"bound_to = {bonds}") == [
        "1: without `address`, a stolen SIP password opens from anywhere "
        "what somebody signed in to; put `address` in, or say a `network` in `abroad`"
    ]


def test_rules_that_name_a_network_need_no_address() -> None:
    """Phones that wander within a building; everywhere but there is no such place."""
    assert _odd("bound_to = []", f'{ASKS}network = ["floor"]\n') == []
    assert len(_odd("bound_to = []", f'{ASKS}network = ["floor", "not floor"]\n')) == 1
    both = f'{ASKS}network = ["floor"]\n' + ASKS.replace('"abroad"', '"more"').replace("FR", "ES")
    assert [each.partition("`network` in ")[2] for each in _odd("bound_to = []", both)] == [
        "`more`"
    ]


def test_a_rule_under_trial_asks_too() -> None:
    """What it would do is looked at before it does it."""
    assert len(_odd("bound_to = []", f"{ASKS}shadow = true\n")) == 1


def test_a_phone_of_others_that_opens_more_than_one_s_own_is_odd() -> None:
    """People of every class may sign in on it."""
    rules = f'{ASKS}from = ["staff"]\n'
    assert _odd("anywhere = true", rules) == [
        "1: what rule `abroad` keeps for `staff` is open to people of `lobby`, "
        "who sign in on such a phone with factors of their own"
    ]
    assert _odd("anywhere = false", rules) == []
    assert _odd("anywhere = true", f'{ASKS}from = ["staff", "lobby"]\n') == []
