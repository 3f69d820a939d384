"""`dialguard explain`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

ROME = "900390612345678"
HOME = "902079460000"


@pytest.mark.parametrize(
    ("words", "verdict", "rule", "status"),
    [
        ((HOME, "--at", "2026-01-05T10:10"), "ALLOW", "at-home", 0),
        ((HOME, "--at", "2026-01-05 03:10"), "DENY", "none", 2),
        ((ROME, "--address", "10.0.0.5", "--transport", "tls"), "CHALLENGE", "abroad", 0),
        ((ROME, "--transferred"), "DENY", "abroad", 2),
        ((HOME, "--at", "2026-01-05T10:10", "--off-net"), "DENY", "at-home", 2),
        ((ROME, "--locked-out"), "DENY", "locked-out", 2),
        (("999",), "ALLOW", "emergency", 0),
        (("902500000000",), "DENY", "invalid", 2),
    ],
)
def test_a_call_is_explained(
    dialguard: Dialguard, words: tuple[str, ...], verdict: str, rule: str, status: int
) -> None:
    """Status 2 where it is denied; a challenge is on its way to be allowed."""
    done = dialguard("explain", str(dialguard.policy), "101", *words)
    assert done.exit_code == status, done.output
    assert done.stdout.startswith(f"{verdict}\n")
    told = json.loads(dialguard("explain", str(dialguard.policy), "101", *words, "--json").stdout)
    assert told["rule"] == rule


SHAPES = """
[[limit]]
name = "burst"
per = "extension"
attempts = 5
within = "10m"
then = "watch"
"""


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        (("--over", "burst"), "many"),
        (("--new", "first-time-prefix-of-site"), "new"),
        (("--new", "first-time-number"), "at-home"),
    ],
)
def test_what_is_new_and_what_is_used_up_can_be_said(
    dialguard: Dialguard, words: tuple[str, ...], rule: str
) -> None:
    """In the words of the policy; what no rule asks for is a slip."""
    many = '[[rule]]\nname = "many"\nwhen = "over:burst"\nthen = "deny"\n'
    new = '[[rule]]\nname = "new"\nto = ["first-time-prefix-of-site"]\nthen = "deny"\n'
    text = dialguard.policy.read_text()
    at = text.index("[[rule]]")
    dialguard.policy.write_text(text[:at] + many + new + text[at:] + SHAPES)
    asked = ("explain", str(dialguard.policy), "101", HOME, "--at", "2026-01-05T10:10")
    told = json.loads(dialguard(*asked, *words, "--json").stdout)
    assert told["rule"] == rule
    slip = dialguard(*asked, "--over", "brust")
    assert slip.exit_code != 0
    assert "no rule asks for `over:brust`" in slip.output.replace("\n", " ")


def test_every_rule_is_shown_with_why(dialguard: Dialguard) -> None:
    """Also those that do not fit."""
    done = dialguard("explain", str(dialguard.policy), "101", ROME)
    for rule in ("pays-the-caller", "abroad", "at-home", "two-at-a-time"):
        assert rule in done.stdout
    assert "decides\tabroad\t" in done.stdout
    assert "+390612345678" in done.stdout


@pytest.mark.parametrize(
    ("dialled", "longest", "seconds"),
    [("102", "any time", 0), ("999", "any time", 0), (ROME, "4h at most", 14400)],
)
def test_how_long_a_call_may_last_is_what_the_service_would_say(
    dialguard: Dialguard, dialled: str, longest: str, seconds: int
) -> None:
    """Nothing bounds a call from desk to desk, nor one for help."""
    words = ("explain", str(dialguard.policy), "101", dialled)
    assert f"  for      {longest}\n" in dialguard(*words).stdout
    assert json.loads(dialguard(*words, "--json").stdout)["seconds"] == seconds


def test_a_policy_of_no_rule_denies(dialguard: Dialguard) -> None:
    """And there is nothing to list."""
    text = dialguard.policy.read_text()
    dialguard.policy.write_text(text[: text.index("[[rule]]")])
    done = dialguard("explain", str(dialguard.policy), "101", ROME)
    assert done.exit_code == 2, done.output
    assert "\t" not in done.stdout


def test_an_address_that_is_none_is_said(dialguard: Dialguard) -> None:
    """Status 1: nothing was explained."""
    done = dialguard("explain", str(dialguard.policy), "101", ROME, "--address", "phone")
    assert done.exit_code == 1
    assert "`phone` is no IP address" in done.stderr


def test_a_time_that_is_none_is_said(dialguard: Dialguard) -> None:
    """With one that is."""
    for text in ("yesterday", "2026-01-05T10:10+01:00", "Sat 24:00"):
        done = dialguard("explain", str(dialguard.policy), "101", "999", "--at", text, typed="")
        assert done.exit_code == 1
        assert "write `Sat 03:00` or `2026-01-05T10:10`" in done.stderr


def test_a_weekday_may_be_asked_for(dialguard: Dialguard) -> None:
    """As `who-can` takes it."""
    done = dialguard("explain", str(dialguard.policy), "101", "999", "--at", "Sat 03:00")
    assert done.exit_code == 0, done.output
    assert re.search(r"  at       Sat [0-9-]{10} 03:00 ", done.stdout)


def asking_for_a_sign_in(dialguard: Dialguard, table: str) -> None:
    """Have the policy ask for a sign-in, abroad."""
    text = dialguard.policy.read_text().replace('"pin+totp"', '"sign-in"')
    dialguard.policy.write_text(f"{text}\n[sign-in]\n{table}\n")


def test_a_sign_in_is_explained(dialguard: Dialguard) -> None:
    """What must be shown, for how long it holds, and what it is bound to; before and after."""
    asking_for_a_sign_in(dialguard, 'factors = "totp"\nuntil = "19:00"\nidle = "30m"')
    words = ("explain", str(dialguard.policy), "101", ROME)
    terms = (
        "  sign-in  `totp`; for 8h at most, until 19:00, 30m without a call; "
        "bound to `address`, `agent`, `contact` and `transport` of the phone\n"
    )
    asleep, awake = dialguard(*words), dialguard(*words, "--signed-in")
    assert (asleep.exit_code, awake.exit_code) == (2, 0)
    assert "denied by rule `abroad`: nobody is signed in on `101`\n" in asleep.stdout
    assert "allowed by rule `abroad`, as somebody is signed in on `101`\n" in awake.stdout
    assert terms in asleep.stdout
    assert terms in awake.stdout
    assert "sign-in" not in dialguard("explain", str(dialguard.policy), "101", HOME).stdout


def test_programs_are_told_what_a_sign_in_takes(dialguard: Dialguard) -> None:
    """Each term by itself; null where the rule asks for none, or there is no such bound."""
    asking_for_a_sign_in(dialguard, "")
    words = ("explain", str(dialguard.policy), "101", ROME, "--json")
    assert json.loads(dialguard(*words).stdout)["sign_in"] == {
        "factors": ["pin", "totp"],
        "seconds": 28800,
        "idle_seconds": None,
        "until": None,
        "at_once": 1,
        "bound_to": ["address", "agent", "contact", "transport"],
        "calls": "keep",
        "anywhere": False,
    }
    with dialguard.policy.open("a") as policy:
        policy.write('until = "18:30"\nidle = "1m"\n')
    told = json.loads(dialguard(*words).stdout)["sign_in"]
    assert (told["until"], told["idle_seconds"]) == ("18:30", 60)
    other = json.loads(dialguard("explain", str(dialguard.policy), "101", HOME, "--json").stdout)
    assert other["sign_in"] is None


def test_an_override_is_explained(dialguard: Dialguard) -> None:
    """What would happen, were one given."""
    words = ("explain", str(dialguard.policy), "101", "900390612345678")
    told = dialguard(*words, "--overridden")
    assert told.exit_code == 0
    assert "allowed by an override, though rule `abroad` says `pin+totp`\n" in told.stdout


@pytest.mark.parametrize(
    ("option", "scope"),
    [
        ("--number-reported", 'to = ["reported"]'),
        ("--address-reported", 'network = ["reported"]'),
    ],
)
def test_a_call_can_be_explained_as_if_others_reported_it(
    dialguard: Dialguard, option: str, scope: str
) -> None:
    """Nobody is asked."""
    rule = f'[[rule]]\nname = "thieves"\n{scope}\nthen = "deny"\n\n'
    text = dialguard.policy.read_text()
    dialguard.policy.write_text(text.replace("[[rule]]", f"{rule}[[rule]]", 1))
    moment = ("--at", "2026-01-05T10:10")
    words = ("explain", str(dialguard.policy), "101", HOME, "--address", "10.0.0.5", *moment)
    assert dialguard(*words).exit_code == 0
    done = dialguard(*words, option)
    assert done.exit_code == 2
    assert "fits by `reported`" in done.stdout or "fits every outside call" in done.stdout


def test_the_price_is_shown(dialguard: Dialguard) -> None:
    """Where the policy gives prices; programs are told none otherwise."""
    words = ("explain", str(dialguard.policy), "101", ROME)
    assert "price" not in dialguard(*words).stdout
    assert json.loads(dialguard(*words, "--json").stdout)["price"] is None
    (dialguard.folder / "s.csv").write_text("prefix,price\n39,0.5\n")
    rates = '[rates]\nfile = "s.csv"\ncurrency = "GBP"\n'
    dialguard.policy.write_text(dialguard.policy.read_text() + rates)
    priced = "0.50 GBP a minute: 60 s for 0.50, then 0.50 each 60 s; at most 120.00 for 4h"
    assert f"  price    {priced}\n" in dialguard(*words).stdout
    assert json.loads(dialguard(*words, "--json").stdout)["price"] == priced


MONEY = """
[rates]
file = "rates.csv"
currency = "GBP"

