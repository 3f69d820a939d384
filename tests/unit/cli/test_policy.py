"""`check`, `explain`, `test` and `schema`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

ROME = "900390612345678"
HOME = "902079460000"

CASES = """\
[[case]]
name   = "Rome asks for both"
call   = { from = "101", dial = "900390612345678", at = "2026-01-05T10:10:00" }
expect = { verdict = "pin+totp", rule = "abroad" }
"""


def test_a_valid_policy_is_said_to_be(dialguard: Dialguard) -> None:
    """Status 0, also where something is odd."""
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 0, done.output
    assert f"{dialguard.policy}: valid" in done.stdout


def test_a_broken_policy_is_status_3_with_file_and_line(dialguard: Dialguard) -> None:
    """And what to write instead."""
    text = dialguard.policy.read_text().replace('then = "allow"', 'then = "alow"')
    dialguard.policy.write_text(text)
    line = text.splitlines().index('then = "alow"') + 1
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 3
    assert f"office.toml:{line}: " in done.stderr.replace("\n", "")
    for command in (
        ("explain", str(dialguard.policy), "101", ROME),
        ("test", str(dialguard.policy)),
    ):
        assert dialguard(*command).exit_code == 3


def test_what_this_version_cannot_do_is_status_3(dialguard: Dialguard) -> None:
    """`check` says no more than `serve` would hold."""
    more = '\n[[limit]]\nname = "a-day"\nper = "extension"\nspend = "20.00"\nwithin = "24h"\n'
    dialguard.policy.write_text(dialguard.policy.read_text() + more)
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 3
    assert "this version cannot do that" in done.stderr


def test_broken_cases_are_found_by_check(dialguard: Dialguard) -> None:
    """They lie beside the policy, and would stop a reload."""
    (dialguard.folder / "office.cases.toml").write_text("[[case]]\nnam = 1\n")
    assert dialguard("check", str(dialguard.policy)).exit_code == 3


def test_a_case_that_fails_is_status_3(dialguard: Dialguard) -> None:
    """With its file and line: the service would not start on the policy, nor reload it."""
    beside = dialguard.folder / "office.cases.toml"
    beside.write_text(f"\n{CASES}")
    assert dialguard("check", str(dialguard.policy)).exit_code == 0
    beside.write_text(f"\n{CASES}".replace('verdict = "pin+totp"', 'verdict = "allow"'))
    done = dialguard("check", str(dialguard.policy))
    assert done.exit_code == 3
    assert "valid" not in done.stdout
    told = done.stderr.replace("\n", "")
    assert f"{beside}:2: case `Rome asks for both` fails: verdict is `pin+totp`, not" in told
    found = json.loads(dialguard("check", str(dialguard.policy), "--json").stdout)
    assert len(found[0]["problems"]) == 1


def test_check_speaks_json(dialguard: Dialguard) -> None:
    """With problems and oddities apart."""
    done = dialguard("check", str(dialguard.policy), "--json")
    found = json.loads(done.stdout)
    assert found[0]["problems"] == []
    text = dialguard.policy.read_text().replace('then = "allow"', 'then = "alow"')
    dialguard.policy.write_text(text)
    (found,) = json.loads(dialguard("check", str(dialguard.policy), "--json").stdout)
    (problem,) = found["problems"]
    line = text.splitlines().index('then = "alow"') + 1
    assert (problem["file"], problem["line"]) == (str(dialguard.policy), line)
    assert "`alow`" in problem["what"]


@pytest.mark.parametrize(
    ("words", "verdict", "rule", "status"),
    [
        ((HOME, "--at", "2026-01-05T10:10"), "ALLOW", "at-home", 0),
        ((HOME, "--at", "2026-01-05 03:10"), "DENY", "none", 2),
        ((ROME, "--address", "10.0.0.5", "--transport", "tls"), "CHALLENGE", "abroad", 0),
        ((ROME, "--transferred"), "DENY", "abroad", 2),
        ((ROME, "--locked-out"), "DENY", "locked-out", 2),
        (("999",), "ALLOW", "emergency", 0),
    ],
)
def test_a_call_is_explained(
    dialguard: Dialguard, words: tuple[str, ...], verdict: str, rule: str, status: int
) -> None:
    """Status 2 where it is denied; a challenge is on its way to be allowed."""
    done = dialguard("explain", str(dialguard.policy), "101", *words)
    assert done.exit_code == status, done.output
    assert done.stdout.startswith(f"{verdict}\n")
    told = json.loads(dialguard("explain", str(dialguard.policy), "101", *words, "--json").stdout)
    assert told["rule"] == rule


def test_every_rule_is_shown_with_why(dialguard: Dialguard) -> None:
    """Also those that do not fit."""
    done = dialguard("explain", str(dialguard.policy), "101", ROME)
    for rule in ("pays-the-caller", "abroad", "at-home", "two-at-a-time"):
        assert rule in done.stdout
    assert "decides\tabroad\t" in done.stdout
    assert "+390612345678" in done.stdout


@pytest.mark.parametrize(
    ("dialled", "longest", "seconds"),
    [("102", "any time", 0), ("999", "any time", 0), (ROME, "4h at most", 14400)],
)
def test_how_long_a_call_may_last_is_what_the_service_would_say(
    dialguard: Dialguard, dialled: str, longest: str, seconds: int
) -> None:
    """Nothing bounds a call from desk to desk, nor one for help."""
    words = ("explain", str(dialguard.policy), "101", dialled)
    assert f"  for      {longest}\n" in dialguard(*words).stdout
    assert json.loads(dialguard(*words, "--json").stdout)["seconds"] == seconds


def test_a_policy_of_no_rule_denies(dialguard: Dialguard) -> None:
    """And there is nothing to list."""
    text = dialguard.policy.read_text()
    dialguard.policy.write_text(text[: text.index("[[rule]]")])
    done = dialguard("explain", str(dialguard.policy), "101", ROME)
    assert done.exit_code == 2, done.output
    assert "\t" not in done.stdout


def test_an_address_that_is_none_is_said(dialguard: Dialguard) -> None:
    """Status 1: nothing was explained."""
    done = dialguard("explain", str(dialguard.policy), "101", ROME, "--address", "phone")
    assert done.exit_code == 1
    assert "`phone` is no IP address" in done.stderr


def test_a_time_that_is_none_is_said(dialguard: Dialguard) -> None:
    """With one that is."""
    for text in ("yesterday", "2026-01-05T10:10+01:00"):
        done = dialguard("explain", str(dialguard.policy), "101", "999", "--at", text, typed="")
        assert done.exit_code != 0
        assert "2026-01-05T10:10" in done.output


def test_cases_alone_are_no_policy(dialguard: Dialguard) -> None:
    """Rather than nothing at all, which looks like success."""
    for command in ("check", "test"):
        done = dialguard(command, str(dialguard.folder / "office.cases.toml"))
        assert done.exit_code == 1
        assert "office.toml" in done.stderr.replace("\n", "")


def test_cases_go_with_their_policy(dialguard: Dialguard) -> None:
    """`policies/*.toml` names them, and a folder holds them, but they are no policies."""
    beside = dialguard.folder / "office.cases.toml"
    beside.write_text(CASES)
    dialguard.settings.unlink()
    for places in ((str(dialguard.policy), str(beside)), (str(dialguard.folder),)):
        done = dialguard("check", *places)
        assert done.exit_code == 0, done.output
        assert done.stdout == f"{dialguard.policy}: valid\n"
    empty = dialguard.folder / "empty"
    empty.mkdir()
    assert dialguard("test", str(empty)).exit_code == 3


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


def test_the_schema_is_json_schema(dialguard: Dialguard) -> None:
    """For editors."""
    assert json.loads(dialguard("schema").stdout)["$schema"].startswith("https://json-schema.org/")
