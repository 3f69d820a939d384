"""Failures and lockouts in SQLite; what they promise is asked in tests/contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.stores.sqlite import failures
from fastagi.stores.store import Attempt, FailureKind, Lockout, SubjectKind
from tests.contract.store_kinds import ADDRESS, EXTENSION, PENALTY, SITE

if TYPE_CHECKING:
    import apsw

    from tests.unit.stores.sqlite.conftest import Plans

BOTH = (EXTENSION, ADDRESS)


def _guess(db: apsw.Connection, now: float = 0.0) -> Attempt | Lockout:
    return failures.begin_attempt(db, SITE, BOTH, FailureKind.CODE, PENALTY, now)


def test_an_attempt_is_counted_refused_taken_back_and_cleared(db: apsw.Connection) -> None:
    """Its rows come and go with it; its id never comes again."""
    third = [_guess(db) for _ in range(3)][-1]
    lockout = _guess(db)
    assert failures.lockouts(db, None, 0.0) == [lockout]
    assert isinstance(third, Attempt)
    failures.succeed(db, third, 0.0)
    assert failures.lockouts(db, SITE, 0.0) == []
    left = db.execute("SELECT subject, count(*) FROM failure GROUP BY subject").fetchall()
    assert left == [("address", 2)]
    assert failures.clear(db, SITE, SubjectKind.ADDRESS, "10.0.0.5", 0.0)
    assert not failures.clear(db, SITE, SubjectKind.ADDRESS, "10.0.0.5", 0.0)
    fourth = _guess(db)
    assert isinstance(fourth, Attempt)
    assert fourth.id == third.id + 1


def test_what_was_spent_is_kept_to_be_counted_again(db: apsw.Connection) -> None:
    """The lockout's cause may yet turn out to be right."""
    for _ in range(3):
        _guess(db)
    spent = db.execute("SELECT DISTINCT spent FROM failure WHERE subject = 'extension'").fetchall()
    assert spent == [(3,)]


def test_a_guess_reads_no_table_from_end_to_end(db: apsw.Connection, plans: Plans) -> None:
    """Its cost does not grow with the guesses there were."""
    for _ in range(3):
        attempt = _guess(db)
    assert isinstance(attempt, Attempt)
    _guess(db)
    failures.succeed(db, attempt, 0.0)
    failures.clear(db, SITE, SubjectKind.ADDRESS, "10.0.0.5", 0.0)
    assert plans.seen
    assert plans.scans() == []
