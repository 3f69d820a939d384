"""`consistency`: what can never be right is refused, with what to do instead."""

from __future__ import annotations

import pytest

from tests.unit.policy.samples import HERE, RATES, SITE, problems_of

FIRST = SITE.count("\n") + 2
"""The line on which what is put behind the site begins."""


def _what(rules: str, site: str = SITE) -> list[str]:
    """Return what is wrong, the lines counted from the rules' first."""
    told = [each.split(": ", 1) for each in problems_of(f"{site}\n{rules}", HERE / "p.toml")]
    return [f"{int(line) - FIRST + 1}: {what}" for line, what in told]


def _rule(*lines: str) -> str:
    return "\n".join(["[[rule]]", 'name = "a"', *lines])


def _limit(*lines: str) -> str:
    return "\n".join(["[[limit]]", 'name = "l"', *lines])


WATCH = """\
[[limit]]
name = "burst"
per = "extension"
attempts = 5
within = "10m"
then = "watch"
"""


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        (
            _rule('from = ["staff", "stuff"]', 'then = "deny"'),
            "3: there is no `stuff` in `[classes]`; did you mean `staff`?",
        ),
        (
            _rule('to = ["list:irsf"]', 'then = "deny"'),
            "3: there is no `irsf` in `[lists]`; there is none to name",
        ),
        (
            _rule('when = "ofice"', 'then = "deny"'),
            "3: there is no `ofice` in `[hours]`; did you mean `office`?",
        ),
        (
            _rule('network = ["not flor"]', 'then = "deny"'),
            "3: there is no `flor` in `[networks]`; did you mean `floor`?",
        ),
        (
            _rule('network = ["not repoted"]', 'then = "deny"'),
            "3: there is no `repoted` in `[networks]`; did you mean `reported`?",
        ),
        (
            _rule('to = ["premium", "emergency"]', 'then = "deny"'),
            "3: emergency calls always pass, before any rule; leave `emergency` out",
        ),
        (
            _rule('when = "office and closed"', 'then = "deny"'),
            "3: on the dates of `closed` no other hours hold, so this never does; "
            "leave one of them out",
        ),
        (
            _rule('to = ["invalid"]', 'then = "allow"'),
            "3: nobody can call a number that means nothing; `invalid` goes with `deny` only",
        ),
        (
            _rule('then = "deny"', 'remember = "30m"'),
            "4: a rule that says `deny` asks for no code, so there is nothing to remember; "
            "leave `remember` out",
        ),
        (
            _rule('then = "sign-in"', 'remember = "30m"'),
            "4: a sign-in lasts as long as `for` of `[sign-in]` says; leave `remember` out",
        ),
        (
            _rule('then = "sign-in"', 'without_store = "allow"'),
            "4: a rule that says `sign-in` lets nothing through without the store; "
            'leave `without_store` out; it goes with `then = "allow"` only',
        ),
        (
            _rule('to = ["invalid"]', 'then = "sign-in"'),
            "3: nobody can call a number that means nothing; `invalid` goes with `deny` only",
        ),
        (
            _rule('then = "pin"', 'without_store = "allow"'),
            "4: a rule that says `pin` lets nothing through without the store; "
            'leave `without_store` out; it goes with `then = "allow"` only',
        ),
        (
            _rule('then = "pin"', "off_net = true"),
            "4: a rule that says `pin` connects nobody outside, who is asked for no code; "
            'leave `off_net` out; it goes with `then = "allow"` only',
        ),
        (
            _rule('then = "allow"', 'without_store = "perhaps"'),
            "4: `perhaps` is no word of `without_store`; write `deny` or `allow`",
        ),
        (
            _rule('then = "deny"') + "\n" + _rule('then = "deny"'),
            "5: there is a rule `a` already; give this rule another name",
        ),
        (
            _rule('then = "deny"') + "\n" + _limit('duration = "1h"').replace('"l"', '"a"'),
            "5: there is a rule `a` already; give this limit another name",
        ),
        (
            _rule('then = "deny"').replace('"a"', '"emergency"'),
            "2: `emergency` is a name of ours; give this rule another name",
        ),
        (
            _limit('to = ["internal"]', 'duration = "1h"'),
            "3: limits are on outside calls; leave `internal` out",
        ),
        (
            _limit('per = "site"'),
            '1: this limits nothing; write `calls = 2`, `duration = "30m"`, or `minutes = 60` '
            'with `within = "24h"`',
        ),
        (
            _limit("calls = 2"),
            '1: `calls` of what? write `per`, such as `per = "extension"`; it can be '
            "`extension`, `class`, `country`, `number`, `trunk`, `site` or `block`",
        ),
        (
            _limit('per = "site"', 'duration = "1h"'),
            "3: `duration` is of one call, so there is nothing to count together; leave `per` out",
        ),
        (
            _limit('per = "site"', 'duration = "1h"', 'price = "0.50"') + RATES,
            "3: `duration` and `price` are of one call, so there is nothing to count together; "
            "leave `per` out",
        ),
        (
            _limit('per = "site"', 'spend = "20.00"', "minutes = 60") + RATES,
            '1: `spend` and `minutes` in what time? write `within = "24h"`',
        ),
        (
            _limit("attempts = 40", "numbers = 10", 'within = "24h"'),
            '1: `attempts` and `numbers` of what? write `per`, such as `per = "extension"`; '
            "it can be `extension`, `class`, `country`, `number`, `trunk`, `site` or `block`",
        ),
        (
            _limit('duration = "1h"', 'within = "24h"'),
            "4: `within` goes with `spend`, `minutes`, `attempts`, `numbers`, `countries`, "
            "`extensions` or `short`; leave it out",
        ),
        (
            _limit('per = "site"', "calls = 2", 'within = "24h"'),
            "5: `within` goes with `spend`, `minutes`, `attempts`, `numbers`, `countries`, "
            "`extensions` or `short`; leave it out, or write `attempts` for calls in a time: "
            "`calls` are at one time",
        ),
        (
            _limit('per = "number"', "numbers = 10", 'within = "24h"'),
            "4: of one number there is one at most, so `numbers` limits nothing; count them by "
            'another `per`, such as `"extension"`',
        ),
        (
            _limit('per = "country"', "countries = 2", 'within = "24h"'),
            "4: of one country there is one at most, so `countries` limits nothing; count them "
            'by another `per`, such as `"extension"`',
        ),
        (
            _limit('per = "site"', 'spend = "20.00"', 'within = "24h"'),
            "4: `spend` needs to know what calls cost, and there is no `[rates]`; write it, with "
            '`file = "rates.csv"` and `currency = "EUR"`',
        ),
        (
            _limit('price = "0.50"'),
            "3: `price` needs to know what calls cost, and there is no `[rates]`; write it, with "
            '`file = "rates.csv"` and `currency = "EUR"`',
        ),
        (
            '[lockout]\nfor = "2h"\nat_most = "1h"',
            "3: `at_most` is shorter than `for`; make it longer",
        ),
        ('[challenge]\nwait = "2m"', "2: `wait` must be at most `60s`"),
        (
            _rule('when = "not over:brust"', 'then = "deny"') + "\n" + WATCH,
            "3: there is no limit `brust`; did you mean `burst`?",
        ),
        (
            _rule('when = "over:l"', 'then = "deny"') + "\n" + _limit('duration = "1h"'),
            "3: limit `l` counts nothing `within` a time, so no call is ever over it; "
            'give it `attempts = 10` and `within = "1h"`, say',
        ),
        (
            WATCH + 'when = "night and over:burst"',
            "7: rules ask for limits by `over:`, and no limit does; leave it out here, "
            "and write it in a rule",
        ),
        (
            WATCH + "calls = 2",
            "7: a limit that says `watch` denies nothing by itself, so `calls` does nothing; "
            "put it into a limit of its own",
        ),
        (
            WATCH + "shadow = true",
            "7: a limit that says `watch` denies nothing anyway; leave `shadow` out",
        ),
        (
            _rule('when = "nihgt"', 'then = "deny"'),
            "3: there is no `nihgt` in `[hours]`; did you mean `night`?",
        ),
        (
            _limit('per = "block"', "countries = 2", 'within = "1h"'),
            "4: of one block there is one at most, so `countries` limits nothing; "
            'count them by another `per`, such as `"extension"`',
        ),
        (
            _limit('per = "extension"', "extensions = 2", 'within = "1h"'),
            "4: of one extension there is one at most, so `extensions` limits nothing; "
            'count them by another `per`, such as `"extension"`',
        ),
    ],
)
def test_what_can_never_be_right_is_refused(rules: str, problem: str) -> None:
    """By its own line, and with what to do instead."""
    assert _what(rules) == [problem]


