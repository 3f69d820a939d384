"""A call is refused, the policy changes, and its reference still tells the reasons of then."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.integration.running import NATIONAL, POLICY, SATELLITE, Service, dialguard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LISTED = POLICY.replace(
    "[[rule]]",
    '[lists]\nfraud = "fraud.csv"\n\n[[rule]]\nname = "listed"\nto = ["list:fraud"]\n'
    'then = "deny"\n\n[[rule]]',
    1,
)


def _references(folder: Path) -> list[str]:
    lines = (folder / "decisions.jsonl").read_text().splitlines()
    return [str(json.loads(each)["reference"]) for each in lines]


def _explained(folder: Path, reference: str) -> dict[str, object]:
    done = dialguard(folder, "explain", "--reference", reference, "--json")
    assert done.stdout, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_refused_call_is_explained_by_the_policy_of_then(
    start: Callable[..., Service],
) -> None:
    """The list it was on is gone, the rule too; two workers kept it once."""
    service = start(policy=POLICY, workers=2).ready(2)
    folder = service.folder
    service.wait_for("policy-version-kept")
    (folder / "fraud.csv").write_text("+442079460000\n")
    (folder / "policy.toml").write_text(LISTED)
    service.wait_for("policy-version-kept", times=2)
    service.wait_for("policy-reloaded", times=2)
    assert service.verdict("101", NATIONAL) == ("DENY", "rule")
    assert service.verdict("101", SATELLITE) == ("DENY", "rule")
    (folder / "policy.toml").write_text(POLICY)
    service.wait_for("policy-version-kept", times=3)
    service.wait_for("policy-reloaded", times=4)
    (folder / "fraud.csv").unlink()
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    service.stop()
    listed, satellite, allowed = _references(folder)
    told = _explained(folder, listed)
    assert (told["agrees"], told["note"]) == (True, None)
    line, explanation = told["decision"], told["explanation"]
    assert isinstance(line, dict)
    assert isinstance(explanation, dict)
    assert line["number"] == explanation["number"] == "+44207946xxxx"
    assert explanation["summary"] == "denied by rule `listed`"
    assert explanation["rules"][0]["why"] == "fits by `list:fraud`; says `deny`"
    assert _explained(folder, satellite)["agrees"] is True
    last = _explained(folder, allowed)
    assert last["agrees"] is True
    assert "listed" not in str(last["explanation"])
    versions = json.loads(dialguard(folder, "versions", "--json").stdout)
    assert len(versions) == 3
    assert len({each["version"] for each in versions}) == 2


def test_a_folder_that_cannot_be_written_stops_no_call(
    start: Callable[..., Service], tmp_path: Path
) -> None:
    """It is told, and the policy is in force all the same."""
    (tmp_path / "versions").touch()
    service = start().ready()
    service.wait_for("policy-version-not-kept")
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
