"""The tables, and the way to them from every version before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import apsw
import pytest

from fastagi.stores.sqlite import enrolments, leases
from fastagi.stores.sqlite.database import APPLICATION, Database
from fastagi.stores.sqlite.schema import MIGRATIONS
from fastagi.stores.store import Enrolment, Taken
from tests.contract.store_kinds import NODE, ROME, SITE, a_lease, two_at_a_time
from tests.contract.store_sign_ins import SIGN_IN, let_through

if TYPE_CHECKING:
    from pathlib import Path


def _tables(connection: apsw.Connection) -> list[tuple[object, ...]]:
    return connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()


def _older(file: Path, version: int) -> None:
    """Make a store as a dialguard of that version left it."""
    connection = apsw.Connection(str(file))
    for migration in MIGRATIONS[:version]:
        connection.execute(migration)
    connection.pragma("application_id", APPLICATION if version else 0)
    connection.pragma("user_version", version)
    connection.close()
    file.chmod(0o600)


@pytest.mark.parametrize("version", range(len(MIGRATIONS) + 1))
def test_every_version_comes_to_the_same_tables(tmp_path: Path, version: int) -> None:
    """Whatever version a store was made by, it ends up as a new one."""
    new = Database(None, patience_s=0.0)
    _older(tmp_path / "old.db", version)
    migrated = Database(tmp_path / "old.db", patience_s=0.0)
    assert _tables(migrated.connection) == _tables(new.connection)
    assert migrated.connection.pragma("user_version") == len(MIGRATIONS)
    migrated.close()
    new.close()


def test_a_lease_from_before_nodes_were_told_apart_is_held_on(tmp_path: Path) -> None:
    """With its slots: a call that is up during an upgrade is counted to its end."""
    _older(tmp_path / "old.db", 1)
    old = apsw.Connection(str(tmp_path / "old.db"))
    old.execute(
        "INSERT INTO lease VALUES ('office', 'a', '+390612345678', '101', 'IT', 'international',"
        " 'PJSIP/101-0000002a', '127.0.0.1', 'abroad', '4711', 940, 0.0, 1000.0)"
    )
    for position, key in enumerate(("101", "102")):
        old.execute(
            "INSERT INTO slot VALUES ('office', 'a', '+390612345678', ?, 'two-at-a-time', ?, 2, 0,"
            " 1000.0)",
            (position, key),
        )
    old.close()
    migrated = Database(tmp_path / "old.db", patience_s=0.0)
    held = leases.find(migrated.connection, SITE, "a", ROME, NODE, 0.0)
    assert held == a_lease("a", two_at_a_time("101"), two_at_a_time("102"))
    assert leases.live(migrated.connection, None, 0.0) == [held]
    migrated.close()


def test_what_a_store_without_sign_ins_had_is_there_still(tmp_path: Path) -> None:
    """A call that is up during an upgrade needed none; and somebody can sign in at once."""
    _older(tmp_path / "old.db", 2)
    old = apsw.Connection(str(tmp_path / "old.db"))
    old.execute(
        "INSERT INTO lease VALUES ('office', 'a', '+390612345678', '127.0.0.1', '101', 'IT',"
        " 'international', 'PJSIP/101-0000002a', 'abroad', '4711', 940, 0.0, 1000.0)"
    )
    old.execute("INSERT INTO enrolment VALUES ('office', '101', 'hash', NULL, 7, 5.0)")
    old.close()
    migrated = Database(tmp_path / "old.db", patience_s=0.0)
    db = migrated.connection
    assert leases.live(db, None, 0.0) == [a_lease("a")]
    assert leases.release(db, SITE, "a", ROME, NODE, 1.0) == 1
    verified = Enrolment("101", "hash", since=5.0)
    assert enrolments.enrolment(db, SITE, "101") == verified
    assert enrolments.open_sign_in(db, SIGN_IN, verified, 1, 10.0) == []
    lease = let_through("b", two_at_a_time())
    assert leases.take(db, lease, 10.0) == Taken(lease, fresh=True)
    migrated.close()


def test_every_table_is_strict() -> None:
    """What comes out is of the type that went in."""
    database = Database(None, patience_s=0.0)
    strict = database.connection.execute(
        "SELECT name, strict FROM pragma_table_list"
        " WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"
    ).fetchall()
    assert all(is_strict for _, is_strict in strict)
    assert len(strict) == 14
    database.close()
