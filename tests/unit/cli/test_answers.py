"""`dialguard who-can` and `what-can`: answers in words, and for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.policy.samples import SITE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cli.conftest import Dialguard

RULES = """
[[rule]]
name = "abroad"
from = ["staff"]
to = ["country:JM"]
when = "office"
then = "pin"
[[limit]]
name = "two"
per = "extension"
calls = 2
"""


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A policy that lets staff call Jamaica in office hours."""
    file = tmp_path / "p.toml"
    file.write_text(f"{SITE}\n{RULES}")
    return file


def test_who_can_call_is_said_in_words(dialguard: Dialguard, policy: Path) -> None:
    """Who, where, when, how, within what."""
    done = dialguard("who-can", str(policy), "--to", "+18765551234")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0].startswith("PIN       `staff` (10X) → ")
    assert [each.strip() for each in lines[1:4]] == [
        "when `office` (Mon-Fri 08:00-18:30)",
        "after PIN, by rule `abroad`",
        "for 4h at most, under `two`",
    ]
    assert "DENY      `lobby` (2XX) → " in done.stdout


def test_programs_get_it_all(dialguard: Dialguard, policy: Path) -> None:
    """At one moment."""
    done = dialguard("who-can", str(policy), "--to", "+1876*", "--at", "Sat 03:00", "--json")
    found = json.loads(done.stdout)
    assert {each["verdict"] for each in found} == {"deny"}
    done = dialguard(
        "who-can", str(policy), "--to", "+1876*", "--at", "2026-03-02T10:00", "--json"
    )
    first = json.loads(done.stdout)[0]
    assert (first["verdict"], first["rule"], first["asks"]) == ("challenge", "abroad", ["pin"])
    assert first["callers"] == [{"class": "staff", "example": "100", "in_words": "`staff` (10X)"}]
    assert first["limits"] == ["two"]
    assert first["price_per_minute"] is None
    assert first["count"] > 1000
    assert first["example"].startswith("+1876")


def test_what_a_phone_can_call_is_said(dialguard: Dialguard, policy: Path) -> None:
    """As of a moment."""
    done = dialguard("what-can", str(policy), "101", "--at", "2026-03-02T10:00")
    assert done.exit_code == 0, done.output
    assert "PIN       ordinary numbers of Jamaica\n" in done.stdout
    assert "ALLOW     emergency numbers\n" in done.stdout
    done = dialguard("what-can", str(policy), "101", "--signed-in", "--json")
    assert {each["verdict"] for each in json.loads(done.stdout)} >= {"allow", "deny"}


@pytest.mark.parametrize(
    ("to", "what", "status"),
    [
        ("premum", "did you mean `premium`?", 1),
        ("+999…", "no number is there", 0),
    ],
)
def test_what_is_nowhere_is_said(
    dialguard: Dialguard, policy: Path, to: str, what: str, status: int
) -> None:
    """A mistyped word, and a prefix of nobody."""
    done = dialguard("who-can", str(policy), "--to", to)
    assert done.exit_code == status
    assert what in done.output


def test_a_moment_that_is_none_is_refused(dialguard: Dialguard, policy: Path) -> None:
    """So is a policy that is invalid: with status 3."""
    for at in ("Sat 25:00", "noon", "2026-01-05T10:10Z"):
        done = dialguard("what-can", str(policy), "101", "--at", at)
        assert done.exit_code == 1
        assert "is no time of the site" in done.output
    policy.write_text("nonsense")
    assert dialguard("what-can", str(policy), "101").exit_code == 3
