"""A policy in shadow beside a real service: judged, summed up, promoted while it runs."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.integration.running import DEADLINE_S, NATIONAL, POLICY, ROME, dialguard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from tests.integration.running import Service

STRICT = POLICY.replace('then = "allow"', 'then = "deny"').replace("calls = 2", "calls = 1")


def _judged(folder: Path, count: int) -> dict[str, Any]:
    """Wait until so many calls were judged; return what the command says of the policy."""
    until = time.monotonic() + DEADLINE_S
    while True:
        done = dialguard(folder, "shadow", "--json")
        assert done.returncode == 0, done.stderr
        ((whole,),) = [each["shadows"] for each in json.loads(done.stdout)]
        assert isinstance(whole, dict)
        if sum(whole["kinds"].values()) >= count or time.monotonic() > until:
            return whole


def test_what_it_would_do_is_seen_and_then_it_does_it(start: Callable[..., Service]) -> None:
    """No call is refused by it before; every call is after."""
    service = start(workers=2).ready(2)
    beside = service.folder / "policy.shadow.toml"
    beside.write_text(STRICT)
    service.wait_for("shadow-reloaded", times=2)
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    assert service.verdict("101", "102") == ("ALLOW", "internal")
    assert service.verdict("101", ROME)[0] == "DENY"
    whole = _judged(service.folder, 2)
    assert (whole["part"], whole["name"]) == ("policy", "policy.shadow.toml")
    assert whole["kinds"] == {"refused": 2}
    assert whole["extensions"] == {"101": 2}
    reference = whole["examples"][0]["reference"]
    assert "at-home" in dialguard(service.folder, "calls", "lookup", reference).stdout
    calls = json.loads(dialguard(service.folder, "calls", "--json").stdout)
    assert [each["site"] for each in calls] == ["office", "office"]
    done = dialguard(service.folder, "shadow")
    assert "2 would have been refused" in done.stdout, done.stderr
    promoted = _promote(service.folder, "--policy", "--force")
    assert "the old one is kept as" in promoted
    service.wait_for("policy-reloaded", times=2)
    assert service.verdict("103", NATIONAL) == ("DENY", "rule")
    assert not beside.exists()
    service.stop()
    lines = (service.folder / "shadow.jsonl").read_text().splitlines()
    assert sum(json.loads(each).get("judged", 0) for each in lines) == 4


def test_one_that_is_broken_touches_nothing(start: Callable[..., Service]) -> None:
    """It is told, with file and line; the policy in force reloads as ever."""
    service = start().ready()
    beside = service.folder / "policy.shadow.toml"
    beside.write_text(STRICT.replace('name           = "office"', 'name = "hotel"'))
    told = service.wait_for("shadow-refused")
    assert "policy.shadow.toml:2" in str(told["where"])
    assert "site `hotel` is not `office`" in str(told["what"])
    policy = service.folder / "policy.toml"
    policy.write_text(STRICT)
    service.wait_for("policy-reloaded")
    assert service.verdict("101", NATIONAL) == ("DENY", "rule")
    assert not any(each["event"] == "policy-refused" for each in service.log)


def test_a_rule_in_shadow_is_promoted_while_it_runs(start: Callable[..., Service]) -> None:
    """The decision log says what it would have done; from the reload on it does it."""
    tried = POLICY.replace(
        "[[rule]]",
        '[[rule]]\nname = "tried"\nshadow = true\nto = ["national"]\nthen = "deny"\n\n[[rule]]',
        1,
    )
    service = start(policy=tried).ready()
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    done = dialguard(service.folder, "shadow")
    assert "rule `tried`: for 0.0 days, 1 call: 1 would have been refused" in done.stdout
    assert "not enough to promote it" in done.stderr
    assert "is in force now" in _promote(service.folder, "--rule", "tried", "--force")
    service.wait_for("policy-reloaded")
    assert service.verdict("101", NATIONAL) == ("DENY", "rule")


def _promote(folder: Path, *what: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "fastagi", "shadow", "promote", str(folder / "policy.toml"), *what],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