[[limit]]
name = "abroad-a-day"
per = "extension"
to = ["international"]
spend = "20.00"
attempts = 40
within = "24h"

[[limit]]
name = "dear"
to = ["country:JM"]
price = "0.50"
"""


@pytest.fixture
def budgeted(dialguard: Dialguard) -> Dialguard:
    """A policy with prices and budgets."""
    sheet = "prefix,price,increments\n39,1.20,1/1\n1,1.20,60/60\n"
    dialguard.policy.with_name("rates.csv").write_text(sheet)
    dialguard.policy.write_text(dialguard.policy.read_text() + MONEY)
    return dialguard


def test_a_budget_is_explained_with_how_long_it_lasts(budgeted: Dialguard) -> None:
    """At the price of the call."""
    words = ("explain", str(budgeted.policy), "101", ROME)
    done = budgeted(*words)
    assert "at 1.20 GBP a minute, 20.00 GBP lasts 16m40s" in done.stdout
    told = json.loads(budgeted(*words, "--json").stdout)
    assert told["seconds"] == 1000
    assert told["budgets"] == [
        {
            "limit": "abroad-a-day",
            "per": "extension",
            "key": "101",
            "unit": unit,
            "most": most,
            "within_seconds": 86400,
            "shadow": False,
        }
        for unit, most in (("spend", "20.00"), ("attempts", 40))
    ]
    assert told["tariff"] == {
        "currency": "GBP",
        "price_per_minute": "1.20",
        "first_seconds": 1,
        "first_cost": "0.02",
        "next_seconds": 1,
        "next_cost": "0.02",
    }


def test_a_limit_that_denies_for_the_price_is_shown_as_what_decides(budgeted: Dialguard) -> None:
    """Status 2, with both amounts."""
    done = budgeted("explain", str(budgeted.policy), "101", "90018765551234")
    assert done.exit_code == 2, done.output
    assert "denied by limit `dear`: the number is too dear" in done.stdout
    assert "decides\tdear\t1.20 GBP a minute is more than 0.50 GBP" in done.stdout
