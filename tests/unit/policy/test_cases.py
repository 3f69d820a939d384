"""`cases`: a case passes only for the right reason, and rules that none reaches are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from fastagi.errors import PolicyError
from fastagi.policy.case_differences import verdict_word
from fastagi.policy.cases import Report, Result, load_cases, run
from fastagi.policy.decision import decide
from fastagi.policy.model import Facts
from tests.unit.policy.samples import (
    HOME,
    JAMAICA,
    MINUTES,
    PREMIUM,
    ROME,
    SUNDAY,
    call,
    policy_of,
    priced,
)

POLICY = policy_of("""
[[rule]]
name = "trial"
to = ["country:IT"]
then = "deny"
shadow = true
[[rule]]
name = "night"
to = ["international"]
when = "not office"
then = "sign-in"
[[rule]]
name = "abroad"
to = ["international"]
then = "pin+totp"
remember = "30m"
[[rule]]
name = "new"
to = ["first-time-country"]
then = "totp"
[[rule]]
name = "home"
to = ["national"]
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "long"
to = ["international"]
duration = "30m"
""")


def _case(expect: str, call: str = "", dial: str = ROME, site: str = "") -> str:
    text = f'[[case]]\nname = "c"\nexpect = {{ {expect} }}\n'
    if site:
        text += f"site = {{ {site} }}\n"
    at = "" if "at =" in call else ', at = "2026-01-05T10:10:00"'
    return text + f'call = {{ from = "101", dial = "{dial}"{at}{call and ", "}{call} }}\n'


def _run(tmp_path: Path, text: str) -> Report:
    file = tmp_path / "p.cases.toml"
    file.write_text(text)
    return run(POLICY, load_cases(file))


def _result(tmp_path: Path, text: str) -> Result:
    (result,) = _run(tmp_path, text).results
    return result


@pytest.mark.parametrize(
    ("expect", "call", "dial"),
    [
        ('verdict = "pin+totp", rule = "abroad"', "", ROME),
        ('verdict = "pin+totp", rule = "abroad"', "first_time_country = true", ROME),
        ('verdict = "totp", rule = "abroad"', 'shown = ["pin"]', ROME),
        ('verdict = "pin", rule = "abroad"', 'proven = { totp = "29m" }', ROME),
        ('verdict = "allow", rule = "abroad"', 'proven = { pin = "1m", totp = "1m" }', ROME),
        ('verdict = "sign-in", rule = "night"', 'at = "2026-01-04T10:10:00"', ROME),
        (
            'verdict = "allow", rule = "night"',
            'at = "2026-01-04T10:10:00", signed_in = true',
            ROME,
        ),
        (
            'verdict = "allow", rule = "abroad", reason = "overridden"',
            "overridden = true",
            ROME,
        ),
        ('verdict = "deny", rule = "invalid", category = "unallocated"', "", "902500000000"),
        (
            'verdict = "deny", rule = "abroad", reason = "cannot-challenge"',
            "transferred = true",
            ROME,
        ),
        ('verdict = "deny", rule = "home", reason = "off-net"', "off_net = true", HOME),
        ('verdict = "deny", rule = "locked-out"', "locked_out = true", HOME),
        ('verdict = "allow", rule = "home"', 'address = "10.0.0.5", transport = "udp"', HOME),
        ('verdict = "allow", rule = "home", limits = ["two"], duration = "4h"', "", HOME),
        ('verdict = "pin+totp", rule = "abroad", limits = ["two", "long"]', "", ROME),
        (
            'verdict = "deny", rule = "none", limits = [], number = "+449098790000", '
            'category = "premium", country = "GB"',
            "",
            PREMIUM,
        ),
    ],
)
def test_a_case_that_holds_passes(tmp_path: Path, expect: str, call: str, dial: str) -> None:
    """Verdict and rule, and whatever else is named."""
    result = _result(tmp_path, _case(expect, call, dial))
    assert (result.why, result.passed) == ("", True)


@pytest.mark.parametrize(
    ("expect", "why"),
    [
        ('verdict = "allow", rule = "abroad"', "verdict is `pin+totp`, not `allow`"),
        ('verdict = "pin+totp", rule = "home"', "rule is `abroad`, not `home`"),
        (
            'verdict = "pin+totp", rule = "abrod"',
            "there is no rule `abrod`; did you mean `abroad`?; rule is `abroad`, not `abrod`",
        ),
        (
            'verdict = "pin+totp", rule = "abroad", number = "390612345678", country = "VA", '
            'category = "premium", reason = "rule"',
            "number is `+390612345678`, not `390612345678`; "
            "category is `international`, not `premium`; country is `IT`, not `VA`; "
            "reason is `challenge`, not `rule`",
        ),
        (
            'verdict = "pin+totp", rule = "abroad", limits = []',
            "limits are `two` and `long`, not none",
        ),
        (
            'verdict = "pin+totp", rule = "abroad", duration = "1h"',
            "duration is `30m`, not `1h`",
        ),
    ],
)
def test_a_case_that_does_not_hold_says_what_is_otherwise(
    tmp_path: Path, expect: str, why: str
) -> None:
    """The right verdict for the wrong reason fails."""
    result = _result(tmp_path, _case(expect))
    assert (result.why, result.passed) == (why, False)


@pytest.mark.parametrize(
    ("site", "dial", "expect"),
    [
        (
            'country = "US"',
            "918765551234",
            'verdict = "pin+totp", rule = "abroad", country = "JM"',
        ),
        ('country = "US"', "92125550100", 'verdict = "allow", rule = "home", country = "US"'),
        ('outside_prefix = ""', "02079460000", 'verdict = "allow", rule = "home"'),
        ('internal = ["3XX"]', "301", 'verdict = "allow", rule = "internal"'),
        ('emergency = ["5555"]', "5555", 'verdict = "allow", rule = "emergency"'),
        ('timezone = "Asia/Tokyo"', ROME, 'verdict = "pin+totp", rule = "abroad"'),
        (
            'longest = "10m"',
            ROME,
            'verdict = "pin+totp", rule = "abroad", duration = "10m"',
        ),
    ],
)
def test_a_case_can_be_of_another_site(tmp_path: Path, site: str, dial: str, expect: str) -> None:
    """What if we were in the US? Local time is then that site's."""
    assert _result(tmp_path, _case(expect, dial=dial, site=site)).why == ""


