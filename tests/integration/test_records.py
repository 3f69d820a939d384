"""Call records out of real databases: MariaDB, as FreePBX has it, and PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from fastagi.cdr.columns import Field
from fastagi.cdr.plan import Assumed, Database
from fastagi.cdr.records import open_records
from fastagi.errors import RecordsError
from tests.servers.databases import IN_A_URL, PASSWORD, MariaDB, PostgreSQL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers import databases

BEGIN = 1_780_056_000
MANY = 30_000

FREEPBX = """
CREATE TABLE cdr (
  calldate datetime NOT NULL DEFAULT '1970-01-01 00:00:00',
  clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '',
  dst varchar(80) NOT NULL DEFAULT '', dcontext varchar(80) NOT NULL DEFAULT '',
  channel varchar(80) NOT NULL DEFAULT '', dstchannel varchar(80) NOT NULL DEFAULT '',
  lastapp varchar(80) NOT NULL DEFAULT '', lastdata varchar(80) NOT NULL DEFAULT '',
  duration int(11) NOT NULL DEFAULT 0, billsec int(11) NOT NULL DEFAULT 0,
  disposition varchar(45) NOT NULL DEFAULT '', amaflags int(11) NOT NULL DEFAULT 0,
  accountcode varchar(20) NOT NULL DEFAULT '', uniqueid varchar(32) NOT NULL DEFAULT '',
  userfield varchar(255) NOT NULL DEFAULT '', did varchar(50) NOT NULL DEFAULT '',
  recordingfile varchar(255) NOT NULL DEFAULT '', cnum varchar(80) NOT NULL DEFAULT '',
  cnam varchar(80) NOT NULL DEFAULT '', outbound_cnum varchar(80) NOT NULL DEFAULT '',
  outbound_cnam varchar(80) NOT NULL DEFAULT '', dst_cnam varchar(80) NOT NULL DEFAULT '',
  linkedid varchar(32) NOT NULL DEFAULT '', peeraccount varchar(80) NOT NULL DEFAULT '',
  sequence int(11) NOT NULL DEFAULT 0, KEY calldate (calldate), KEY uniqueid (uniqueid)
)
"""
"""As FreePBX makes it."""

PGSQL = """
CREATE TABLE cdr (
  acctid bigserial PRIMARY KEY, calldate timestamptz NOT NULL DEFAULT now(),
  clid varchar(80) NOT NULL DEFAULT '', src varchar(80) NOT NULL DEFAULT '',
  dst varchar(80) NOT NULL DEFAULT '', dcontext varchar(80) NOT NULL DEFAULT '',
  channel varchar(80) NOT NULL DEFAULT '', dstchannel varchar(80) NOT NULL DEFAULT '',
  duration integer NOT NULL DEFAULT 0, billsec integer NOT NULL DEFAULT 0,
  disposition varchar(45) NOT NULL DEFAULT '', uniqueid varchar(150) NOT NULL DEFAULT '',
  did varchar(50) NOT NULL DEFAULT ''
)
"""
"""As `cdr_pgsql` is given it."""

MOMENTS = {
    "mysql+pymysql": "timestamp '2026-05-29 12:00' + interval seq second, '902079460123', "
    f"'PJSIP/101-0000002a' FROM seq_0_to_{MANY - 1}",
    "postgresql+pg8000": "timestamp '2026-05-29 12:00' + n * interval '1 second', '902079460123', "
    f"'PJSIP/101-0000002a' FROM generate_series(0, {MANY - 1}) AS n",
}
"""A row for each second, as each of them makes them."""

COLUMNS = (
    "calldate, dst, dcontext, channel, dstchannel, duration, billsec, disposition, uniqueid, did"
)
INSERT = f"INSERT INTO cdr ({COLUMNS}) VALUES (:{COLUMNS.replace(', ', ', :')})"  # noqa: S608 - ours


def a_row(at: float, **more: Any) -> dict[str, object]:
    """Return a row of a call of 101."""
    row: dict[str, object] = {
        "calldate": f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}",
        "dst": "902079460123",
        "dcontext": "from-internal",
        "channel": "PJSIP/101-0000002a",
        "dstchannel": "PJSIP/one-0000002b",
        "duration": 65,
        "billsec": 60,
        "disposition": "ANSWERED",
        "uniqueid": f"{int(at)}.{int(at)}",
        "did": "",
    }
    return row | more


ROWS = [
    a_row(BEGIN + 60, dst="900390612345678", disposition="FAILED", billsec=4, duration=5),
    a_row(BEGIN + 65, dst="900390612345678", dstchannel="PJSIP/two-0000002c"),
    a_row(BEGIN),
    a_row(BEGIN + 70, channel="PJSIP/one-0000002d", dst="600", did="442079460999"),
    a_row(BEGIN + 71, dst="s"),
    a_row(BEGIN + 72, dst="*97"),
    a_row(BEGIN + 73, channel="Local/902079460123@from-internal-00000001;2"),
    a_row(BEGIN + 74, dst="10Ä", channel="PJSIP/102-0000002a"),
]
ROWS[1]["uniqueid"] = ROWS[0]["uniqueid"]


@pytest.fixture(scope="module", params=[MariaDB, PostgreSQL], ids=["mariadb", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[databases.Database]:
    """One with a table of a few rows, and one with many."""
    with request.param() as server:
        if server.scheme.startswith("postgresql"):
            server.run("SET timezone = 'UTC'", PGSQL, INSERT, rows=ROWS)
        else:
            server.run(FREEPBX, INSERT, rows=ROWS)
        server.run("CREATE TABLE many (calldate timestamp, dst varchar(80), channel varchar(80))")
        server.run(f"INSERT INTO many SELECT {MOMENTS[server.scheme]}")
        yield server


@pytest.mark.parametrize("beside", [False, True])
def test_a_table_of_call_records(database: databases.Database, beside: bool) -> None:
    """Calls in order, the next trunk as the same call, the rest counted by its kind."""
    with open_records([Database(database.url)], Assumed(zone="UTC"), beside=beside) as records:
        calls = list(records)
    assert [(each.at - BEGIN, each.dialled, each.rings_s, each.talked_s) for each in calls] == [
        (0, "902079460123", 5, 60),
        (60, "900390612345678", 10, 60),
        (74, "10Ä", 5, 60),
    ]
    assert [each.trunk for each in calls] == ["one", "two", "one"]
    assert records.skipped == {"inbound": 1, "nothing dialled": 1, "feature code": 1, "forward": 1}
    assert (records.rows, records.folded) == (len(ROWS), 1)
    assert records.trunks == ("one",)


def test_a_span_of_time(database: databases.Database) -> None:
    """The database is asked for less, and what it gives beyond is left out."""
    assumed = Assumed(zone="UTC", since=BEGIN + 60, until=BEGIN + 74)
    with open_records([Database(database.url)], assumed, beside=False) as records:
        assert [each.at - BEGIN for each in records] == [60]
    later = Assumed(zone="UTC", since=BEGIN + 10 * 86_400)
    with open_records([Database(database.url)], later, beside=False) as records:
        assert list(records) == []
    assert records.rows == 0


@pytest.mark.parametrize("beside", [False, True])
def test_a_long_table_is_streamed(database: databases.Database, beside: bool) -> None:
    """And left in the middle of it."""
    source = Database(database.url, "many", {Field.CALL: "calldate"})
    with open_records([source], Assumed(zone="UTC"), beside=beside) as records:
        assert sum(1 for _ in records) == MANY
    assert records.progress.rows == MANY
    with open_records([source], Assumed(zone="UTC"), beside=beside) as records:
        assert next(iter(records)).at == BEGIN


MEMORY = """
import resource, sys
from fastagi.cdr.plan import Assumed, Database
from fastagi.cdr.database import opened_table
table = opened_table(Database(sys.stdin.read(), "many"), Assumed())
layout, sample, rest = table.rows()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = len(sample) + sum(1 for _ in rest)
table.close()
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_the_server_holds_the_result(database: databases.Database) -> None:
    """What is read is not held here: ten times the rows take no more memory."""
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], input=database.url, capture_output=True, text=True
    )
    count, kilobytes = map(int, done.stdout.split())
    assert count == MANY
    assert kilobytes < 8_000, done.stderr


def test_passwords_are_in_no_message(database: databases.Database) -> None:
    """Whatever is wrong."""
    wrong = database.url.replace(IN_A_URL, "an0ther-s3cret")
    for url in (
        wrong,
        database.url.replace("asteriskcdrdb", "nothing"),
        database.url.replace(f":{database.port}", ":1"),
        database.url.replace("127.0.0.1", "nowhere.invalid"),
        f"{database.url}?charset=n0-such",
    ):
        with (
            pytest.raises(RecordsError) as raised,
            open_records([Database(url)], beside=False) as records,
        ):
            list(records)
        told = f"{raised.value} {raised.value.__cause__}"
        for secret in (PASSWORD, IN_A_URL, "an0ther-s3cret"):
            assert secret not in told
    assert "the database" in told


def test_nothing_may_be_written(database: databases.Database) -> None:
    """Whose password dialguard is given needs to read, no more: the tests give it no more."""
    with pytest.raises(RecordsError, match="the database has no table `cdr; DROP TABLE cdr`"):
        list(open_records([Database(database.url, "cdr; DROP TABLE cdr")], beside=False))
    with open_records([Database(database.url)], Assumed(zone="UTC"), beside=False) as records:
        assert len(list(records)) == 3
