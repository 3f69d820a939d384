"""`checking`: what is odd is told by its line, and what is not odd is left alone."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fastagi.numbering.plan import NumberingPlan
from fastagi.policy.checking import check
from tests.unit.policy.samples import SITE, policy_of

QUIET = """
[[rule]]
name = "no-premium"
to = ["premium", "satellite"]
then = "deny"
[[rule]]
name = "office"
to = ["national"]
when = "office"
network = ["floor"]
then = "allow"
[[limit]]
name = "two"
per = "extension"
calls = 2
"""


def _oddities(rules: str = "", site: str = SITE, source: Path = Path("p.toml")) -> list[str]:
    policy = policy_of(QUIET + rules, site=site, source=source)
    return [f"{each.line}: {each.what}" for each in check(policy)]


BEHIND = SITE.count("\n") + 1 + QUIET.count("\n") + 1
"""The line on which what is put behind both begins."""


def test_a_plain_policy_is_not_odd() -> None:
    """No warning for doing it right."""
    assert _oddities() == []


def test_a_policy_that_lets_nobody_call_is_odd() -> None:
    """Emergency calls apart; each for its own reason."""
    bare = '[site]\nname = "test"\ncountry = "GB"\ntimezone = "Europe/London"\n'
    assert [str(each) for each in check(policy_of(site=bare))] == [
        "p.toml:1: there is neither a class nor an `internal` pattern, so no extension is known "
        "and none can call; name the phones in `[classes]`",
        "p.toml:1: there is no rule, so nobody can call outside; write a `[[rule]]`",
    ]
    deny = '[[rule]]\nname = "a"\nthen = "deny"\n'
    trial = '[[rule]]\nname = "b"\nto = ["internal"]\nthen = "allow"\nshadow = true\n'
    named = bare + '[classes]\nstaff = ["10X"]\n'
    assert [str(each) for each in check(policy_of(deny + trial, site=named))] == [
        "p.toml:1: no rule lets anybody call outside; all deny, or only record"
    ]
    inside = bare + 'internal = ["20X"]\n'
    pin = '[[rule]]\nname = "a"\nthen = "pin"\n'
    assert check(policy_of(pin, site=inside)) == ()


@pytest.mark.parametrize(
    ("rules", "oddity"),
    [
        (
            '[[rule]]\nname = "x"\nto = ["premium"]\nthen = "deny"\n',
            "rule `x` is never reached: `no-premium` above it fits all its calls",
        ),
        (
            '[[rule]]\nname = "x"\nto = ["national"]\nwhen = "office"\nnetwork = ["floor"]\n'
            'then = "deny"\n',
            "rule `x` is reached by no call of known address and transport: "
            "`office` above it fits all its calls, "
            "so what it denies is not denied; move it up",
        ),
        (
            '[[rule]]\nname = "all"\nthen = "allow"\nto = ["national"]\n'
            '[[rule]]\nname = "x"\nto = ["national", "premium"]\nthen = "allow"\n',
            "rule `x` is never reached: `no-premium` and `all` above it fit all its calls",
        ),
        (
            '[[limit]]\nname = "x"\nduration = "5h"\n',
            "limit `x` never ends a call: the site's `longest` does before, at `4h`",
        ),
        (
            '[[limit]]\nname = "x"\nper = "extension"\ncalls = 3\n',
            "limit `x` never matters: `two` counts the same, and allows no more",
        ),
        (
            '[[limit]]\nname = "x"\nper = "extension"\ncalls = 1\n',
            "limit `two` never matters: `x` counts the same, and allows no more",
        ),
        (
            '[[limit]]\nname = "x"\nper = "extension"\nto = ["international"]\ncalls = 2\n',
            "limit `x` never matters: `two` counts all of its calls, and allows no more",
        ),
        (
            '[[limit]]\nname = "x"\nper = "site"\ncalls = 2\n',
            "limit `two` never matters: `x` counts all of its calls, and allows no more",
        ),
        (
            '[[limit]]\nname = "x"\nper = "extension"\ncalls = 4\nduration = "1h"\n',
            "`calls` of limit `x` never matters: `two` counts the same, and allows no more",
        ),
        (
            '[[limit]]\nname = "x"\nper = "country"\nfrom = ["staff"]\ncalls = 4\n[[limit]]\n'
            'name = "y"\nper = "number"\nfrom = ["staff"]\nwhen = "office"\ncalls = 4\n',
            "limit `y` never matters: `x` counts all of its calls, and allows no more",
        ),
        (
            '[[limit]]\nname = "x"\nto = ["country:FR"]\nduration = "1h"\n'
            '[[limit]]\nname = "y"\nto = ["international"]\nduration = "30m"\n',
            "limit `x` never ends a call: `y` ends all of its calls, and no later",
        ),
        (
            '[[limit]]\nname = "x"\nduration = "1h"\n[[limit]]\nname = "y"\nduration = "1h"\n',
            "limit `y` never ends a call: `x` ends all of its calls, and no later",
        ),
        (
            '[[rule]]\nname = "x"\nto = ["pager"]\nnetwork = ["floor", "not floor"]\n'
            'then = "allow"\n',
            "`network` of `x` restricts nothing: every address is in `floor`, or not",
        ),
    ],
)
def test_what_does_nothing_is_odd(rules: str, oddity: str) -> None:
    """A rule or a limit that never matters was meant to."""
    (told,) = _oddities(rules)
    line, what = told.split(": ", 1)
    assert what == oddity
    assert int(line) >= BEHIND or "`two` never" in what


@pytest.mark.parametrize(
    "rules",
    [
        '[[limit]]\nname = "x"\nper = "site"\ncalls = 3\n',
        '[[limit]]\nname = "x"\nper = "extension"\ncalls = 3\nshadow = true\n',
        '[[limit]]\nname = "x"\nper = "site"\nto = ["international"]\ncalls = 2\n',
        '[[limit]]\nname = "x"\nper = "extension"\nfrom = ["staff"]\ncalls = 1\n',
        '[[limit]]\nname = "x"\nper = "number"\ncalls = 1\n'
        '[[limit]]\nname = "y"\nper = "country"\ncalls = 3\n',
        '[[limit]]\nname = "x"\nto = ["country:FR"]\nduration = "30m"\n'
        '[[limit]]\nname = "y"\nto = ["international"]\nduration = "1h"\n',
        '[[limit]]\nname = "x"\nduration = "1h"\nshadow = true\n'
        '[[limit]]\nname = "y"\nto = ["international"]\nduration = "1h"\n',
        '[[limit]]\nname = "x"\nduration = "4h"\n',
        '[[rule]]\nname = "x"\nto = ["pager"]\nnetwork = ["floor"]\nthen = "allow"\n',
        '[[rule]]\nname = "x"\nthen = "allow"\n',
        '[[rule]]\nname = "x"\nthen = "allow"\nshadow = true\n',
    ],
)
def test_what_does_something_is_not(rules: str) -> None:
    """The neighbours of the oddities above; here premium and satellite calls are denied first."""
    assert _oddities(rules) == []


def test_a_door_left_wide_open_is_odd() -> None:
    """Unless what costs most is denied above it, for everybody and always."""
    policy = policy_of(
        '[[rule]]\nname = "some"\nto = ["premium"]\nfrom = ["lobby"]\nthen = "deny"\n'
        '[[rule]]\nname = "trial"\nto = ["premium"]\nthen = "deny"\nshadow = true\n'
        '[[rule]]\nname = "sky"\nto = ["satellite"]\nthen = "deny"\n'
        '[[rule]]\nname = "all"\nthen = "allow"\n'
    )
    what = "rule `all` lets all outside numbers through, `premium` too"
    told = [each.what for each in check(policy)]
    assert f"{what}; say where `to`, or deny those above it" in told


@pytest.mark.parametrize(
    ("rules", "odd"),
    [
        (
            [("allow", '"international"'), ("allow", '"country:GB"'), ("deny", '"premium"')],
            [
                "rule `r0` lets `premium` and `satellite` numbers through without a code; "
                "deny those above it, or ask for one",
                "rule `r1` lets `premium` numbers through without a code; "
                "deny those above it, or ask for one",
                "rule `r2` is never reached: `r0` and `r1` above it fit all its calls, "
                "so what it denies is not denied; move it up",
            ],
        ),
        (
            [("allow", '"national", "premium"')],
            [
                "rule `r0` lets `premium` numbers through without a code; "
                "deny those above it, or ask for one"
            ],
        ),
        (
            [("allow", '"country:GB"'), ("deny", '"premium", "satellite"')],
            [
                "rule `r0` lets `premium` numbers through without a code; "
                "deny those above it, or ask for one"
            ],
        ),
        (
            [("deny", '"premium"'), ("allow", '"country:001", "country:FR"')],
            [
                "rule `r1` lets `satellite` numbers through without a code; "
                "deny those above it, or ask for one"
            ],
        ),
        ([("deny", '"premium"'), ("allow", '"country:GB", "country:FR"')], []),
        ([("deny", '"premium", "satellite"'), ("allow", '"international", "country:GB"')], []),
        ([("pin", '"premium", "satellite"'), ("allow", '"international", "premium"')], []),
        ([("pin", '"international", "premium"')], []),
        ([("allow", '"national", "mobile", "toll-free", "prefix:+3906"')], []),
    ],
)
def test_what_lets_the_costliest_through_is_odd(
    rules: list[tuple[str, str]], odd: list[str]
) -> None:
    """However it is written; not where a rule above it denies them, or asks for a code."""
    policy = policy_of(
        "\n".join(
            f'[[rule]]\nname = "r{place}"\nto = [{to}]\nthen = "{then}"'
            for place, (then, to) in enumerate(rules)
        ),
        site=SITE.partition("[hours]")[0],
    )
    assert [each.what for each in check(policy)] == odd


def test_the_zone_of_any_machine_is_odd() -> None:
    """It is valid where the system has a file of that name, and tells another time elsewhere."""
    plain = policy_of(QUIET)
    with (files("tzdata") / "zoneinfo" / "Europe" / "London").open("rb") as rules:
        zone = ZoneInfo.from_file(rules, key="localtime")
    (odd,) = check(replace(plain, site=replace(plain.site, timezone=zone)))
    assert odd.line == SITE.splitlines().index('timezone = "Europe/London"') + 1
    assert odd.what == (
        "`localtime` is the time zone of whatever machine reads it, in a container UTC's; write "
        "the site's: `Europe/London`"
    )


def test_inside_numbers_that_are_emergency_numbers_are_odd() -> None:
    """With the outside prefix and without; each told once."""
    site = SITE.replace('"10X", "2XX"', '"1XX", "9XXX"').replace('lobby = ["2XX"]\n', "")
    told = _oddities(site=site.replace('"10X"', '"1XX"'))
    assert [each for each in told if "emergency" in each] == [
        "5: `1XX` takes in emergency number `112`, which always goes out; "
        "nobody can call an extension `112`",
        "5: `9XXX` takes in emergency number `9112`, which always goes out; "
        "nobody can call an extension `9112`",
        "5: `9XXX` takes in emergency number `9999`, which always goes out; "
        "nobody can call an extension `9999`",
    ]


def test_a_country_of_unknown_emergency_numbers_is_odd(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody has to say what is dialled there."""
    monkeypatch.setattr(NumberingPlan, "emergency_numbers", ())
    assert _oddities() == [
        "1: no emergency number of `GB` is known; name them here",
    ]