def test_a_limit_that_is_wrong_itself_is_told_of_once() -> None:
    """Rules that ask for it are right, as far as anybody can tell."""
    rule = _rule('when = "over:burst"', 'then = "pin"')
    assert _what(f"{rule}\n{WATCH.replace('5', '0')}") == ["8: `attempts` must be at least 1"]


@pytest.mark.parametrize(
    ("site", "when", "problems"),
    [
        ('country = "GB"\nregion = "ENG"', "holiday", []),
        ('country = "TA"', "weekend and not night", []),
        (
            'country = "TA"',
            "holiday",
            [
                "3: the public holidays of `TA` are not known; write them: `[hours]`, "
                '`holiday = ["2026-12-25"]`'
            ],
        ),
        (
            'country = "GB"\nregion = "England"',
            "night",
            ["no holidays are known of a region `England` of `GB`; did you mean `ENG`?"],
        ),
        (
            'country = "GB"\nregion = "EGN"',
            "night",
            ["no holidays are known of a region `EGN` of `GB`; did you mean `ENG`?"],
        ),
        (
            'country = "PR"\nregion = "SJ"',
            "night",
            ["no holidays are known of a region `SJ` of `PR`; leave it out"],
        ),
    ],
)
def test_holidays_are_those_of_a_country_and_a_region_that_are_known(
    site: str, when: str, problems: list[str]
) -> None:
    """Else a rule would miss them, unnoticed."""
    text = SITE.replace('country = "GB"', site)
    told = _what(_rule(f'when = "{when}"', 'then = "deny"'), site=text)
    assert len(told) == len(problems)
    assert all(
        one.endswith(other.removeprefix("3: ")) for one, other in zip(told, problems, strict=True)
    )


