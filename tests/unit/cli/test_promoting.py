"""`shadow promote`, `shadow demote`: into force and back, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fastagi.policy.loading import load
from tests.unit.cli.test_shadow import try_a_rule

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def test_a_rule_comes_into_force_and_back(dialguard: Dialguard) -> None:
    """It says how to undo it; that does it."""
    try_a_rule(dialguard)
    before = dialguard.policy.read_text()
    done = dialguard("shadow", "promote", str(dialguard.policy), "--rule", "tried")
    assert done.exit_code == 0, done.output
    assert "rule `tried` is in force now" in done.stdout
    assert load(dialguard.policy).rules[0].shadow is False
    undo = done.stdout.partition("to undo it: dialguard ")[2].split()
    assert dialguard(*undo).exit_code == 0
    assert sorted(dialguard.policy.read_text().split()) == sorted(before.split())


def test_all_and_as_json(dialguard: Dialguard) -> None:
    """For programs."""
    try_a_rule(dialguard)
    words = ("shadow", "promote", str(dialguard.policy), "--all", "--json")
    found = json.loads(dialguard(*words).stdout)
    assert found["changed"] == [{"part": "rule", "name": "tried"}]
    assert dialguard(*words).exit_code == 3
    back = ("shadow", "demote", str(dialguard.policy), "--limit", "two-at-a-time", "--json")
    found = json.loads(dialguard(*back).stdout)
    assert found["undo"].endswith("office.toml --limit two-at-a-time")


@pytest.mark.parametrize(
    "words",
    [
        ("promote",),
        ("promote", "--all", "--policy"),
        ("promote", "--rule", "tried", "--all"),
        ("demote",),
    ],
)
def test_what_is_meant_has_to_be_said(dialguard: Dialguard, words: tuple[str, ...]) -> None:
    """Nothing is guessed."""
    command, *rest = words
    done = dialguard("shadow", command, str(dialguard.policy), *rest)
    assert (done.exit_code, "say what: `--rule NAME`" in done.stderr) == (1, True)


def test_a_whole_policy_takes_the_place(dialguard: Dialguard) -> None:
    """The one before is kept; where there is none beside, that is said."""
    words = ("shadow", "promote", str(dialguard.policy), "--policy")
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
