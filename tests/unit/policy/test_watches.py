"""`[[watch]]` and `[honeypot]` as they are written: what is usual, what is refused."""

from __future__ import annotations

import pytest

from fastagi.policy.model import BRAKED, Honeypot, Then, ThenWatch, Watch
from fastagi.policy.watches import USUAL
from fastagi.signs.sign import Per, Sign
from tests.unit.policy.samples import SITE, policy_of, problems_of

TRAPS = '\n[honeypot]\nextensions = ["299"]\nto = ["prefix:+390698"]\n'


def _written(more: str = "", sign: str = "guessing") -> str:
    return f'[[watch]]\nname = "w"\nsign = "{sign}"\n{more}\n'


def test_whoever_says_nothing_watches_for_nothing() -> None:
    """And has no trap."""
    policy = policy_of()
    assert (policy.watches, policy.guards, policy.honeypot) == ((), (), Honeypot())


@pytest.mark.parametrize(
    ("sign", "per", "count", "within_s"),
    [
        (Sign.ENUMERATION, Per.ADDRESS, 10, 60),
        (Sign.GUESSING, Per.ACCOUNT, 10, 60),
        (Sign.SPRAYING, Per.ADDRESS, 5, 600),
        (Sign.SUCCESS_AFTER_GUESSING, Per.ACCOUNT, 10, 3600),
        (Sign.NEW_ADDRESS, Per.ACCOUNT, 1, 60),
        (Sign.NEW_COUNTRY, Per.ACCOUNT, 1, 60),
        (Sign.NEW_AGENT, Per.ACCOUNT, 1, 60),
        (Sign.NEW_TRANSPORT, Per.ACCOUNT, 1, 60),
        (Sign.NOT_LET_IN, Per.ADDRESS, 10, 60),
        (Sign.MALFORMED, Per.ADDRESS, 10, 60),
        (Sign.HONEYPOT, Per.ADDRESS, 1, 60),
        (Sign.GATE_PROBING, Per.ADDRESS, 20, 60),
        (Sign.CODE_GUESSING, Per.ADDRESS, 3, 3600),
    ],
)
def test_what_is_not_said_is_as_usual(sign: Sign, per: Per, count: int, within_s: int) -> None:
    """By the sign; and operators are told, no more."""
    (watch,) = policy_of(_written(sign=sign) + TRAPS).watches
    assert watch == Watch(
        "w", sign, per, count, within_s, frozenset({ThenWatch.TELL}), line=watch.line
    )
    assert (watch.for_s, watch.to, watch.ask) == (3600, BRAKED, Then.PIN_TOTP)
    assert watch.line == SITE.count("\n") + 2
    assert not watch.guards


def test_every_sign_has_what_is_usual() -> None:
    """A new one has to be put into the table."""
    assert set(USUAL) == set(Sign)


def test_everything_can_be_said() -> None:
    """Each key is what it says."""
    (watch,) = policy_of(
        _written(
            'per = "account"\ncount = 20\nwithin = "10m"\nthen = ["step-up", "tell"]\n'
            'for = "8h"\nto = ["mobile", "country:IT"]\nask = "pin"\nshadow = true'
        )
    ).watches
    assert (watch.per, watch.count, watch.within_s) == (Per.ACCOUNT, 20, 600)
    assert watch.then == {ThenWatch.STEP_UP, ThenWatch.TELL}
    assert (watch.for_s, watch.to.text) == (28800, ("mobile", "country:IT"))
    assert (watch.ask, watch.shadow, watch.guards) == (Then.PIN, True, True)
    (ban,) = policy_of(_written('then = ["ban"]\nunproven = true', "enumeration")).watches
    assert (ban.unproven, ban.guards) == (True, False)


