"""`loading`: a file becomes a policy, or every problem is told; nothing else ever happens."""

from __future__ import annotations

from datetime import date, time
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.errors import PolicyError
from fastagi.numbering.number import Category
from fastagi.policy.loading import load, load_text
from fastagi.policy.model import (
    Bond,
    Challenge,
    Factor,
    GuardedTrunks,
    Limit,
    LiveCalls,
    Lockout,
    Per,
    Policy,
    Prompt,
    Reason,
    Rule,
    SignInTerms,
    Then,
    ThenBypass,
    Unit,
)
from fastagi.policy.scope import Condition, Destinations, Scope, Transport
from tests.unit.policy.samples import SITE, policy_of, priced, problems_of

WHOLE = """\
[site]
name = "test"
country = "GB"
timezone = "Europe/London"
internal = ["10X", "2XX"]
outside_prefix = "9"
emergency = ["2222"]
short_codes = ["1571", "33"]
languages = ["es"]
longest = "2h"

[classes]
staff = ["10X", "alice"]

[hours]
office = ["Mon-Fri 08:00-18:30", "2026-01-03"]

[networks]
floor = ["10.0.0.0/8", "2001:db8::/32"]

[lists]
irsf = "irsf.csv"

[rates]
file = "rates.csv"
currency = "GBP"

[[rule]]
name = "a"
from = ["staff"]
to = ["premium", "country:FR", "list:irsf"]
when = "not office"
network = ["floor"]
transport = ["ws", "wss"]
then = "pin+totp"
remember = "30m"
shadow = true

[[rule]]
name = "b"
then = "sign-in"

[[limit]]
name = "l"
per = "extension"
calls = 2
duration = "30m"

[[limit]]
name = "m"
per = "site"
spend = "20.00"
within = "24h"
shadow = true

[lockout]
wrong = 3
invalid = 9
for = "1m"
at_most = "1h"
calls = "end"

[bypass]
trunks = ["my-trunk", "other@carrier"]
then = "hang-up"

[challenge]
answer = false
tries = 2
wait = "5s"

[prompts]
pin = "custom/pin"
locked-out = "custom/away"

[sign-in]
factors = "totp"
for = "12h"
idle = "45m"
until = "19:00"
at_once = 3
bound_to = ["address", "contact"]
calls = "end"
anywhere = true
"""


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A policy that uses every table, with its list."""
    (tmp_path / "irsf.csv").write_text("+88213\n+53\n")
    (tmp_path / "rates.csv").write_text("prefix,price\n44,0.01\n")
    file = tmp_path / "p.toml"
    file.write_text(WHOLE)
    return file


def test_a_policy_is_what_its_file_says(whole: Path) -> None:
    """Every table and key has its place."""
    policy = load(whole)
    site = policy.site
    assert policy.source == whole
    assert (site.name, site.country, str(site.timezone)) == ("test", "GB", "Europe/London")
    assert [each.text for each in site.internal] == ["10X", "2XX"]
    assert (site.outside_prefix, site.emergency, site.languages) == ("9", ("2222",), ("es",))
    assert site.longest_s == 7200
    assert site.short_codes == ("1571", "33")
    assert policy.plan.read("91571").category is Category.NATIONAL
    assert policy.plan.read("9390612345678").category is Category.INVALID
    assert policy.plan.read("900390612345678").number == "+390612345678"
    assert [(each.name, len(each.patterns)) for each in policy.classes] == [("staff", 2)]
    assert policy.hours["office"].dates == {date(2026, 1, 3)}
    assert len(policy.hours["office"].periods) == 1
    assert policy.networks == {"floor": (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))}
    assert policy.lists["irsf"].longest("5371234567") == "53"
    assert policy.lockout == Lockout(3, 12, 9, 60, 3600, LiveCalls.END)
    assert policy.bypass == GuardedTrunks(
        frozenset({"my-trunk", "other@carrier"}), ThenBypass.HANG_UP
    )
    assert policy.challenge == Challenge(answer=False, tries=2, wait_s=5)
    assert policy.prompts == {Prompt.PIN: "custom/pin", Reason.LOCKED_OUT: "custom/away"}
    assert policy.sign_in == SignInTerms(
        factors=(Factor.TOTP,),
        for_s=43200,
        idle_s=2700,
        until=time(19),
        at_once=3,
        bound_to=frozenset({Bond.ADDRESS, Bond.CONTACT}),
        calls=LiveCalls.END,
        anywhere=True,
    )


def test_rules_and_limits_are_what_the_file_says(whole: Path) -> None:
    """In their order, with their lines."""
    policy = load(whole)
    to = Destinations(
        ("premium", "country:FR", "list:irsf"),
        frozenset({Category.PREMIUM}),
        frozenset({"FR"}),
        lists=("irsf",),
    )
    scope = Scope(
        frozenset({"staff"}),
        to,
        (Condition("office", negated=True),),
        (Condition("floor"),),
        frozenset({Transport.WS, Transport.WSS}),
    )
    anywhere = Scope(also_unallocated=True)
    assert policy.rules == (
        Rule("a", scope, Then.PIN_TOTP, 1800, shadow=True, line=28),
        Rule("b", Scope(), Then.SIGN_IN, line=39),
    )
    assert policy.limits == (
        Limit("l", anywhere, Per.EXTENSION, 2, 1800, line=43),
        Limit(
            "m",
            anywhere,
            Per.SITE,
            shadow=True,
            line=49,
            budgets=((Unit.SPEND, 20_000_000),),
            within_s=86400,
        ),
    )
    assert policy.lines["rule", 0, "to", 1] == 31
    assert policy.files_beside == (whole.parent / "irsf.csv", whole.parent / "rates.csv")


def test_what_denies_takes_unallocated_numbers_as_it_takes_others() -> None:
    """What lets through, or asks for a code, has to name them."""
    policy = load_text(
        SITE + '[[rule]]\nname = "a"\nthen = "deny"\n[[rule]]\nname = "b"\nthen = "pin"\n',
        Path("p.toml"),
    )
    assert [rule.scope.also_unallocated for rule in policy.rules] == [True, False]


def test_what_a_limit_gives_within_a_time_is_what_the_file_says() -> None:
    """Money in millionths, minutes in seconds; a price is of one call."""
    limits = (
        '[[limit]]\nname = "a"\nper = "site"\nspend = "0.000001"\nminutes = 60\nattempts = 40\n'
        'numbers = 10\ncountries = 3\nwithin = "7d"\n'
        '[[limit]]\nname = "b"\nprice = "999999999.999999"\n'
    )
    a, b = priced(limits, {}).limits
    assert a.budgets == (
        (Unit.SPEND, 1),
        (Unit.SECONDS, 3600),
        (Unit.ATTEMPTS, 40),
        (Unit.NUMBERS, 10),
        (Unit.COUNTRIES, 3),
    )
    assert (a.within_s, a.price, a.most(Unit.SECONDS)) == (7 * 86400, None, 3600)
    assert (b.budgets, b.within_s, b.price) == ((), 0, 999_999_999_999_999)
    assert b.most(Unit.SPEND) is None


def test_a_policy_can_be_small() -> None:
    """A site is enough; then nothing but inside and emergency calls pass."""
    policy = load_text('[site]\nname = "x"\ncountry = "GB"\ntimezone = "UTC"\n', Path("p.toml"))
    assert (policy.rules, policy.limits) == ((), ())
    assert (policy.lockout, policy.challenge) == (Lockout(), Challenge())
    assert policy.bypass == GuardedTrunks()
    assert policy.sign_in == SignInTerms()


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        ("", SignInTerms()),
        ('factors = "pin"', SignInTerms(factors=(Factor.PIN,))),
        ('factors = "pin+totp"', SignInTerms(factors=(Factor.PIN, Factor.TOTP))),
        ('for = "30m"', SignInTerms(for_s=1800)),
        ('idle = "30m"', SignInTerms(idle_s=1800)),
        ('until = "18:30"', SignInTerms(until=time(18, 30))),
        ('until = "24:00"', SignInTerms(until=time(0))),
        ("at_once = 2", SignInTerms(at_once=2)),
        ("bound_to = []", SignInTerms(bound_to=frozenset())),
        ('bound_to = ["agent"]', SignInTerms(bound_to=frozenset({Bond.AGENT}))),
        ('calls = "end"', SignInTerms(calls=LiveCalls.END)),
        ("anywhere = true", SignInTerms(anywhere=True)),
    ],
)
def test_of_a_sign_in_whatever_is_not_said_is_strict(written: str, terms: SignInTerms) -> None:
    """Both factors, a working day, one at a time, bound to all there is, on one's own phone."""
    assert policy_of(f"[sign-in]\n{written}\n").sign_in == terms


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ('factors = "totp+pin"', "`totp+pin` is nothing to show; did you mean `pin+totp`?"),
        ('factors = "deny"', "`deny` is nothing to show; write `pin`, `totp` or `pin+totp`"),
        ('factors = "sign-in"', "`sign-in` is nothing to show; write `pin`, `totp` or `pin+totp`"),
        ("factors = []", "this is no text; write it in quotes"),
        ('for = "8"', "`8` is no duration; write `45s`, `30m`, `2h30m` or `14d`"),
        ('for = "0s"', "`0s` is out of reason; write `1s` to `366d`"),
        ('idle = "0m"', "`0m` is out of reason; write `1s` to `366d`"),
        ('until = "7pm"', "`7pm` is no time of day; write `19:00`"),
        ('until = "19:00:00"', "`19:00:00` is no time of day; write `19:00`"),
        (
            'until = "25:00"',
            "there is no time `25:00`; write `00:00` to `23:59`, or `24:00` at the end",
        ),
        ("until = 19:00:00", "this is no text; write it in quotes"),
        ("at_once = 0", "`at_once` must be at least 1"),
        ("at_once = 101", "`at_once` must be at most 100"),
        ("at_once = true", "`at_once` must be a whole number, such as `at_once = 2`"),
        ('bound_to = "address"', '`bound_to` must be a list, such as `bound_to = ["…"]`'),
        (
            'bound_to = ["ip"]',
            "`ip` is no thing to be bound to; write `address`, `transport`, `agent` or `contact`",
        ),
        ('calls = "hang-up"', "`hang-up` is no fate of live calls; write `keep` or `end`"),
        ('anywhere = "no"', "`anywhere` must be `true` or `false`"),
        ("for_ = 1", "`for_` is not known here; did you mean `for`?"),
        ('idel = "1m"', "`idel` is not known here; did you mean `idle`?"),
    ],
)
def test_what_cannot_be_a_sign_in_is_told_by_its_line(written: str, problem: str) -> None:
    """With what to write instead."""
    line = SITE.count("\n") + 2
    assert problems_of(f"{SITE}[sign-in]\n{written}\n") == [f"{line}: {problem}"]