def test_inside_numbers_that_are_outside_numbers_are_odd() -> None:
    """Local numbers of five digits, where no outside prefix tells them apart."""
    site = (
        SITE.replace('"GB"', '"DE"')
        .replace('outside_prefix = "9"\n', "")
        .replace('"2XX"]', '"2XX", "6XXXX"]', 1)
    )
    (told,) = _oddities(site=site)
    assert told.startswith("5: `6XXXX` takes in outside numbers such as `6")
    assert told.endswith("which nobody can then call")


@pytest.mark.parametrize(
    ("pattern", "prefix", "codes"),
    [
        ("1XX", "", "`101`, `105`, `111`, `119` and `159`"),
        ("11X", "", "`111` and `119`"),
        ("111", "", "`111`"),
        ("9XXX", "9", "`9101`, `9105`, `9111`, `9119` and `9159`"),
        ("1XX", "9", ""),
        ("118XXX", "", ""),
    ],
)
def test_inside_numbers_that_are_short_codes_are_odd(
    pattern: str, prefix: str, codes: str
) -> None:
    """Helplines and the like, as they are dialled; not directory enquiries, which cost extra."""
    site = SITE.replace('"10X", "2XX"', f'"{pattern}"').replace('"9"', f'"{prefix}"')
    told = [each.what for each in check(policy_of(QUIET, site=site))]
    assert [each for each in told if "short code" in each] == (
        [f"`{pattern}` takes in short codes such as {codes}, which nobody can then call"]
        if codes
        else []
    )


