"""`test`: what cases and sequences come to, what they reach, and what they would miss."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from fastagi.cli import testing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.unit.cli.conftest import Dialguard

CASES = """\
[[case]]
name   = "Rome asks for both"
call   = { from = "101", dial = "900390612345678", at = "2026-01-05T10:10:00" }
expect = { verdict = "pin+totp", rule = "abroad" }
"""
SEQUENCE = """\
[[sequence]]
name  = "two at a time"
start = "2026-01-05T10:00:00"
call  = { from = "101", dial = "902079460000", talks = "5m" }
step  = [
  { call = {}, times = 2, expect = { verdict = "allow", rule = "at-home" } },
  { call = {}, expect = { rule = "two-at-a-time" } },
]
"""
PREMIUM = """\
[[case]]
name   = "premium"
call   = { from = "101", dial = "909098790000", at = "2026-01-05T10:10:00" }
expect = { verdict = "deny", rule = "pays-the-caller" }
"""
AT_NIGHT = """\
[[case]]
name   = "London at night"
call   = { from = "101", dial = "902079460000", at = "2026-01-05T23:10:00" }
expect = { verdict = "deny", rule = "none" }
"""


FROM_ABROAD = """\
[[case]]
name   = "premium abroad, which is abroad as well"
call   = { from = "101", dial = "900376912345", at = "2026-01-05T10:10:00" }
expect = { verdict = "deny", rule = "pays-the-caller" }
"""
EACH_WORD = """\
[[case]]
name   = "a satellite phone"
call   = { from = "101", dial = "900881612345678", at = "2026-01-05T10:10:00" }
expect = { verdict = "deny", rule = "pays-the-caller" }
[[case]]
name   = "a mobile"
call   = { from = "101", dial = "907400123456", at = "2026-01-05T10:10:00" }
expect = { verdict = "allow", rule = "at-home" }
[[case]]
name   = "a free number"
call   = { from = "101", dial = "908001111111", at = "2026-01-05T10:10:00" }
expect = { verdict = "allow", rule = "at-home" }
"""


def _write(dialguard: Dialguard, *texts: str) -> Path:
    beside = dialguard.folder / "office.cases.toml"
    beside.write_text("".join(texts))
    return beside


def test_cases_that_hold_pass(dialguard: Dialguard) -> None:
    """Rules that no case reaches are named."""
    (dialguard.folder / "office.cases.toml").write_text(CASES)
    done = dialguard("test", str(dialguard.policy))
    assert done.exit_code == 0, done.output
    assert "PASS  Rome asks for both" in done.stdout
    assert "no case reaches rule `at-home`" in done.stderr
    told = json.loads(dialguard("test", str(dialguard.policy), "--json").stdout)
    assert told[0]["cases"][0]["passed"]


def test_a_case_that_does_not_hold_is_status_1(dialguard: Dialguard) -> None:
    """With its place, and what came instead."""
    (dialguard.folder / "office.cases.toml").write_text(
        CASES.replace('verdict = "pin+totp"', 'verdict = "allow"')
    )
    done = dialguard("test", str(dialguard.policy))
    assert done.exit_code == 1
    assert "FAIL  Rome asks for both" in done.stdout
    assert "office.cases.toml:1: " in done.stdout.replace("\n", "")


def test_what_fails_is_shown_again_at_the_end(dialguard: Dialguard) -> None:
    """Of many cases it has scrolled away."""
    wrong = CASES.replace('verdict = "pin+totp"', 'verdict = "allow"')
    right = CASES.replace("asks for both", "asks for PIN and code")
    (dialguard.folder / "office.cases.toml").write_text(wrong + right)
    told = dialguard("test", str(dialguard.policy)).stdout
    assert told.index("1 of 2 cases pass") < told.rindex("FAIL  Rome asks for both")
    assert told.count("FAIL  ") == 2


def test_a_policy_without_cases_is_told_where_to_write_them(dialguard: Dialguard) -> None:
    """With status 1: nothing was tried."""
    done = dialguard("test", str(dialguard.policy))
    assert done.exit_code == 1
    assert "has no cases: write `office.cases.toml` beside it" in done.stderr


def test_sequences_are_tried_as_cases_are(dialguard: Dialguard) -> None:
    """And counted beside them."""
    _write(dialguard, CASES, SEQUENCE)
    done = dialguard("test", str(dialguard.policy))
    assert done.exit_code == 0, done.output
    assert "PASS  two at a time" in done.stdout
    assert "1 of 1 cases and 1 of 1 sequences pass" in done.stdout
    assert "no case reaches rule `pays-the-caller`" in done.stderr
    assert "two-at-a-time" not in done.stderr


def test_of_a_sequence_that_fails_the_story_is_shown(dialguard: Dialguard) -> None:
    """What happened up to there, and the line of the step."""
    beside = _write(dialguard, SEQUENCE.replace("two-at-a-time", "at-home"))
    done = dialguard("test", str(dialguard.policy))
    assert done.exit_code == 1
    told = done.stdout
    assert "      10:00:00  `101` calls `902079460000`: allow by `at-home` (allowed)" in told
    why = "step 2 (at 10:00:00): rule is `two-at-a-time`, not `at-home`"
    assert f"      {beside}:7: {why}" in told
    assert told.count("FAIL  two at a time") == 2
    (found,) = json.loads(dialguard("test", str(dialguard.policy), "--json").stdout)
    (sequence,) = found["sequences"]
    assert (sequence["passed"], sequence["line"], sequence["why"]) == (False, 7, why)
    assert len(sequence["story"]) == 3


def test_what_nothing_reaches_is_named_and_may_be_a_failure(dialguard: Dialguard) -> None:
    """Rules and limits alike."""
    _write(dialguard, CASES)
    policy = str(dialguard.policy)
    done = dialguard("test", policy, "--fail-uncovered")
    assert done.exit_code == 1
    assert "no case reaches limit `two-at-a-time`" in done.stderr
    (found,) = json.loads(dialguard("test", policy, "--json").stdout)
    assert found["unreached_rules"] == ["pays-the-caller", "at-home"]
    assert [each["part"] for each in found["unreached"]] == ["rule", "rule", "limit"]
    assert all(each["line"] for each in found["unreached"])
    _write(dialguard, CASES, SEQUENCE, PREMIUM)
    assert dialguard("test", policy, "--fail-uncovered").exit_code == 0


def test_what_can_be_deleted_and_nobody_notices_is_status_1(dialguard: Dialguard) -> None:
    """With its line, and a case that would notice."""
    _write(dialguard, CASES, PREMIUM, AT_NIGHT)
    policy = str(dialguard.policy)
    done = dialguard("test", policy, "--mutate")
    assert done.exit_code == 1
    line = dialguard.policy.read_text().splitlines().index('name  = "two-at-a-time"')
    assert f"{policy}:{line}: delete limit `two-at-a-time`, and no case notices" in done.stderr
    assert 'expect = { verdict = "deny", rule = "two-at-a-time" }' in done.stderr
    assert "slips are noticed" in done.stdout
    (found,) = json.loads(dialguard("test", policy, "--mutate", "--json").stdout)
    mutation = found["mutation"]
    deleted = [each for each in mutation["survivors"] if each["is_deletion"]]
    assert [each["what"] for each in deleted] == [
        "delete rule `at-home`",
        "delete limit `two-at-a-time`",
    ]
    assert deleted[1]["case"].startswith("[[case]]")
    assert mutation["tried"] == (
        mutation["noticed"] + mutation["alike"] + len(mutation["survivors"])
    )


def test_a_slip_that_is_no_deletion_is_told_and_no_failure(dialguard: Dialguard) -> None:
    """It is a hint."""
    _write(dialguard, CASES, SEQUENCE, PREMIUM)
    done = dialguard("test", str(dialguard.policy), "--mutate")
    assert "leave `when` out in rule `at-home`, and no case notices" in done.stderr
    assert done.exit_code == 0, done.output
    _write(dialguard, CASES, SEQUENCE, PREMIUM, AT_NIGHT, FROM_ABROAD, EACH_WORD)
    quiet = dialguard("test", str(dialguard.policy), "--mutate")
    assert "no case notices" not in quiet.stderr


def test_a_rule_that_no_call_was_found_for_is_told_without_one(dialguard: Dialguard) -> None:
    """As it can be deleted all the same."""
    again = '\n[[rule]]\nname = "never"\nto = ["premium"]\nthen = "pin"\n'
    dialguard.policy.write_text(dialguard.policy.read_text() + again)
    _write(dialguard, CASES, SEQUENCE, PREMIUM, AT_NIGHT, FROM_ABROAD, EACH_WORD)
    done = dialguard("test", str(dialguard.policy), "--mutate")
    assert done.exit_code == 1
    assert "delete rule `never`, and no case notices" in done.stderr
    assert "this case would notice" not in done.stderr


def test_only_what_is_named_is_tried(dialguard: Dialguard) -> None:
    """By part of the name, or by a pattern; what is reached is not told then."""
    _write(dialguard, CASES, SEQUENCE, PREMIUM)
    policy = str(dialguard.policy)
    for only, tried in (
        ("rome", "1 of 1 cases pass"),
        ("two*", "0 of 0 cases and 1 of 1 sequences pass"),
        ("*m*", "2 of 2 cases and 1 of 1 sequences pass"),
    ):
        done = dialguard("test", policy, "--only", only)
        assert done.exit_code == 0, done.output
        assert tried in done.stdout
        assert "reaches" not in done.stderr


def test_a_name_of_nothing_is_status_1(dialguard: Dialguard) -> None:
    """Rather than nothing that passes."""
    _write(dialguard, CASES)
    done = dialguard("test", str(dialguard.policy), "--only", "Paris\x1b")
    assert done.exit_code == 1
    assert "no case and no sequence is named `Paris\\x1b`" in done.stderr


def test_what_wants_all_cases_takes_no_name(dialguard: Dialguard) -> None:
    """Of some, it would tell nonsense."""
    for option in ("--mutate", "--fail-uncovered"):
        done = dialguard("test", str(dialguard.policy), "--only", "x", option)
        assert done.exit_code == 1
        assert "leave `--only` out" in done.stderr


def test_a_name_reaches_no_terminal_that_acts_on_it(dialguard: Dialguard) -> None:
    """It is shown with escapes."""
    _write(dialguard, CASES.replace("Rome", "\\u001b[2JRome"))
    done = dialguard("test", str(dialguard.policy))
    assert "PASS  \\x1b[2JRome asks for both" in done.stdout


def test_an_invalid_policy_keeps_no_other_from_being_tried(dialguard: Dialguard) -> None:
    """The status says that there is one."""
    _write(dialguard, CASES)
    broken = dialguard.folder / "broken.toml"
    broken.write_text("x = \n")
    done = dialguard("test", str(broken), str(dialguard.policy))
    assert done.exit_code == 3
    assert f"{broken}:1: " in done.stderr
    assert "1 of 1 cases pass" in done.stdout
    told = json.loads(dialguard("test", str(broken), "--json").stdout)
    assert told[0]["problems"][0]["line"] == 1
    assert "cases" not in told[0]


def test_junit_says_what_ci_shows(dialguard: Dialguard) -> None:
    """A suite for each policy, a test for each case, sequence, and what is asked besides."""
    beside = _write(dialguard, CASES, SEQUENCE.replace("two-at-a-time", "at-home"))
    broken = dialguard.folder / "broken.toml"
    broken.write_text("x = \n")
    report = dialguard.folder / "report.xml"
    places = (str(dialguard.policy), str(broken))
    options = ("--junit", str(report), "--mutate", "--fail-uncovered")
    assert dialguard("test", *places, *options).exit_code == 3
    root = ET.fromstring(report.read_bytes())  # noqa: S314 - our own
    assert [each.get("name") for each in root] == ["office", "broken"]
    tests = {each.get("name"): each for each in root.iter("testcase")}
    failed = tests["two at a time"]
    assert (failed.get("file"), failed.get("line")) == (str(beside), "11")
    assert "10:00:00  `101` calls" in str(failed[0].text)
    assert list(tests["Rome asks for both"]) == []
    assert tests["rule `pays-the-caller`"].get("classname") == "office.coverage"
    deleted = tests["delete rule `pays-the-caller`"][0].get("message")
    assert deleted == "delete rule `pays-the-caller`, and no case notices"
    assert tests["can be tried"][0].tag == "error"


def test_junit_that_cannot_be_written_is_status_1(dialguard: Dialguard) -> None:
    """With why."""
    _write(dialguard, CASES)
    done = dialguard("test", str(dialguard.policy), "--junit", str(dialguard.folder))
    assert done.exit_code == 1
    assert "cannot be written: is a directory" in done.stderr


def test_while_it_watches_it_runs_on_all_that_it_hangs_on(dialguard: Dialguard) -> None:
    """The policy, its cases and its lists; whatever fails ends nothing."""
    (dialguard.folder / "bad.csv").write_text("+39\n")
    text = dialguard.policy.read_text().replace(
        "[[rule]]", '[lists]\nbad = "bad.csv"\n[[rule]]', 1
    )
    dialguard.policy.write_text(text)
    seen: list[Sequence[Path]] = []

    def twice(files: Sequence[Path], run: Callable[[], Sequence[Path]]) -> None:
        assert [each.name for each in files] == ["office.toml", "office.cases.toml"]
        seen.append(run())
        _write(dialguard, CASES)
        seen.append(run())

    with patch.object(testing, "rerun", twice):
        done = dialguard("test", str(dialguard.policy), "--watch")
    assert done.exit_code == 0
    assert "has no cases" in done.stderr
    assert "PASS  Rome asks for both" in done.stdout
    names = {each.name for each in seen[1]}
    assert names == {"office.toml", "office.cases.toml", "bad.csv"}


def test_of_a_folder_those_in_shadow_are_tried_too(dialguard: Dialguard) -> None:
    """With their own cases, if they have some; a broken one is no success."""
    folder = dialguard.folder / "policies"
    folder.mkdir()
    text = dialguard.policy.read_text()
    for name in ("office.toml", "office.shadow.toml"):
        (folder / name).write_text(text)
    (folder / "office.cases.toml").write_text(CASES)
    done = dialguard("test", str(folder))
    assert done.exit_code == 0, done.output
    assert "office.shadow.toml: valid, without cases of its own" in done.stdout
    assert len(json.loads(dialguard("test", str(folder), "--json").stdout)) == 2
    own = folder / "office.shadow.cases.toml"
    own.write_text(CASES.replace('"pin+totp"', '"deny"'))
    assert dialguard("test", str(folder)).exit_code == 1
    (folder / "office.shadow.toml").write_text("[site]")
    assert dialguard("test", str(folder)).exit_code == 3