def test_hours_of_the_policys_own_come_before_ours() -> None:
    """A country of which nobody knows the holidays may have them written down."""
    site = SITE.replace('country = "GB"', 'country = "TA"')
    site = site.replace(
        "[hours]\n", '[hours]\nholiday = ["2026-12-25"]\nnight = ["Fri 20:00-05:00"]\n'
    )
    assert _what(_rule('when = "holiday and not night"', 'then = "deny"'), site=site) == []
    (told,) = _what(_rule('when = "night and closed"', 'then = "deny"'), site=site)
    assert "no other hours hold" in told
    assert _what(_rule('when = "night and closed"', 'then = "deny"')) == []


@pytest.mark.parametrize(
    "rules",
    [
        _rule('from = ["staff"]', 'to = ["invalid", "premium"]', 'then = "deny"'),
        _rule('to = ["internal", "pager"]', 'then = "pin"', 'remember = "30m"'),
        _rule('when = "not closed and office"', 'network = ["not floor"]', 'then = "deny"'),
        _rule('to = ["national"]', 'then = "allow"', 'without_store = "allow"'),
        _rule('to = ["national"]', 'then = "allow"', 'without_store = "deny"'),
        _limit('per = "site"', "calls = 2", 'duration = "1h"'),
        _limit('per = "extension"', 'spend = "20.00"', "attempts = 4", 'within = "24h"') + RATES,
        _limit('per = "country"', "numbers = 4", 'within = "24h"'),
        _limit('per = "trunk"', "countries = 4", "calls = 2", 'within = "24h"'),
        _limit('price = "0.00"', 'duration = "1h"') + RATES,
        _limit('to = ["international", "mobile"]', 'duration = "1h"'),
    ],
)
def test_what_can_be_right_is_not(rules: str) -> None:
    """The neighbours of the mistakes above."""
    assert _what(rules) == []


