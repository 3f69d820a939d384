"""A table of a database: here SQLite's, in tests/integration those that Asterisk writes to."""

from __future__ import annotations

import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest

from fastagi.cdr.columns import Field
from fastagi.cdr.database import opened_table
from fastagi.cdr.past_call import PastCall
from fastagi.cdr.plan import Assumed, Database
from fastagi.cdr.records import open_records
from fastagi.errors import RecordsError
from tests.servers.node import free_ports
from tests.unit.cdr.rows import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = [
    ("2026-05-29 12:01:00", "112", "PJSIP/101-0000002b", 3, 0, None, b"NO ANSWER"),
    ("2026-05-29 12:00:00", "902079460123", "PJSIP/101-0000002a", 65, 60, "x.1", b"ANSWERED"),
    (None, "112", "PJSIP/101-0000002b", 3, 0, None, None),
]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with a table of three rows."""
    file = tmp_path / "master.db"
    with sqlite3.connect(file) as connection:
        connection.execute(
            "CREATE TABLE cdr (calldate TEXT, dst TEXT, channel TEXT, duration INT, billsec INT,"
            " uniqueid TEXT, disposition BLOB, clid TEXT)"
        )
        connection.executemany(
            "INSERT INTO cdr VALUES (?, ?, ?, ?, ?, ?, ?, 'Anna')",
            ROWS,
        )
        connection.execute("CREATE TABLE calls (wann TIMESTAMP, wohin TEXT, wer TEXT)")
        connection.execute("INSERT INTO calls VALUES ('2026-05-29 12:00:00.000000', '112', '101')")
    connection.close()
    return f"sqlite:///{file}"


def read(source: Database, assumed: Assumed | None = None) -> list[PastCall]:
    """Return the calls of a table."""
    with open_records([source], assumed or Assumed(zone="UTC"), beside=False) as records:
        return list(records)


def test_a_table(url: str) -> None:
    """By the names that Asterisk's modules give columns."""
    first, second = read(Database(url))
    assert first[:6] == (NOON, "101", "902079460123", 5, 60, "x.1")
    assert (second.at, second.talked_s, second.call) == (NOON + 60, 0, "")
    assert second.place == "cdr:1"


def test_other_columns(url: str) -> None:
    """As somebody says; times of the database's own type."""
    chosen = {Field.AT: "wann", Field.DIALLED: "wohin", Field.EXTENSION: "wer"}
    source = Database(url, "calls", chosen)
    assert [each[:3] for each in read(source)] == [(NOON, "101", "112")]
    for assumed in (
        Assumed(zone="UTC", since=NOON + 10 * 86_400),
        Assumed(zone="UTC", until=NOON - 10 * 86_400),
        Assumed(zone="UTC", until=NOON),
    ):
        assert read(source, assumed) == []
    assert len(read(source, Assumed(zone="UTC", since=NOON, until=NOON + 1))) == 1


def test_a_table_that_is_not_there(url: str) -> None:
    """Or that has not what is needed."""
    with pytest.raises(RecordsError, match="the database has no table `nothing`; name it by `--t"):
        read(Database(url, "nothing"))
    with pytest.raises(RecordsError, match=r"table `calls`: say which .* it has `wann`, `wohin`"):
        read(Database(url, "calls"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """It is not made."""
    file = tmp_path / "nothing.db"
    with pytest.raises(RecordsError, match="there is no database"):
        read(Database(f"sqlite:///{file}"))
    assert not file.exists()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """What the driver says is said."""
    file = tmp_path / "text.db"
    file.write_text("hello, this is no database, and long enough to be looked at " * 20)
    with pytest.raises(RecordsError, match="cannot be read: DatabaseError: file is not a databas"):
        read(Database(f"sqlite:///{file}"))


@pytest.mark.parametrize(
    "url",
    [
        *("", "secret", "mysql://me:secret@host:port/db", "mysql://me:secret@[host/db"),
        "mysql://me:my@secret@host/db",
    ],
)
def test_what_is_no_url(url: str) -> None:
    """How one is written is said; what was written is not."""
    with pytest.raises(RecordsError, match="the database's URL is none: `mysql://USER") as raised:
        read(Database(url))
    assert "secret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_database_that_nobody_knows() -> None:
    """Nothing that is installed would help: it is mistyped."""
    with pytest.raises(RecordsError) as raised:
        read(Database("mysqll://me:secret@host/db"))
    assert str(raised.value) == (
        "`mysqll://` is of no database that is known; write `mysql://`, `postgresql://` or "
        "`sqlite://`"
    )


def test_without_the_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a database that is known."""
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(RecordsError, match=r"pip install 'dialguard\[databases\]'"):
        read(Database("mysql://me:secret@host/db"))


def test_without_the_extra(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said how to get it."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(RecordsError, match=r"pip install 'dialguard\[databases\]'"):
        read(Database(url))


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (OSError("lost the connection"), "OSError: lost the connection"),
        (ValueError({"C": "57P01", "M": "ended by s3cret"}), "ValueError: 57P01 ended by …"),
        (ValueError(2013, "lost"), "ValueError: 2013 lost"),
        (ValueError(), "ValueError: "),
    ],
)
def test_what_a_driver_says(cause: Exception, words: str) -> None:
    """In the middle of it, too; and should the password be in it, it is taken out."""
    from sqlalchemy.exc import OperationalError

    table = opened_table(Database("mysql://me:s3cret@127.0.0.1/x"), Assumed())

    def portions() -> Iterator[list[list[str]]]:
        yield [["1", "2"]]
        raise OperationalError("select", None, cause)

    rows = table._numbered(portions())
    assert next(rows) == (1, ["1", "2"])
    with pytest.raises(RecordsError) as raised:
        next(rows)
    assert str(raised.value) == f"the database cannot be read: {words}"
    assert raised.value.__cause__ is None
    table.close()


def test_nobody_answers() -> None:
    """What the driver says of it names host and port, and no password."""
    (port,) = free_ports(1)
    with pytest.raises(RecordsError, match=r"2003 Can't connect to MySQL server on '127.0.0.1'"):
        read(Database(f"mysql://me:s3cret@127.0.0.1:{port}/x"))
