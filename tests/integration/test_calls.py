"""Calls through a real service: allowed, challenged, refused, counted."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyotp
import pytest

from fastagi.cli.pretend_asterisk import Call
from tests.integration.running import NATIONAL, ROME, SATELLITE, Service, dialguard

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PIN = "80911"
GZIP = b"\x1f\x8b"  # kept versions of the policy


def enrol(folder: Path, extension: str = "101") -> tuple[pyotp.TOTP, list[str]]:
    """Enrol an extension by the command; return its one-time codes and its recovery codes."""
    done = dialguard(folder, "phone", "add", extension, "--pin-stdin", "--uri", typed=f"{PIN}\n")
    assert done.returncode == 0, done.stderr
    uri = re.search(r"otpauth://\S+", done.stdout)
    assert uri is not None
    totp = pyotp.parse_uri(uri[0])
    assert isinstance(totp, pyotp.TOTP)
    return totp, re.findall(r"^  (\d{10})$", done.stdout, re.MULTILINE)


def code_in(totp: pyotp.TOTP, steps: int = 0) -> str:
    """Return the code of now, or of so many steps later."""
    return totp.generate_otp(totp.timecode(datetime.now(UTC)) + steps)


def test_a_national_call_passes_with_no_prompt(service: Service) -> None:
    """And the trunk is told exactly what was judged."""
    told = service.dial("101", NATIONAL)
    assert told["GUARD_VERDICT"] == "ALLOW"
    assert told["GUARD_NUMBER"] == "+442079460000"
    assert told["GUARD_RULE"] == "at-home"
    assert int(told["GUARD_SECONDS"]) > 0


def test_an_emergency_call_passes(service: Service) -> None:
    """From anybody, unbounded."""
    told = service.dial("nobody", "999")
    assert (told["GUARD_VERDICT"], told["GUARD_SECONDS"]) == ("ALLOW", "0")


def test_a_satellite_phone_is_refused_with_a_reference(service: Service) -> None:
    """The reference finds the decision, which is on record."""
    told = service.dial("101", SATELLITE)
    assert (told["GUARD_VERDICT"], told["GUARD_REASON"]) == ("DENY", "rule")
    assert told["GUARD_PROMPT"]
    found = dialguard(service.folder, "calls", "lookup", told["GUARD_REF"], "--json")
    assert json.loads(found.stdout)[0]["rule"] == "pays-the-caller"


def test_pin_and_code_open_the_way_abroad_once(service: Service) -> None:
    """By `dialguard call`, digits from stdin; the same code again is worth nothing."""
    totp, _ = enrol(service.folder)
    code = code_in(totp)
    keyed = f"{PIN}#\n{code}#\n"
    done = dialguard(service.folder, "call", "101", ROME, typed=keyed)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "personal identification number" in done.stdout
    assert "ALLOW" in done.stdout
    assert "+390612345678" in done.stdout
    again = dialguard(service.folder, "call", "101", ROME, typed=keyed)
    assert again.returncode == 2
    assert "DENY" in again.stdout


def test_a_recovery_code_stands_for_the_one_time_code_once(service: Service) -> None:
    """For whoever lost the telephone."""
    _, recovery = enrol(service.folder)
    assert len(recovery) == 10
    assert service.verdict("101", ROME, f"{PIN}#", f"{recovery[0]}#") == ("ALLOW", "allowed")
    assert service.verdict("101", ROME, f"{PIN}#", f"{recovery[0]}#")[0] == "DENY"


def test_wrong_codes_are_refused_and_lock_out(service: Service) -> None:
    """Three tries a call, five over all; the way out is a command."""
    totp, _ = enrol(service.folder)
    wrong = ["80912#", "000000#"] * 3
    assert service.verdict("101", ROME, *wrong) == ("DENY", "wrong-code")
    assert service.verdict("101", ROME, *wrong)[0] == "DENY"
    right = (f"{PIN}#", f"{code_in(totp)}#")
    assert service.verdict("101", ROME, *right) == ("DENY", "locked-out")
    listed = json.loads(dialguard(service.folder, "lockouts", "--json").stdout)
    assert [(each["kind"], each["name"]) for each in listed] == [("extension", "101")]
    cleared = dialguard(service.folder, "lockouts", "clear", "extension", "101")
    assert cleared.returncode == 0, cleared.stderr
    assert service.verdict("101", ROME, *right) == ("ALLOW", "allowed")


def test_silence_at_the_prompt_is_refused(service: Service) -> None:
    """Nothing is left taken."""
    enrol(service.folder)
    assert service.verdict("101", ROME) == ("DENY", "no-digits")
    assert json.loads(dialguard(service.folder, "calls", "--json").stdout) == []


def test_a_third_call_is_refused_until_one_is_over(service: Service) -> None:
    """Two at a time, whatever the numbers."""
    first = service.handset("101", NATIONAL)
    first.dial(Call(hear=lambda _: None, key=lambda _: ""))
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")
    assert service.verdict("101", NATIONAL) == ("DENY", "limit-reached")
    live = json.loads(dialguard(service.folder, "calls", "--json").stdout)
    assert [each["extension"] for each in live] == ["101", "101"]
    first.hang_up()
    assert service.verdict("101", NATIONAL) == ("ALLOW", "allowed")


@pytest.mark.parametrize("workers", [2])
def test_two_workers_count_together(start: Callable[..., Service], workers: int) -> None:
    """A limit is a limit, whichever worker answers."""
    service = start(workers=workers).ready(workers)
    verdicts = [service.verdict("101", NATIONAL)[0] for _ in range(6)]
    assert verdicts == ["ALLOW", "ALLOW", "DENY", "DENY", "DENY", "DENY"]


def test_no_secret_is_written_anywhere(service: Service) -> None:
    """PIN, codes and secret grep to nothing in log, record, store and settings."""
    totp, recovery = enrol(service.folder)
    code = code_in(totp)
    service.dial("101", ROME, f"{PIN}#", f"{code}#")
    service.dial("101", ROME, f"{PIN}#", f"{recovery[0]}#")
    service.stop()
    written = json.dumps(service.log).encode()
    for file in sorted(service.folder.rglob("*")):
        if file.is_file():
            packed = file.read_bytes()
            written += gzip.decompress(packed) if packed.startswith(GZIP) else packed
    for secret in (PIN, totp.secret, code, recovery[0]):
        assert secret.encode() not in written
