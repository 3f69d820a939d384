"""What is the embedded store's own about moving; what every store promises is in the contract."""

from __future__ import annotations

import apsw
import pytest

from fastagi.stores.sqlite import moving
from fastagi.stores.sqlite.schema import MIGRATIONS
from fastagi.stores.store import Failed, FailureKind, Lockout, Served, Standing, SubjectKind

PARTS = {"slot", "charged", "spent", "recovery"}
"""Tables that have rows only where another one has, too."""


@pytest.fixture
def db() -> apsw.Connection:
    """An empty store."""
    connection = apsw.Connection(":memory:")
    for migration in MIGRATIONS:
        connection.execute(migration)
    return connection


def test_no_table_is_forgotten_when_sites_are_named(db: apsw.Connection) -> None:
    """Whoever adds a table with a site thinks of how it moves."""
    tables = {
        table
        for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        if any(name == "site" for (_, name, *_) in db.execute(f"PRAGMA table_info({table})"))
    }
    assert tables == {*moving.TABLES, *PARTS}


def test_what_is_put_never_shares_an_attempt(db: apsw.Connection) -> None:
    """Else to take one back would take back another, or a lockout."""
    failures = tuple(Failed(FailureKind.CODE, 1.0, 100.0) for _ in range(3))
    lockout = Lockout("office", SubjectKind.EXTENSION, "101", 0.0, 60.0, 1, FailureKind.CODE)
    for name in ("101", "102"):
        standing = Standing(SubjectKind.EXTENSION, name, failures, (Served(lockout, 100.0),) * 2)
        moving.put_standing(db, "office", standing)
    ids = [
        attempt
        for table in ("failure", "lockout")
        for (attempt,) in db.execute(f"SELECT attempt FROM {table}")  # noqa: S608 - words above
    ]
    assert len(ids) == len(set(ids)) == 10
    assert db.execute("SELECT attempt FROM sequence").get == max(ids)