@pytest.mark.parametrize("key", ["internal", "staff"])
def test_a_letter_that_looks_like_a_digit_is_odd(key: str) -> None:
    """It makes a name of the pattern, and nobody is called that."""
    site = SITE.replace(f'{key} = ["10X"', f'{key} = ["1OX", "10X"')
    line = site[: site.index("1OX")].count("\n") + 1
    what = "`1OX` is taken as a name, for there is a letter in it; did you mean `10X`?"
    assert _oddities(site=site) == [f"{line}: {what}"]


def test_a_class_that_nobody_is_in_is_odd() -> None:
    """Others are more specific for each of its extensions."""
    names = ", ".join(f'"10{digit}"' for digit in range(10))
    site = SITE.replace("lobby =", f"desks = [{names}]\nlobby =")
    assert _oddities(site=site) == [
        "9: nobody is in class `staff`: others are more specific throughout"
    ]


def test_a_class_of_no_inside_numbers_is_odd() -> None:
    """Its pattern is a slip; names of endpoints are left alone where one is an inside number."""
    site = SITE.replace("lobby =", 'guests = ["3XX"]\nremote = ["alice", "201"]\nlobby =')
    assert _oddities(site=site) == ["10: no extension of class `guests` is an inside number"]


def test_a_class_without_end_is_left_alone() -> None:
    """Its extensions cannot be counted."""
    assert _oddities(site=SITE.replace("lobby =", 'phones = ["_SIP."]\nlobby =')) == []


