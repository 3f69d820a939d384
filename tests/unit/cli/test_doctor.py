"""`dialguard doctor`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.unit.cli.test_handset import Service

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Dialguard


def test_what_fails_is_status_1_and_says_what_to_do(dialguard: Dialguard) -> None:
    """Nobody answers at the port."""
    done = dialguard.on_settings("doctor", "--asterisk", str(dialguard.folder / "nowhere"))
    assert done.exit_code == 1
    assert "FAIL  nobody answers at `127.0.0.1:1`" in done.stdout
    assert "systemctl status dialguard" in done.stdout


def test_warnings_are_status_0(dialguard: Dialguard) -> None:
    """The rest can wait for the morning."""
    service = Service(b"NOOP\n")
    host, port = service.address
    text = dialguard.settings.read_text().replace("127.0.0.1:1", f"{host}:{port}")
    dialguard.settings.write_text(text)
    done = dialguard.on_settings("doctor", "--asterisk", "/nowhere", "--json")
    service.end()
    assert done.exit_code == 0, done.output
    marks = {each["mark"] for each in json.loads(done.stdout)}
    assert marks == {"OK", "WARN"}


def test_a_broken_policy_is_looked_over(dialguard: Dialguard) -> None:
    """The other checks go on."""
    dialguard.policy.write_text("[site]\n")
    done = dialguard.on_settings("doctor", "--asterisk", "/nowhere", "--json")
    assert done.exit_code == 1
    assert any("store" in each["what"] for each in json.loads(done.stdout))