@pytest.mark.parametrize("name", ["api", "console"])
def test_a_site_is_not_named_as_the_web_names_a_path(name: str) -> None:
    """Nobody could open its page; a name that only begins so is one as any."""
    (told,) = problems_of(SITE.replace('"test"', f'"{name}"', 1))
    what = f"`{name}` is an address of the web itself, so this site would have no page"
    assert told == f"2: {what}; name it else"
    assert problems_of(SITE.replace('"test"', f'"{name}-1"', 1)) == []


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("X.", "`X.` has no end, so outside numbers would pass as inside"),
        ("_9!", "`_9!` has no end"),
        ("9XXXXXXXXXX", "`9XXXXXXXXXX` takes in outside numbers such as"),
    ],
)
def test_an_inside_pattern_takes_in_no_outside_numbers(pattern: str, problem: str) -> None:
    """They would pass unjudged: a denial would have become an allowance."""
    (told,) = problems_of(SITE.replace('"2XX"', f'"{pattern}"', 1))
    assert told.startswith(f"5: {problem}")


@pytest.mark.parametrize("pattern", ["*7X.", "#!", "2XXXX", "alice"])
def test_an_inside_pattern_may_be_of_what_is_never_dialled_outside(pattern: str) -> None:
    """Feature codes have no fixed length; short numbers behind no outside prefix are inside."""
    assert problems_of(SITE.replace('"2XX"', f'"{pattern}"', 1)) == []


def test_where_the_rates_are_wrong_nobody_says_that_they_are_missing() -> None:
    """One mistake is told once."""
    limit = _limit('per = "site"', 'spend = "20.00"', 'within = "24h"')
    (told,) = _what(f"{limit}\n[rates]\ncurrency = 'GBP'\n")
    assert told == "6: `file` is missing"


def test_a_pattern_is_in_one_class() -> None:
    """However it is written."""
    (told,) = problems_of(SITE.replace('lobby = ["2XX"]', 'lobby = ["2XX", "_10X"]'))
    assert told == "10: `_10X` is in class `staff` already; keep one of the two"


def test_a_class_may_say_the_same_twice() -> None:
    """It is clear what is meant."""
    assert problems_of(SITE.replace('"2XX"]', '"2XX", "_2XX"]')) == []


def test_what_is_wrong_elsewhere_hides_nothing() -> None:
    """A site that cannot be read, and a class that cannot: the rules are still looked at."""
    site = SITE.replace('"GB"', '"UK"').replace('lobby = ["2XX"]', "lobby = 3")
    told = _what(_rule('from = ["lobby", "loby"]', 'then = "deny"'), site)
    assert [each.partition(";")[0] for each in told[-1:]] == [
        "3: there is no `loby` in `[classes]`"
    ]
    assert len(told) == 3


def test_reported_is_a_network_of_ours() -> None:
    """Of rules and limits; where a phone signs in, and of other names, it says nothing."""
    rule = '[[rule]]\nname = "a"\nnetwork = ["not reported"]\nthen = "pin"\n'
    assert problems_of(SITE + rule) == []
    named = SITE.replace("[networks]\n", '[networks]\nreported = ["192.0.2.0/24"]\n')
    (told,) = problems_of(named)
    assert "`reported` is what others report" in told
    (told,) = problems_of(SITE + '[sign-in]\nnetwork = ["reported"]\n')
    assert "there is no `reported` in `[networks]`" in told
