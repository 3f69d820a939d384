"""Last of all: no PIN, code or secret of the whole run stands in anything that was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import apsw

from tests.e2e.rig.hunt import found
from tests.e2e.rig.phone import Key, Step, Wait

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.conftest import Evidence
    from tests.e2e.rig.asterisk import Asterisk
    from tests.e2e.rig.phone import Phone
    from tests.e2e.rig.service import Service
    from tests.e2e.rig.trunk import FarEnd


def test_no_secret_is_written_anywhere(
    phone: Callable[[str], Phone],
    asterisk: Asterisk,
    trunk: FarEnd,
    service: Service,
    evidence: Evidence,
) -> None:
    """Logs, databases, CDRs, AMI events and the console, of Asterisk and of dialguard.

    Each of them tells of the call, so each is what it claims to be.
    """
    known = service.enrol("101", "83926154")
    keys: list[Step] = [Wait(0.5), Key(f"{known.pin}#"), Wait(0.3), Key(f"{known.code()}#")]
    assert phone("101").dial("900390612345678", *keys, talk_s=2).answered
    asterisk.wait_idle()
    evidence.keep(service)
    tell = {
        asterisk.home / "log/full": b"+390612345678",
        asterisk.home / "log/console": b"+390612345678",
        asterisk.home / "log/ami-events": b"+390612345678",
        asterisk.home / "log/cdr-csv/Master.csv": b"900390612345678",
        service.folder / "decisions.jsonl": b'"rule":"abroad"',
        service.folder / "service.log": b"worker-ready",
        service.folder / "store/dialguard.db-wal": b"101",
    }
    for file, said in tell.items():
        assert said in file.read_bytes(), file
    assert {known.pin, known.secret, *known.recovery, *known.shown} <= evidence.secrets
    assert evidence.hunt(asterisk) == []


def test_digits_are_no_ami_event_where_nobody_asks_for_them(
    phone: Callable[[str], Phone], asterisk: Asterisk, trunk: FarEnd, service: Service
) -> None:
    """A manager without the right to `dtmf`, as the documents have it, is told none."""
    known = service.enrol("102", "59038271")
    phone("102").dial("907400123456", Wait(0.5), Key(f"{known.pin}#"), talk_s=2)
    asterisk.wait_idle()
    assert trunk.calls == ["+447400123456"]
    all_rights, usual_rights = (
        (asterisk.home / "log" / name).read_bytes() for name in ("ami-events", "ami-usual")
    )
    assert b"Event: DTMFBegin" in all_rights
    assert b"Event: Newchannel" in usual_rights
    assert b"Event: DTMF" not in usual_rights  # SendDTMF() is a step of other tests' dialplans


def test_the_hunt_finds_what_is_there(tmp_path: Path) -> None:
    """A PIN in a database, a code in a log, a secret in the middle of a line."""
    database = tmp_path / "plain.db"
    with apsw.Connection(str(database)) as db:
        db.execute("CREATE TABLE enrolment (site, extension, pin)")
        db.execute("INSERT INTO enrolment VALUES ('office', '101', '83926154')")
    db.close()
    log = tmp_path / "log"
    log.write_text("keyed=123456 of 99123456 and xJBSWY3DPEHPK3PXPx\n")
    secrets = {"83926154", "123456", "JBSWY3DPEHPK3PXP", "4711"}
    assert set(found(secrets, [database, log])) == {
        f"{database}: 83926154",
        f"{log}: 123456",
        f"{log}: JBSWY3DPEHPK3PXP",
    }
