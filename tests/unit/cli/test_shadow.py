"""`shadow`: what would have been, and the way into force and back."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from fastagi.decision_log.record import Record, line
from fastagi.numbering.number import Category
from fastagi.policy.loading import load
from fastagi.policy.model import Reason, Then, Verdict
from fastagi.shadows import differences
from fastagi.shadows.differences import Difference, Kind, Tally

if TYPE_CHECKING:
    import pytest

    from tests.unit.cli.conftest import Dialguard

TRIED = """
[[rule]]
name   = "tried"  # at first
to     = ["mobile"]
then   = "deny"
shadow = true
"""
HOUR_S = 3600


def try_a_rule(dialguard: Dialguard) -> None:
    """Put a rule in shadow."""
    text = dialguard.policy.read_text()
    dialguard.policy.write_text(text.replace("[[rule]]", f"{TRIED}\n[[rule]]", 1))


def a_call(dialguard: Dialguard, **more: Any) -> Record:
    """Return a call of an hour ago that was let through."""
    given = Record(
        at=time.time() - HOUR_S,
        site="office",
        call="1.1",
        extension="101",
        verdict=Verdict.ALLOW,
        reason=Reason.ALLOWED,
        rule="at-home",
        reference="4071",
        number="+447400123456",
        category=Category.MOBILE,
        country="GB",
        policy=load(dialguard.policy).version,
    )
    return Record(**{**{each: getattr(given, each) for each in given.__slots__}, **more})


def write(dialguard: Dialguard, *records: Record) -> None:
    """Put calls on record."""
    with (dialguard.folder / "decisions.jsonl").open("a") as file:
        file.writelines(line(each, 4) for each in records)


def test_nothing_in_shadow_is_said(dialguard: Dialguard) -> None:
    """Of the policy of the settings, or of one that is named."""
    for words in ((), (str(dialguard.policy),), ("show",)):
        done = dialguard.on_settings("shadow", *words)
        assert done.exit_code == 0, done.output
        assert done.stdout == "office: nothing is in shadow\n"


def test_a_rule_is_summed_up(dialguard: Dialguard) -> None:
    """How many, whose, what they cost, which; and that it is too early."""
    try_a_rule(dialguard)
    hit = a_call(dialguard, shadows=(("tried", Then.DENY),), at=time.time() - 49 * HOUR_S)
    cost = a_call(dialguard, reason=Reason.SETTLED, cost=250_000, currency="GBP")
    write(dialguard, hit, a_call(dialguard), cost)
    done = dialguard.on_settings("shadow", "--since", "7d")
    assert done.exit_code == 0, done.output
    assert "office: rule `tried`: for 2.0 days, 2 calls: 1 would have been refused" in done.stdout
    assert "those that would have been refused cost 0.25 GBP" in done.stdout
    assert "extensions: 101 1" in done.stdout
    assert "\t4071\tallow by at-home, allowed\tdeny by tried\n" in done.stdout
    assert "not enough to promote it: it was seen for 2.0 days" in done.stderr
    assert "1 call: none differs" in dialguard.on_settings("shadow", "--since", "2d").stdout


def test_enough_is_said_too(dialguard: Dialguard) -> None:
    """Two weeks."""
    try_a_rule(dialguard)
    now = time.time()
    write(dialguard, *(a_call(dialguard, at=now - days * 86_400) for days in (15, 0.1)))
    done = dialguard.on_settings("shadow")
    assert "enough to promote it: 14 days or more, and every hour of a week" in done.stdout
    (found,) = json.loads(dialguard.on_settings("shadow", "--json").stdout)[0]["shadows"]
    assert (found["enough"], found["lacks"], found["judged"]) == (True, [], 2)


def test_a_policy_beside_is_summed_up(dialguard: Dialguard) -> None:
    """By its own record; what a file holds moves no cursor."""
    beside = dialguard.policy.with_name("office.shadow.toml")
    beside.write_text(dialguard.policy.read_text().replace("calls = 2", "calls = 1"))
    version, now = load(beside).version, time.time()
    live = a_call(dialguard, extension="\x1b[2J101", at=now - HOUR_S)
    shadow = a_call(dialguard, verdict=Verdict.DENY, policy=version, extension="\x1b[2J101")
    with (dialguard.folder / "shadow.jsonl").open("w") as file:
        file.write(differences.line(Difference(Kind.REFUSED, shadow, live), 4))
        tally = Tally("office", version, now - HOUR_S, now - 60, judged=12_031, dropped=700)
        file.write(differences.line(tally, 4))
    done = dialguard.on_settings("shadow", "--site", "office")
    assert "policy `office.shadow.toml`: for 0.0 days, 12,031 calls: 1 would" in done.stdout
    assert "700 calls were not judged" in done.stderr
    assert "\x1b" not in done.stdout
    named = dialguard.on_settings(
        *("shadow", "show", str(dialguard.policy)),
        *("--log", str(dialguard.folder / "decisions.jsonl"), "--json"),
    )
    (found,) = json.loads(named.stdout)[0]["shadows"]
    assert (found["part"], found["unjudged"], found["kinds"]) == ("policy", 700, {"refused": 1})
    assert datetime.fromtimestamp(found["since"], UTC).year >= 2026


def test_what_cannot_be_summed_up_is_said(dialguard: Dialguard) -> None:
    """An odd time, no such site, a record that cannot be read, a policy that is broken."""
    assert "--since" in dialguard.on_settings("shadow", "--since", "soon").stderr
    done = dialguard.on_settings("shadow", "--site", "hotel")
    assert "there is no site `hotel`; there is `office`" in done.stderr
    (dialguard.folder / "decisions.jsonl").mkdir()
    assert "cannot be read" in dialguard.on_settings("shadow").stderr
    beside = dialguard.policy.with_name("office.shadow.toml")
    beside.write_text("[site]")
    assert dialguard.on_settings("shadow").exit_code == 3
    beside.unlink()
    dialguard.policy.write_text("[site]")
    assert dialguard.on_settings("shadow", str(dialguard.policy)).exit_code == 3


def test_in_its_first_minute_it_says_so(dialguard: Dialguard) -> None:
    """Calls that differ are on record at once, and how many were judged once a minute."""
    beside = dialguard.policy.with_name("office.shadow.toml")
    beside.write_text(dialguard.policy.read_text().replace("calls = 2", "calls = 1"))
    live = a_call(dialguard)
    shadow = a_call(dialguard, verdict=Verdict.DENY, policy=load(beside).version)
    with (dialguard.folder / "shadow.jsonl").open("w") as file:
        file.write(differences.line(Difference(Kind.REFUSED, shadow, live), 4))
    done = dialguard.on_settings("shadow")
    assert "1 call: 1 would have been refused" in done.stdout
    assert "how many calls it judged is not written yet: that is once a minute" in done.stderr


def test_no_table_is_drawn_of_nothing(
    dialguard: Dialguard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a terminal an empty one would be drawn."""
    try_a_rule(dialguard)
    write(dialguard, a_call(dialguard))
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "reference" not in dialguard.on_settings("shadow").stdout
