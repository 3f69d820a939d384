"""`dialguard explain`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard

ROME = "900390612345678"
HOME = "902079460000"


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