SHAPES = """
[[rule]]
name = "many"
when = "over:burst"
then = "pin"
[[rule]]
name = "new"
to = ["first-time-number"]
then = "totp"
[[rule]]
name = "rest"
then = "allow"
[[limit]]
name = "burst"
per = "extension"
attempts = 5
within = "10m"
then = "watch"
"""


@pytest.mark.parametrize(
    ("expect", "call", "why"),
    [
        ('verdict = "pin", rule = "many"', 'over = ["burst"]', ""),
        ('verdict = "pin", rule = "many"', "used = { burst = { attempts = 5 } }", ""),
        ('verdict = "allow", rule = "rest"', "used = { burst = { attempts = 4 } }", ""),
        ('verdict = "totp", rule = "new"', 'novel = ["first-time-number"]', ""),
        (
            'verdict = "pin", rule = "many", limits = ["burst"]',
            'over = ["burst", "brust"]',
            "no rule asks for `over:brust`; did you mean `burst`?",
        ),
        (
            'verdict = "allow", rule = "rest"',
            'novel = ["first-time-prefix"]',
            "neither a rule nor a limit speaks of `first-time-prefix`",
        ),
    ],
)
def test_a_case_says_what_is_new_and_what_is_used_up(
    tmp_path: Path, expect: str, call: str, why: str
) -> None:
    """By name, or by how much was used; of what nobody asks for, it would come to nothing."""
    file = tmp_path / "p.cases.toml"
    file.write_text(_case(expect, call))
    (result,) = run(policy_of(SHAPES), load_cases(file)).results
    assert result.why == why


def test_a_moment_with_an_offset_is_that_moment(tmp_path: Path) -> None:
    """Ten in the evening in Tokyo is office time in London."""
    case = _case('verdict = "pin+totp", rule = "abroad"', 'at = "2026-01-05T22:00:00+09:00"')
    assert _result(tmp_path, case).passed


def test_rules_that_no_case_reaches_are_named(tmp_path: Path) -> None:
    """One under `shadow` is reached when it speaks."""
    report = _run(tmp_path, _case('verdict = "allow", rule = "abroad"'))
    assert report.unreached_rules == ("night", "new", "home")
    assert [each.case.name for each in report.failed] == ["c"]
    assert report.failed == report.results


def test_cases_know_their_line(tmp_path: Path) -> None:
    """A failure points there."""
    text = "# a remark\n\n" + _case('verdict = "deny", rule = "none"')
    assert _result(tmp_path, text).case.line == 3


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "p.cases.toml: there is no case; write `[[case]]`"),
        ("[[cases]]\n", "p.cases.toml:1: `cases` is not known here; did you mean `case`?"),
        ("x = \n", "p.cases.toml:1: this is no value"),
        (
            _case('verdict = "deny", rule = "none"') * 2,
            "p.cases.toml:6: there is a case `c` already; give this one another name",
        ),
        (
            _case('verdict = "deny", rule = "none"', "adress = 1"),
            "p.cases.toml:4: `adress` is not known here; did you mean `address`?",
        ),
        (
            _case('verdict = "deny", rule = "none"', site='contry = "US"'),
            "p.cases.toml:4: `contry` is not known here; did you mean `country`?",
        ),
        (
            _case('verdict = "deny", rule = "none"', "used = { day = { minuts = 1 } }"),
            "p.cases.toml:4: `minuts` is not known here; did you mean `minutes`?",
        ),
        (
            _case('verdict = "deny", rule = "none"', "used = { day = { spend = 19.5 } }"),
            "p.cases.toml:4: this is no text; write it in quotes",
        ),
        (
            _case('verdict = "deny", rule = "none"', "used = { day = { minutes = -1 } }"),
            "p.cases.toml:4: `minutes` must be at least 0",
        ),
        (_case('rule = "none"'), "p.cases.toml:3: `verdict` is missing"),
        (
            _case('verdict = "dney", rule = "none"'),
            "p.cases.toml:3: `dney` is no verdict; did you mean `deny`?",
        ),
    ],
)
def test_cases_that_cannot_be_read_are_refused(tmp_path: Path, text: str, problem: str) -> None:
    """With file, line, and what to write instead."""
    file = tmp_path / "p.cases.toml"
    file.write_text(text)
    with pytest.raises(PolicyError) as refused:
        load_cases(file)
    assert f"{tmp_path}/{problem}" in str(refused.value)