@pytest.mark.parametrize("all_of_them", [".", "_!"])
def test_a_pattern_that_every_endpoint_fits_is_odd(all_of_them: str) -> None:
    """The trunks fit it too: whoever calls in by one would be inside."""
    said = f"`{all_of_them}` takes in every endpoint, your trunks as well, so whoever calls in "
    said += "counts as inside; name the phones"
    site = SITE.replace("lobby =", f'all = ["{all_of_them}"]\nlobby =')
    assert f"10: {said}" in _oddities(site=site)


def test_a_class_that_no_rule_speaks_of_is_odd() -> None:
    """It can call nobody outside."""
    policy = policy_of('[[rule]]\nname = "x"\nfrom = ["staff"]\nto = ["voip"]\nthen = "allow"\n')
    assert "no rule speaks of class `lobby`, so it can call no outside number" in [
        each.what for each in check(policy)
    ]
    assert not any("no rule speaks" in each.what for each in check(replace(policy, rules=())))


def test_patterns_that_cross_are_odd() -> None:
    """Which class wins is not seen at a glance."""
    site = SITE.replace('lobby = ["2XX"]', 'lobby = ["2X5", "2[0-5]X"]\nbar = ["[12]5X"]')
    assert _oddities(site=site) == [
        "11: `[12]5X` and `2X5` of class `lobby` cross: `255` fits both, and is in class `lobby`",
        "11: `[12]5X` and `2[0-5]X` of class `lobby` cross: `250` fits both, "
        "and is in class `lobby`",
    ]


def test_names_that_nobody_speaks_of_are_odd(tmp_path: Path) -> None:
    """Hours, networks and lists; an empty list as well. `closed` speaks for itself."""
    (tmp_path / "empty.csv").write_text("# none yet\n")
    site = (
        SITE.replace("[networks]\n", '[networks]\nhome = ["192.0.2.0/24"]\n').replace(
            "[hours]\n", '[hours]\nlunch = ["Mon 12:00-13:00"]\n'
        )
        + '[lists]\nirsf = "empty.csv"\n'
    )
    assert _oddities(site=site, source=tmp_path / "p.toml") == [
        "13: no rule and no limit speaks of `lunch`",
        "18: no rule and no limit speaks of `home`",
        "21: no rule and no limit speaks of `irsf`",
        "21: list `irsf` is empty",
    ]


def test_a_list_that_is_used_is_not(tmp_path: Path) -> None:
    """By a limit, too."""
    (tmp_path / "l.csv").write_text("39\n")
    limit = '[[limit]]\nname = "l"\nto = ["list:irsf"]\nduration = "1h"\n'
    site = SITE + '[lists]\nirsf = "l.csv"\n'
    assert _oddities(limit, site=site, source=tmp_path / "p.toml") == []
