"""Last of all: no PIN, code or secret of the whole run stands in anything that was written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.e2e.rig.phone import Key, Step, Wait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd

LONG_ENOUGH = 6
"""Digits: a shorter PIN stands in every log by chance; the tests that look at PINs use eight."""

MEDIA = re.compile(rb"Event: RTCP(?:Sent|Received)\r\n.*?\r\n\r\n", re.DOTALL)
"""Counters of RTP in the AMI stream: random numbers, six digits long."""


def test_no_secret_is_written_anywhere(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    service: Service,
    evidence: Evidence,
) -> None:
    """Logs, databases, CDRs, AMI events and the console, of Asterisk and of dialguard."""
    known = service.enrol("101", "83926154")
    keys: list[Step] = [Wait(0.5), Key(f"{known.pin}#"), Wait(0.3), Key(f"{known.code()}#")]
    assert phone("101").dial("900390612345678", *keys, talk_s=2).answered
    asterisk.wait_idle()
    evidence.keep(service)
    secrets = {each for each in evidence.secrets if len(each) >= LONG_ENOUGH}
    assert len(secrets) > 3
    wanted = re.compile(
        rb"(?<![0-9A-Za-z.])(?:"
        + b"|".join(each.encode() for each in secrets)
        + rb")(?![0-9A-Za-z])"
    )
    looked_at = list(_written(asterisk.home, evidence.folders))
    assert len(looked_at) > 8
    found = [
        f"{file}: {match[0].decode()}"
        for file in looked_at
        for match in wanted.finditer(MEDIA.sub(b"", file.read_bytes()))
    ]
    assert found == []


def _written(home: Path, folders: list[Path]) -> Iterator[Path]:
    for folder in (home / "log", home / "db", home / "spool", *folders):
        yield from (file for file in folder.rglob("*") if file.is_file())