def test_traps_are_read() -> None:
    """Extensions as patterns, numbers as rules name them."""
    honeypot = policy_of(TRAPS).honeypot
    assert [each.text for each in honeypot.extensions] == ["299"]
    assert honeypot.to is not None
    assert honeypot.to.prefixes == ("390698",)
    alone = policy_of('[honeypot]\nextensions = ["29[89]", "admin"]').honeypot
    assert alone.to is None
    assert alone.extensions[0].matches("298")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (_written(sign="gessing"), "`gessing` is no sign of an attack; did you mean `guessing`?"),
        (_written('per = "adress"'), "`adress` is no thing to count signs by; did you mean"),
        (_written('then = ["look"]'), "`look` is no answer to an attack; did you mean `lock`?"),
        (_written("then = []"), "`then` is empty"),
        (_written('ask = "sign-in"'), "`sign-in` is nothing to ask; write `pin`, `totp` or"),
        (_written("count = 0"), "`count` must be at least 1"),
        (_written("count = 1001"), "`count` must be at most 1000"),
        (_written('with = "1m"'), "`with` is not known here; did you mean `within`?"),
        (_written('within = "25h"'), "`within` must be at most `24h`"),
        (
            _written('per = "account"', "enumeration"),
            "`enumeration` cannot be counted per `account`; write `address`, `network` or `site`",
        ),
        (
            _written("count = 2", "new-country"),
            "each `new-country` is told of, so there is nothing to count; leave `count` out",
        ),
        (_written('within = "1m"', "new-agent"), "leave `within` out"),
        (
            _written('per = "address"\nthen = ["step-up"]'),
            "`step-up` is done to an extension, and `guessing` per `address` is about none; "
            'write `per = "account"`, or leave it out',
        ),
        (
            _written('then = ["lock"]', "spraying"),
            "`lock` is done to an extension, and `spraying` is about none; leave it out",
        ),
        (_written('then = ["end-sign-in"]', "malformed"), "`end-sign-in` is done to an extension"),
        (
            _written('then = ["ban"]'),
            "`guessing` per `account` may be many addresses' doing, and the last of them a phone "
            "of yours that has its password wrong; leave `ban` out",
        ),
        (_written('per = "site"\nthen = ["ban"]', "spraying"), "`spraying` per `site` may be"),
        (
            _written('then = ["ban"]', "new-address"),
            "`new-address` is told of whoever showed the right password, who is never banned",
        ),
        (_written('then = ["tell", "tell"]'), "`tell` stands here twice; leave one out"),
        (_written('for = "1h"'), "`for` goes with `step-up`, `lock` or `ban` in `then`"),
        (_written('to = ["mobile"]'), "`to` goes with `step-up` or `lock` in `then`, and neither"),
        (
            _written('ask = "pin"\nthen = ["lock"]', "success-after-guessing"),
            "`ask` goes with `step-up` in `then`, and that does not stand there; leave `ask` out",
        ),
        (_written("unproven = true"), "`unproven` goes with `ban` in `then`"),
        (
            _written('then = ["ban"]', "success-after-guessing"),
            "nobody is banned for `success-after-guessing`, as after a stranger's guesses it may "
            "be the account's own phone at a new address; leave `ban` out, and write a watch of "
            '`guessing` with `per = "address"` for it',
        ),
        (_written("shadow = true"), "a watch that only tells does nothing that `shadow` could"),
        (
            _written('then = ["step-up"]\nto = ["internal"]'),
            "it is on outside calls; leave `internal` out",
        ),
        (
            _written('then = ["step-up"]\nto = ["first-time-country"]'),
            "what a watch touches hangs on the number alone; leave `first-time-country` out",
        ),
        (_written('then = ["step-up"]\nto = ["list:gone"]'), "there is no `gone` in `[lists]`"),
        (_written('then = ["step-up"]\nto = ["emergency"]'), "emergency calls always pass"),
        (_written(sign="honeypot"), "there is no `[honeypot]`, so nobody touches one; write it"),
        (f"{_written()}\n{_written()}", "there is a watch `w` already; give this watch another"),
        (
            f'[[rule]]\nname = "w"\nthen = "allow"\n{_written()}',
            "there is a rule `w` already; give this watch another name",
        ),
        (
            _written().replace('"w"', '"brake"'),
            "`brake` is a name of ours; give this watch another name",
        ),
        ("[honeypot]", "this is a trap for nobody; write `extensions"),
        ("[honeypot]\nextensions = []", "`extensions` is empty"),
        ('[honeypot]\nextensions = ["_29."]', "`_29.` has no end, so whatever is dialled may be"),
        ('[honeypot]\nextensions = ["_29!"]', "`_29!` has no end"),
        ('[honeypot]\nextensions = ["9XX"]', "`9XX` takes in emergency number `999`"),
        ('[honeypot]\nextensions = ["9112"]', "`9112` takes in emergency number `9112`"),
        (
            '[honeypot]\nextensions = ["1XX"]',
            "`1XX` takes in all of `10X` of class `staff`; name extensions that no phone has",
        ),
        ('[honeypot]\nto = ["internal"]', "it is on outside calls; leave `internal` out"),
        ('[honeypot]\nto = ["emergency"]', "emergency calls always pass"),
        ('[honeypot]\nto = ["first-time-number"]', "what is a trap hangs on the number alone"),
        ('[honeypot]\nto = ["reported"]', "what others report is no trap of yours: a rule may"),
    ],
)
def test_what_can_never_be_right_is_refused(text: str, problem: str) -> None:
    """With its line, and what to do instead."""
    found = problems_of(f"{SITE}\n{text}")
    assert any(problem in each for each in found), found
    assert all(int(each.partition(":")[0]) > SITE.count("\n") for each in found)


def test_an_address_that_passed_its_own_count_may_be_banned() -> None:
    """Or a network."""
    for per in ("address", "network"):
        found = policy_of(_written(f'per = "{per}"\nthen = ["ban"]')).watches
        assert ThenWatch.BAN in found[0].then


def test_a_trap_inside_a_class_is_one() -> None:
    """A class is written by the hundred; what no phone has of it only its owner knows."""
    assert policy_of('[honeypot]\nextensions = ["109"]').honeypot.extensions
    broken = '[honeypot]\nextensions = ["alice"]\n'
    named = SITE.replace('["10X"]\nlobby', '["10X", "alice"]\nlobby')
    assert any("takes in all of `alice`" in each for each in problems_of(f"{named}\n{broken}"))
