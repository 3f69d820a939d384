"""Tidying in SQLite; what it promises is asked in tests/contract."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.records import Record
from fastagi.stores.sqlite import (
    enrolments,
    failures,
    leases,
    memory,
    records,
    sign_ins,
    tidying,
)
from fastagi.stores.store import Enrolment, FailureKind
from tests.contract.store_kinds import ADDRESS, EXTENSION, PENALTY, SITE, a_lease, two_at_a_time
from tests.contract.store_sign_ins import SIGN_IN

if TYPE_CHECKING:
    import apsw

ENROLLED = Enrolment("101", "hash")
MINUTES = Budget("day", "101", Unit.SECONDS, 6000, 3600)


def _fill(db: apsw.Connection, now: float) -> None:
    lease = a_lease("a", two_at_a_time(), since=now, expires=now + 500)
    leases.take(db, replace(lease, budgets=(MINUTES,)), now)
    for _ in range(3):
        failures.begin_attempt(db, SITE, (EXTENSION, ADDRESS), FailureKind.CODE, PENALTY, now)
    enrolments.enrol(db, SITE, ENROLLED)
    memory.remember(db, SITE, ENROLLED, "address:10.0.0.5", ["pin"], now, now + 400)
    records.put_record(db, SITE, "token", Record("a", "text", now + 500), None, now)
    sign_ins.put_sign_in(db, replace(SIGN_IN, since=now))


def _sizes(db: apsw.Connection) -> list[int]:
    tables = [table for table, _ in tidying.VOID]
    return [db.execute(f"SELECT count(*) FROM {table}").get for table in tables]  # noqa: S608 - ours


def test_in_the_end_nothing_is_left(db: apsw.Connection) -> None:
    """A store that is tidied does not grow."""
    _fill(db, 0.0)
    assert _sizes(db) == [1, 1, 1, 6, 1, 1, 1]
    assert tidying.tidy(db, 399.0) == 0
    assert tidying.tidy(db, 100_000.0) == 12
    assert _sizes(db) == [0, 0, 0, 0, 0, 0, 0]
    assert db.execute("SELECT count(*) FROM sign_in").get == 0


def test_what_comes_from_the_future_begins_now(db: apsw.Connection) -> None:
    """Leases with their slots, failures and lockouts keep their length; proofs are dropped."""
    _fill(db, 50_000.0)
    tidying.tidy(db, 1000.0)
    assert _sizes(db) == [1, 1, 1, 6, 1, 0, 1]
    assert db.execute("SELECT since, expires FROM lease").fetchall() == [(1000.0, 1500.0)]
    assert db.execute("SELECT expires FROM slot").fetchall() == [(1500.0,)]
    assert db.execute("SELECT expires FROM charged").fetchall() == [(1500.0,)]
    assert db.execute("SELECT until FROM charge").fetchall() == [(5100.0,)]
    assert set(db.execute("SELECT at, forget FROM failure")) == {(1000.0, 1600.0)}
    lockout = db.execute("SELECT since, until, forget FROM lockout").fetchall()
    assert lockout == [(1000.0, 1060.0, 1660.0)]


def test_clocks_may_differ_by_a_minute(db: apsw.Connection) -> None:
    """That is no clock set back."""
    _fill(db, 1060.0)
    tidying.tidy(db, 1000.0)
    assert db.execute("SELECT since FROM lease").fetchall() == [(1060.0,)]
    assert _sizes(db) == [1, 1, 1, 6, 1, 1, 1]
