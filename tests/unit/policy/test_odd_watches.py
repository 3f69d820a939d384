"""What is odd in watches and traps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.policy.checking import check
from tests.unit.policy.samples import policy_of

if TYPE_CHECKING:
    from pathlib import Path

TRAP = '[honeypot]\nextensions = ["299"]\n'


def _watch(sign: str, more: str = "", name: str = "w") -> str:
    return f'[[watch]]\nname = "{name}"\nsign = "{sign}"\n{more}\n'


def _odd(text: str) -> list[str]:
    plain = {each.what for each in check(policy_of())}
    return [each.what for each in check(policy_of(text)) if each.what not in plain]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            _watch("guessing", 'then = ["lock", "end-sign-in"]'),
            [
                "watch `w`: anybody can send wrong passwords, and so has the `lock` and "
                "`end-sign-in` done to any phone; write `success-after-guessing`, or `step-up`"
            ],
        ),
        (_watch("guessing", 'then = ["step-up"]'), []),
        (_watch("success-after-guessing", 'then = ["lock", "end-sign-in"]'), []),
        (
            _watch("success-after-guessing", 'then = ["lock", "step-up"]'),
            ["watch `w` locks, so no call is left that it could step up; leave `step-up` out"],
        ),
        (_watch("enumeration", 'then = ["ban"]'), []),
        (
            _watch("enumeration", 'then = ["ban"]\nunproven = true'),
            [
                "watch `w`: over UDP anybody writes any address into a packet, so whoever is to "
                "be kept out can be banned by a stranger; leave `unproven` out, or let only TCP "
                "and TLS in"
            ],
        ),
        (
            _watch("enumeration", 'per = "network"\nthen = ["ban"]'),
            [
                "watch `w` bans a whole network: a /24, or a /64 of IPv6; whoever else is there "
                "is banned with it"
            ],
        ),
        (
            _watch("guessing", 'count = 3\nthen = ["step-up"]'),
            [
                "watch `w`: a phone with a mistyped password is wrong 3 times at once, by itself; "
                "write a `count` above that"
            ],
        ),
        (_watch("guessing", "count = 3"), []),
        (_watch("guessing", 'count = 3\nthen = ["step-up"]\nshadow = true'), []),
        (_watch("guessing", 'count = 4\nthen = ["step-up"]'), []),
        (
            _watch("guessing") + _watch("guessing", 'then = ["step-up"]', "v"),
            ["watch `v` sees the same as `w`; put what follows into one `then`"],
        ),
        (_watch("guessing") + _watch("guessing", "count = 50", "v"), []),
        (TRAP + _watch("honeypot"), []),
        (
            TRAP,
            [
                "nothing follows from a touch of a trap; "
                'write a `[[watch]]` with `sign = "honeypot"`'
            ],
        ),
        (
            '[honeypot]\nto = ["national", "country:GB"]\n' + _watch("honeypot"),
            [
                "everybody calls `national` and `country:GB`, and would be taken for a thief; "
                "name numbers that nobody here has a reason to call"
            ],
        ),
        ('[honeypot]\nto = ["prefix:+390698"]\n' + _watch("honeypot"), []),
    ],
)
def test_what_a_stranger_could_do_to_honest_people_is_told(text: str, told: list[str]) -> None:
    """And what nothing follows from."""
    assert _odd(text) == told


def test_it_stands_at_its_line() -> None:
    """That of the watch, and of the traps."""
    policy = policy_of(TRAP + _watch("guessing", 'then = ["lock"]'))
    lines = {each.line: each.what for each in check(policy)}
    assert "nothing follows" in lines[policy.lines["honeypot",]]
    assert "anybody can send" in lines[policy.lines["watch", 0]]


def test_a_list_of_a_watch_a_trap_or_the_brake_is_spoken_of(tmp_path: Path) -> None:
    """No other entry needs to name it."""
    (tmp_path / "l.csv").write_text("390698\n")
    lists = '[lists]\na = "l.csv"\nb = "l.csv"\nc = "l.csv"\nd = "l.csv"\n'
    text = (
        lists
        + _watch("guessing", 'then = ["step-up"]\nto = ["list:a"]')
        + '[honeypot]\nto = ["list:b"]\n'
        + '[brake]\nto = ["list:c"]\n'
    )
    told = [each.what for each in check(policy_of(text, source=tmp_path / "p.toml"))]
    assert [each for each in told if "speaks of" in each] == [
        "no rule and no limit speaks of `office`",
        "no rule and no limit speaks of `floor`",
        "no rule and no limit speaks of `d`",
    ]