def test_a_table_is_named_as_it_is_written() -> None:
    """With its hyphen, which Python has not."""
    line = SITE.count("\n") + 1
    told = f"{line}: `sign_in` is not known here; did you mean `sign-in`?"
    assert problems_of(f"{SITE}[sign_in]\n") == [told]


def test_the_version_changes_with_the_policy_and_with_its_lists(whole: Path) -> None:
    """Records tell which policy it was, to the letter."""
    first = load(whole).version
    assert (len(first), load(whole).version) == (12, first)
    (whole.parent / "irsf.csv").write_text("+88213\n")
    second = load(whole).version
    whole.write_text(WHOLE + "# a remark\n")
    assert len({first, second, load(whole).version}) == 3


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """Missing, or no file."""
    with pytest.raises(PolicyError, match=r"p\.toml: this file cannot be read: no such file"):
        load(tmp_path / "p.toml")
    with pytest.raises(PolicyError, match="this is no file"):
        load(tmp_path)


def test_a_policy_without_a_site_is_told() -> None:
    """And everything else that is wrong with it."""
    assert problems_of("zite = 1\n") == [
        "0: there is no `[site]`; it names the site, its country and its time zone",
        "1: `zite` is not known here; did you mean `site`?",
    ]


def test_a_list_that_is_missing_is_told_where_it_is_named() -> None:
    """The administrator opens the policy first."""
    told = problems_of(f'{SITE}\n[lists]\nirsf = "nowhere.csv"\nother = 3\n')
    assert told == [
        "20: list `irsf`: nowhere.csv: this file cannot be read: no such file or directory",
        "21: this is no text; write it in quotes",
    ]


