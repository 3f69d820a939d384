"""Sign-ins in SQLite; what they promise is asked in tests/contract."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.sign_ins import SignedOff
from fastagi.stores.sqlite import enrolments, failures, leases, sign_ins
from fastagi.stores.store import Attempt, Enrolment, FailureKind, Subject, SubjectKind
from tests.contract.store_kinds import NODE, PENALTY, ROME, SITE
from tests.contract.store_sign_ins import GUEST, SIGN_IN, let_through, over

if TYPE_CHECKING:
    import apsw

    from tests.unit.stores.sqlite.conftest import Plans


def _not_ended(db: apsw.Connection) -> int:
    counted: int = db.execute("SELECT count(*) FROM sign_in WHERE ended IS NULL").get
    return counted


def test_signing_in_and_off_reads_no_table_from_end_to_end(
    db: apsw.Connection, plans: Plans
) -> None:
    """Nor all of a site: nothing here grows with the people who are signed in."""
    verified = Enrolment("101", "hash")
    enrolments.enrol(db, SITE, verified)
    assert enrolments.open_sign_in(db, SIGN_IN, verified, 1, 10.0) == []
    leases.take(db, let_through("a"), 20.0)
    leases.take(db, let_through("b", expires=30.0), 20.0)
    leases.renew(db, SITE, "a", ROME, NODE, 950.0, 25.0)
    leases.release(db, SITE, "a", ROME, NODE, 30.0)
    leases.release(db, SITE, "b", None, None, 30.0)
    subject = Subject(SubjectKind.EXTENSION, "101", 1)
    attempt = failures.begin_attempt(db, SITE, (subject,), FailureKind.CODE, PENALTY, 40.0)
    assert isinstance(attempt, Attempt)
    failures.succeed(db, attempt, 41.0)
    found = sign_ins.sign_in(db, SITE, "101", SIGN_IN.id, 42.0)
    assert found == replace(SIGN_IN, used=30.0)
    sign_ins.put_sign_in(db, over(GUEST, 30.0, SignedOff.MOVED))
    assert len(sign_ins.end_sign_ins(db, SITE, "101", None, SignedOff.PAGE, 50.0)) == 1
    enrolments.unenrol(db, SITE, "101", 60.0)
    assert plans.seen
    assert plans.scans() == []


def test_what_time_has_ended_is_written_down_when_the_next_one_is_opened(
    db: apsw.Connection,
) -> None:
    """So a call looks at few rows, however often somebody signed in today."""
    for count in range(20):
        since = 10.0 + 1000 * count
        new = replace(SIGN_IN, id=f"{count}", since=since, used=since, until=since + 100)
        sign_ins.open_sign_in(db, new, 9, since)
        assert _not_ended(db) == 1


def test_an_end_that_can_be_undone_no_more_is_not_looked_at_again(db: apsw.Connection) -> None:
    """Each lockout leaves one row, until something else would have ended it."""
    sign_ins.open_sign_in(db, SIGN_IN, 1, 10.0)
    sign_ins.end_by_lockout(db, SITE, "101", 7, 20.0)
    pending = "SELECT count(*) FROM sign_in WHERE attempt IS NOT NULL"
    assert db.execute(pending).get == 1
    sign_ins.revoke(db, SITE, "101", 30.0)
    assert db.execute(pending).get == 0
    sign_ins.undo_lockout(db, SITE, 7)
    found = sign_ins.sign_in(db, SITE, "101", SIGN_IN.id, 30.0)
    assert found == over(SIGN_IN, 20.0, SignedOff.LOCKOUT)
