"""The brake of a real service: a trap springs; the command lists what is braked, and lifts it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tests.integration.running import NATIONAL, POLICY, ROME, dialguard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.integration.running import Service

TRAP = "900390698765432"
BRAKING = (
    POLICY.replace('then = "pin+totp"', 'then = "allow"').replace(
        "[[rule]]",
        '[[rule]]\nname = "trap"\nto = ["prefix:+390698"]\nthen = "deny"\nbrake = true\n[[rule]]',
        1,
    )
    + """
[[limit]]
name = "few"
per = "site"
to = ["international"]
attempts = 5
within = "1h"

[[limit]]
name = "many"
per = "extension"
to = ["national"]
attempts = 1
within = "1h"
then = "brake"
"""
)


def _brakes(folder: Path) -> list[dict[str, str]]:
    done = dialguard(folder, "brake", "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


def test_a_trap_brakes_and_the_command_lifts(start: Callable[..., Service]) -> None:
    """Of two workers, whichever is asked: at once, and until it is lifted."""
    service = start(policy=BRAKING, workers=2).ready(2)
    assert service.verdict("101", ROME) == ("ALLOW", "allowed")
    assert service.verdict("101", TRAP) == ("DENY", "rule")
    for _ in range(4):
        assert service.verdict("101", ROME) == ("DENY", "braked")
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    assert service.verdict("101", "102") == ("ALLOW", "internal")
    (brake,) = _brakes(service.folder)
    assert (brake["stage"], brake["name"], brake["cause"]) == ("extension", "101", "trap")
    told = service.wait_for("brake-on")
    assert told["reference"] == brake["reference"]
    looked = dialguard(service.folder, "calls", "lookup", brake["reference"])
    assert "trap" in looked.stdout
    lifted = dialguard(service.folder, "brake", "lift", "extension", "101")
    assert lifted.returncode == 0, lifted.stderr
    assert service.verdict("102", ROME) == ("ALLOW", "allowed")
    assert _brakes(service.folder) == []


def test_one_by_hand_holds_a_class_and_is_lifted(start: Callable[..., Service]) -> None:
    """The service need not be told."""
    service = start(policy=BRAKING).ready()
    put = dialguard(service.folder, "brake", "on", "class", "staff", "--for", "12h")
    assert re.match("the brake is on for class staff until ", put.stdout), put.stderr
    assert service.verdict("103", ROME) == ("DENY", "braked")
    assert dialguard(service.folder, "brake", "lift", "class", "staff").returncode == 0
    assert service.verdict("103", ROME) == ("ALLOW", "allowed")


def test_a_call_over_a_limit_brakes_what_costs(start: Callable[..., Service]) -> None:
    """The call at home goes on; a decision is one line of the log, with what it braked."""
    service = start(policy=BRAKING).ready()
    for _ in range(2):
        assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    assert service.verdict("101", ROME) == ("DENY", "braked")
    assert service.verdict("102", ROME) == ("ALLOW", "allowed")
    lines = (service.folder / "decisions.jsonl").read_text().splitlines()
    braked = [json.loads(each)["brakes"] for each in lines]
    assert braked[:2] == [[], [{"stage": "extension", "name": "101"}]]