def test_a_list_with_a_wrong_line_is_told_by_that_line(whole: Path) -> None:
    """It is the list that has to be edited."""
    (whole.parent / "irsf.csv").write_text("+53\n039\n")
    with pytest.raises(PolicyError) as refused:
        load(whole)
    assert [str(each).partition(" ")[0] for each in refused.value.problems] == [
        f"{whole.parent}/irsf.csv:2:"
    ]


def test_every_problem_is_told_at_once_by_line() -> None:
    """Of the shape, of the names, of the values: one load tells all."""
    told = problems_of(
        SITE.replace('"GB"', '"UK"')
        + '[[rule]]\nname = "a"\nform = []\nthen = "deny"\n'
        + '[[rule]]\nname = "b"\nto = ["premum"]\nthen = "deny"\n'
        + '[[rule]]\nname = "c"\nfrom = ["stuff"]\nthen = "deny"\n'
        + '[[limit]]\nname = "c"\ncalls = 2\n'
    )
    assert [each.partition(":")[0] for each in told] == ["3", "20", "24", "28", "30", "31"]


def test_a_short_code_that_is_none_is_told_by_its_line() -> None:
    """It may be no ordinary number: those have rules."""
    told = problems_of(
        SITE.replace("[classes]", 'short_codes = ["105", "02079460000"]\n[classes]')
    )
    assert told == ["8: `02079460000` is no short code; write 2 to 6 digits"]