def test_cases_that_are_not_there_are_refused(tmp_path: Path) -> None:
    """Whether they have to be is for others to say."""
    with pytest.raises(PolicyError, match="this file cannot be read: no such file"):
        load_cases(tmp_path / "p.cases.toml")


def test_a_verdict_is_named_as_a_rule_names_it() -> None:
    """Also where it is only part of what the rule demands."""
    asleep = decide(POLICY, call(POLICY, ROME, at=SUNDAY), Facts())
    assert verdict_word(asleep) == "sign-in"
    assert verdict_word(decide(POLICY, call(POLICY, HOME), Facts())) == "allow"


@pytest.mark.parametrize(("expected", "fails"), [("allow", True), ("deny", False)])
def test_a_case_can_say_what_is_so_without_the_store(
    tmp_path: Path, expected: str, fails: bool
) -> None:
    """The rule does not let its calls through then."""
    expect = f'verdict = "allow", rule = "home", without_store = "{expected}"'
    report = _run(tmp_path, _case(expect, dial=HOME))
    assert [each.why for each in report.failed] == (
        ["without the store it is `deny`, not `allow`"] if fails else []
    )


def test_a_case_of_a_rule_that_holds_without_the_store(tmp_path: Path) -> None:
    """And it is said that it passes."""
    policy = policy_of('[[rule]]\nname = "home"\nthen = "allow"\nwithout_store = "allow"')
    file = tmp_path / "p.cases.toml"
    file.write_text(_case('verdict = "allow", rule = "home", without_store = "deny"', dial=HOME))
    (failed,) = run(policy, load_cases(file)).failed
    assert failed.why == "without the store it is `allow`, not `deny`"


BUDGET = """
[[rule]]
name = "abroad"
to = ["international"]
then = "pin"
[[limit]]
name = "two"
per = "extension"
calls = 2
[[limit]]
name = "day"
per = "extension"
to = ["international"]
spend = "20.00"
minutes = 60
within = "24h"
[[limit]]
name = "cheap"
to = ["country:JM"]
price = "0.50"
"""
KEYED = 'shown = ["pin"], '


@pytest.mark.parametrize(
    ("expect", "call", "dial"),
    [
        ('verdict = "allow", rule = "abroad", duration = "16m"', KEYED + "used = {}", ROME),
        (
            'verdict = "allow", rule = "abroad", duration = "1m", limits = ["two", "day"]',
            KEYED + 'used = { day = { spend = "18.80" }, two = { calls = 1 } }',
            ROME,
        ),
        (
            'verdict = "deny", rule = "day", reason = "budget-reached", limits = []',
            KEYED + 'used = { day = { spend = "18.80", minutes = 60 } }',
            ROME,
        ),
        (
            'verdict = "deny", rule = "two", reason = "limit-reached"',
            KEYED + "used = { two = { calls = 2 } }",
            ROME,
        ),
        ('verdict = "pin", rule = "abroad"', "used = { day = { minutes = 60 } }", ROME),
        ('verdict = "deny", rule = "cheap", reason = "too-dear"', "used = {}", JAMAICA),
        (
            'verdict = "deny", rule = "day", reason = "no-price"',
            "used = {}",
            "900541112345678",
        ),
    ],
)
def test_a_case_can_say_what_was_used_before(
    tmp_path: Path, expect: str, call: str, dial: str
) -> None:
    """A budget is tried without a store, and without an hour of calls."""
    policy = priced(BUDGET, {"39": MINUTES, "1": MINUTES})
    file = tmp_path / "p.cases.toml"
    file.write_text(_case(expect, call, dial))
    (result,) = run(policy, load_cases(file)).results
    assert result.why == ""


@pytest.mark.parametrize(
    ("used", "why"),
    [
        ("dya = { minutes = 1 }", "there is no limit `dya`; did you mean `day`?"),
        (
            "day = { attempts = 1, calls = 1, minutes = 1 }",
            "limit `day` does not count `attempts` and `calls`",
        ),
        ("two = { calls = 1, minutes = 0 }", "limit `two` does not count `minutes`"),
    ],
)
def test_a_case_of_what_no_limit_counts_fails(tmp_path: Path, used: str, why: str) -> None:
    """It would try nothing, and nobody would notice."""
    policy = priced(BUDGET, {"39": MINUTES})
    file = tmp_path / "p.cases.toml"
    file.write_text(_case('verdict = "pin", rule = "abroad"', f"used = {{ {used} }}"))
    (result,) = run(policy, load_cases(file)).results
    assert result.why == why
