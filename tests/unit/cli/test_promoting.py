"""`shadow promote`, `shadow demote`: into force and back, and what is refused."""

from __future__ import annotations

import json
import shlex
import time
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.loading import load
from fastagi.policy.model import Then
from tests.unit.cli.test_shadow import a_call, try_a_rule, write
from tests.unit.cli.test_testing import SEQUENCE

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

CASE = """\
[[case]]
name = "a mobile in the morning"
call = { from = "101", dial = "907400123456", at = "2026-03-02T10:00:00" }
expect = { verdict = "allow", rule = "at-home" }
"""
WATCH = """
[[watch]]
name   = "guessed"
sign   = "guessing"
then   = ["step-up"]
shadow = true
"""


def test_a_rule_comes_into_force_and_back(dialguard: Dialguard) -> None:
    """It says how to undo it; that does it."""
    try_a_rule(dialguard)
    before = dialguard.policy.read_text()
    done = dialguard("shadow", "promote", str(dialguard.policy), "--rule", "tried", "--force")
    assert done.exit_code == 0, done.output
    assert "rule `tried` is in force now" in done.stdout
    assert load(dialguard.policy).rules[0].shadow is False
    undone = dialguard(*undo_of(done.stdout))
    assert undone.exit_code == 0
    assert "rule `tried` is in shadow now" in undone.stdout
    assert sorted(dialguard.policy.read_text().split()) == sorted(before.split())
    assert dialguard(*undo_of(undone.stdout)).exit_code == 0
    assert load(dialguard.policy).rules[0].shadow is False


def test_all_and_as_json(dialguard: Dialguard) -> None:
    """For programs."""
    try_a_rule(dialguard)
    words = ("shadow", "promote", str(dialguard.policy), "--all", "--json", "--force")
    found = json.loads(dialguard.on_settings(*words).stdout)
    assert found["changed"] == [{"part": "rule", "name": "tried"}]
    assert [(each["name"], each["enough"]) for each in found["shadows"]] == [("tried", False)]
    assert dialguard(*words).exit_code == 3
    back = ("shadow", "demote", str(dialguard.policy), "--limit", "two-at-a-time", "--json")
    found = json.loads(dialguard(*back).stdout)
    assert found["undo"].endswith("office.toml --limit two-at-a-time --force")


@pytest.mark.parametrize(
    "words",
    [
        ("promote",),
        ("promote", "--all", "--policy"),
        ("promote", "--rule", "tried", "--all"),
        ("demote",),
        ("demote", "--policy", "--rule", "tried"),
    ],
)
def test_what_is_meant_has_to_be_said(dialguard: Dialguard, words: tuple[str, ...]) -> None:
    """Nothing is guessed."""
    command, *rest = words
    done = dialguard("shadow", command, str(dialguard.policy), *rest)
    assert (done.exit_code, "say what: `--rule NAME`" in done.stderr) == (1, True)


def test_a_whole_policy_takes_the_place(dialguard: Dialguard) -> None:
    """The one before is kept; where there is none beside, that is said."""
    words = ("shadow", "promote", str(dialguard.policy), "--policy", "--force")
    done = dialguard(*words)
    assert done.exit_code == 3
    assert "there is no `office.shadow.toml` beside it" in done.stderr
    old = dialguard.policy.read_text()
    beside = dialguard.policy.with_name("office.shadow.toml")
    for flag in ((), ("--json",)):
        beside.write_text(old.replace("calls = 2", "calls = 1"))
        done = dialguard(*words, *flag)
        assert done.exit_code == 0, done.output
        assert load(dialguard.policy).limits[0].calls == 1
        assert "office.toml.before-promotion" in done.stdout
    assert done.exit_code == 0


def undo_of(said: str) -> list[str]:
    """Return the words that are said to undo it, but for the program's name."""
    return shlex.split(said.partition("to undo it: dialguard ")[2])


def test_a_whole_policy_goes_back_as_it_is_said(dialguard: Dialguard) -> None:
    """With its cases, which would refuse the one before; and nothing is lost."""
    beside = dialguard.policy.with_name("office.shadow.toml")
    beside.write_text(dialguard.policy.read_text().replace('"mobile", ', ""))
    own, cases = (dialguard.folder / f"office.{each}toml" for each in ("shadow.cases.", "cases."))
    cases.write_text(CASE)
    own.write_text(CASE.replace('"allow", rule = "at-home"', '"deny", rule = "none"'))
    before = {each: each.read_text() for each in (dialguard.policy, beside, own, cases)}
    done = dialguard("shadow", "promote", str(dialguard.policy), "--policy", "--force")
    assert "`office.shadow.toml` is now `office.toml`; the old one is kept as" in done.stdout
    assert dialguard("check", str(dialguard.policy)).exit_code == 0
    done = dialguard(*undo_of(done.stdout))
    assert done.exit_code == 0, done.output
    assert "what was promoted is now `office.shadow.toml`" in done.stdout
    assert {each: each.read_text() for each in before} == before
    assert dialguard("check", str(dialguard.policy)).exit_code == 0
    assert dialguard(*undo_of(done.stdout)).exit_code == 0
    words = ("shadow", "demote", str(dialguard.policy), "--policy", "--json")
    told = json.loads(dialguard(*words).stdout)
    assert (told["shadow"], told["beside"]) == (True, str(beside))
    assert dialguard(*words).exit_code == 3