# ------------------------------------------------------------------- whatever is in the file

VALUES = st.recursive(
    st.text(max_size=8)
    | st.sampled_from(["allow", "deny", "premium", "1XX", "30m", "office", "GB", "list:x"])
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes(),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)
SECTIONS = {
    "site": ["name", "country", "timezone", "internal", "emergency", "short_codes", "longest"],
    "classes": ["staff", "not", "ünï"],
    "hours": ["office", "closed"],
    "networks": ["floor", "and"],
    "lists": ["irsf"],
    "rates": ["file", "currency", "unknown"],
    "[rule]": ["name", "from", "to", "when", "then", "remember", "shadow", "x"],
    "[limit]": ["name", "per", "calls", "duration", "spend", "within", "to"],
    "lockout": ["wrong", "for", "at_most", "calls"],
    "bypass": ["trunks", "then"],
    "challenge": ["answer", "tries", "wait"],
    "sign-in": ["factors", "for", "idle", "until", "at_once", "bound_to", "calls", "anywhere"],
    "prompts": ["pin", "locked-out", "y"],
}


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            inside = "".join(
                f"\\U{ord(each):08x}" for each in value if not "\ud800" <= each <= "\udfff"
            )
            return f'"{inside}"'
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case float():
            return str(value) if "e" not in str(value) else "1e9"
        case _:
            return str(value)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw a text that is nearly a policy."""
    lines = []
    for section in draw(st.lists(st.sampled_from(sorted(SECTIONS)), max_size=6)):
        lines.append(f"[{section}]")
        for key in draw(st.lists(st.sampled_from(SECTIONS[section]), max_size=5, unique=True)):
            lines.append(f'"{key}" = {_toml(draw(VALUES))}')
    return "\n".join(lines)


@given(documents() | st.text())
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    """`PolicyError` is the only exception, and each problem is one printable line."""
    assert all(each.isprintable() for each in problems_of(f"{SITE}\n{text}"))
    assert all(each.isprintable() for each in problems_of(text))


@given(st.binary())
def test_any_bytes_are_refused(raw: bytes) -> None:
    """No random file is a policy."""
    with pytest.raises(PolicyError):
        load_text(raw.decode(errors="surrogateescape"), Path("p.toml"))


@pytest.mark.parametrize(
    "line",
    [
        f"wrong = {2**200}",
        "wrong = nan",
        "wrong = inf",
        "for = 07:32:00",
        "for = 1979-05-27T07:32:00Z",
        "wrong = { a = { b = { c = 1 } } }",
        "wrong = [[[[[[[1]]]]]]]",
        'for = "\\U0010ffff"',
        'for = "\\u202e"',
        "wrong.deep.er = 1",
    ],
)
def test_odd_values_of_toml_are_refused(line: str) -> None:
    """Whatever TOML can say, a policy says it or is refused."""
    assert problems_of(f"{SITE}\n[lockout]\n{line}\n") != []


def test_money_is_read_exactly() -> None:
    """Though this version does not count it, it is never a float."""
    assert problems_of(f'{SITE}\n[rates]\nfile = "r"\ncurrency = "GBP"\nunknown = 3.0\n') == [
        "22: this is no text; write it in quotes"
    ]


def test_policies_can_be_compared() -> None:
    """A reload tells whether anything has changed."""
    one: Policy = policy_of()
    assert one == policy_of()
    assert one.version == policy_of().version