def test_what_too_little_is_known_of_is_not_put_in_force(dialguard: Dialguard) -> None:
    """It says what it would have done so far, and how to see more; `--force` does it."""
    try_a_rule(dialguard)
    hit = a_call(dialguard, shadows=(("tried", Then.DENY),))
    write(dialguard, hit, hit, hit)
    text = dialguard.policy.read_text()
    words = ("shadow", "promote", str(dialguard.policy), "--rule", "tried")
    done = dialguard.on_settings(*words)
    assert done.exit_code == 1
    assert "rule `tried`: for 0.0 days, 3 calls: 3 would have been refused" in done.stdout
    assert "not enough to promote it: it was seen for 0.0 days" in done.stderr
    assert "too little is known of rule `tried`; nothing is changed" in done.stderr
    assert f"`dialguard shadow {dialguard.policy}`" in done.stderr
    assert dialguard.policy.read_text() == text
    quiet = dialguard.on_settings(*words, "--json")
    assert (quiet.exit_code, quiet.stdout) == (1, "")
    done = dialguard.on_settings(*words, "--force")
    assert done.exit_code == 0
    assert "3 would have been refused" in done.stdout


def test_of_a_policy_the_difference_can_be_seen(dialguard: Dialguard) -> None:
    """Three calls are no quarter."""
    beside = dialguard.policy.with_name("office.shadow.toml")
    beside.write_text(dialguard.policy.read_text().replace('"mobile", ', ""))
    done = dialguard.on_settings("shadow", "promote", str(dialguard.policy), "--policy")
    assert done.exit_code == 1
    assert f"`dialguard diff {dialguard.policy} {beside}`" in done.stderr
    assert beside.exists()


def test_what_is_known_well_is_put_in_force(dialguard: Dialguard) -> None:
    """Two weeks of calls, and nothing has to be forced."""
    try_a_rule(dialguard)
    now = time.time()
    write(dialguard, *(a_call(dialguard, at=now - days * 86_400) for days in (15, 0.1)))
    done = dialguard.on_settings("shadow", "promote", str(dialguard.policy), "--all")
    assert done.exit_code == 0, done.output
    assert "2 calls: none differs" in done.stdout
    assert "enough to promote it" in done.stdout


def test_where_no_record_can_be_read_that_is_said(dialguard: Dialguard) -> None:
    """Broken settings are no reason to force it unknowing, nor to be stuck."""
    try_a_rule(dialguard)
    dialguard.settings.write_text("?")
    words = ("shadow", "promote", str(dialguard.policy), "--rule", "tried")
    done = dialguard.on_settings(*words)
    assert done.exit_code == 1
    assert "what it would have done is not known" in done.stderr
    assert "nothing is changed; say `--log FILE`, or `--force`" in done.stderr
    (dialguard.folder / "log").mkdir()
    done = dialguard(*words, "--log", str(dialguard.folder / "log"), "--force")
    assert done.exit_code == 0
    assert "is not known" in done.stderr


def test_a_watch_has_a_trial_of_its_own(dialguard: Dialguard) -> None:
    """No record of calls tells of it; nothing has to be forced."""
    dialguard.policy.write_text(dialguard.policy.read_text() + WATCH)
    done = dialguard("shadow", "promote", str(dialguard.policy), "--watch", "guessed")
    assert done.exit_code == 0, done.output
    assert "watch `guessed` is in force now" in done.stdout


def test_a_sequence_that_fails_is_refused_as_a_case_is(dialguard: Dialguard) -> None:
    """The service would not come up on it."""
    beside = dialguard.policy.with_name("office.shadow.toml")
    text = dialguard.policy.read_text()
    beside.write_text(text.replace("calls = 2", "calls = 1"))
    cases = dialguard.policy.with_name("office.cases.toml")
    cases.write_text(SEQUENCE)
    place = str(dialguard.policy)
    for words in (
        ("promote", place, "--policy", "--force"),
        ("demote", place, "--limit", "two-at-a-time"),
    ):
        done = dialguard("shadow", *words)
        assert (done.exit_code, "office.cases.toml:" in done.stderr) == (3, True)
        assert dialguard.policy.read_text() == text
    dialguard.policy.write_text(text.replace("calls = 2", "calls = 1\nshadow = true"))
    done = dialguard("shadow", "promote", place, "--limit", "two-at-a-time", "--force")
    assert done.exit_code == 3
    dialguard.policy.write_text(text.replace("calls = 2", "calls = 1"))
    kept = dialguard.policy.with_name("office.toml.before-promotion")
    kept.write_text(text.replace("calls = 2", "calls = 3"))
    kept.with_name("office.cases.toml.before-promotion").write_text(SEQUENCE)
    beside.unlink()
    assert dialguard("shadow", "demote", place, "--policy").exit_code == 3
    assert kept.exists()
