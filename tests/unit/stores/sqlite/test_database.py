"""The file of a store: made, opened, migrated and watched over."""

from __future__ import annotations

import multiprocessing
import os
import resource
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import apsw
import pytest

from fastagi.errors import StoreError
from fastagi.stores.sqlite import database as module
from fastagi.stores.sqlite.database import Database
from fastagi.stores.sqlite.schema import MIGRATIONS
from fastagi.stores.sqlite.turnstile import Turnstile

if TYPE_CHECKING:
    from collections.abc import Iterator

MORE = "CREATE TABLE more (a TEXT) STRICT; INSERT INTO more VALUES ('x')"


def _open(
    file: Path | None, patience_s: float = 0.0, migrations: tuple[str, ...] = MIGRATIONS
) -> Database:
    return Database(file, patience_s=patience_s, migrations=migrations)


@contextmanager
def _in(file: Path) -> Iterator[Database]:
    database = _open(file)
    yield database
    database.close()


def _is_busy(database: Database) -> str:
    with pytest.raises(apsw.BusyError) as caught:
        database.begin_writing()
    return str(database.fault(caught.value))


# ------------------------------------------------------------------ the file


def test_file_and_folder_are_made_for_their_owner_only(tmp_path: Path) -> None:
    """Also what SQLite, and the turnstile, put beside it."""
    file = tmp_path / "var" / "store.db"
    with _in(file) as database:
        database.begin_writing()
        database.connection.execute("UPDATE sequence SET attempt = 1")
        database.commit()
        names = ["store.db", "store.db-wal", "store.db-shm", "store.db-turn"]
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()}
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_file_open_to_others_is_refused(tmp_path: Path) -> None:
    """The operator is told what to run."""
    file = tmp_path / "store.db"
    _open(file).close()
    file.chmod(0o640)
    with pytest.raises(StoreError, match=f"chmod 600 {file}"):
        _open(file)


def test_of_two_processes_one_finds_the_others_file(tmp_path: Path) -> None:
    """Making it a second time changes nothing."""
    file = tmp_path / "store.db"
    with _in(file):
        module._create(file)
        assert file.stat().st_size > 0


def test_a_turnstile_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    """Which file, and what to look at."""
    (tmp_path / "store.db-turn").mkdir()
    with pytest.raises(StoreError, match=r"store.db-turn` cannot be opened: Is a directory; see"):
        _open(tmp_path / "store.db")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """With the file's name and the reason."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made or looked at: File exists"):
        _open(tmp_path / "file" / "store.db")


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    """It cannot be opened."""
    (tmp_path / "store.db").mkdir(mode=0o700)
    with pytest.raises(StoreError, match=r"cannot be opened|fails") as caught:
        _open(tmp_path / "store.db")
    assert isinstance(caught.value.__cause__, apsw.Error)


@pytest.mark.parametrize("content", [b"x" * 5000, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_said(tmp_path: Path, content: bytes) -> None:
    """The operator is told to put a copy in its place; the driver's error is kept."""
    file = tmp_path / "store.db"
    file.write_bytes(content)
    file.chmod(0o600)
    with pytest.raises(StoreError, match="is damaged, or no store") as caught:
        _open(file)
    assert isinstance(caught.value.__cause__, apsw.Error)
    assert file.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    """A slip in the URL must not put our tables into the voicemail's database."""
    file = tmp_path / "other.db"
    other = apsw.Connection(str(file))
    other.execute("CREATE TABLE voicemail (a)")
    other.close()
    file.chmod(0o600)
    with pytest.raises(StoreError, match="is a database of something else"):
        _open(file)


@pytest.mark.parametrize("look", ["user_version", "application_id"])
def test_a_file_made_by_another_process_as_we_look_is_ours(
    tmp_path: Path, look: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two gates started at once: the other makes its tables between our looks."""
    file = tmp_path / "store.db"
    others: list[Database] = []

    class Watched(apsw.Connection):
        def pragma(self, name: str, *value: Any, **options: Any) -> Any:
            found = super().pragma(name, *value, **options)
            if name == look and not value and not others:
                monkeypatch.undo()
                others.append(_open(file))
            return found

    monkeypatch.setattr(apsw, "Connection", Watched)
    database = _open(file)
    assert len(others) == 1
    assert database.connection.pragma("user_version") == len(MIGRATIONS)
    database.close()
    others[0].close()


def test_a_file_that_was_replaced_is_not_written(tmp_path: Path) -> None:
    """Two workers must never count in two files."""
    file = tmp_path / "store.db"
    with _in(file) as database:
        database.begin_reading()
        database.commit()
        file.rename(tmp_path / "away.db")
        with pytest.raises(StoreError, match="was moved or replaced; restart"):
            database.begin_reading()
        with _in(file), pytest.raises(StoreError, match="was moved or replaced"):
            database.begin_reading()


def test_a_disk_that_cannot_have_a_wal_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Network disks have no shared memory; there SQLite stays in another mode."""

    class OnANetwork(apsw.Connection):
        def pragma(self, name: str, *args: object, **given: object) -> object:
            return "delete" if name == "journal_mode" else super().pragma(name)

    monkeypatch.setattr(apsw, "Connection", OnANetwork)
    with pytest.raises(StoreError, match="must be on a disk of this machine"):
        _open(tmp_path / "store.db")


# ------------------------------------------------------------------ versions


def test_an_sqlite_that_can_lose_data_is_refused() -> None:
    """As one built against the machine's own library may be."""
    with pytest.raises(StoreError, match=r"install apsw 3\.51\.3 or later"):
        Database(None, patience_s=0.0, sqlite_version=3_040_001)


def test_an_older_store_is_migrated_and_keeps_what_it_has(tmp_path: Path) -> None:
    """Only what is missing is done, and once."""
    file = tmp_path / "store.db"
    with _in(file) as database:
        database.connection.execute("UPDATE sequence SET attempt = 7")
    for _ in range(2):
        database = _open(file, migrations=(*MIGRATIONS, MORE))
        assert database.connection.execute("SELECT attempt, a FROM sequence, more").get == (7, "x")
        database.close()


def test_a_failed_migration_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """All of it or nothing."""
    file = tmp_path / "store.db"
    _open(file).close()
    with pytest.raises(StoreError, match="no such table: nonsense"):
        _open(file, migrations=(*MIGRATIONS, MORE, "DROP TABLE nonsense"))
    with _in(file) as database:
        assert database.connection.table_exists("main", "lease")
        assert not database.connection.table_exists("main", "more")


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    """Going back is not guessed at."""
    file = tmp_path / "store.db"
    later = (*MIGRATIONS, MORE)
    _open(file, migrations=later).close()
    with pytest.raises(StoreError, match=f"later dialguard .schema {len(later)}"):
        _open(file)


def _open_and_close(file: str) -> None:
    Database(Path(file), patience_s=0.0).close()


def test_processes_that_start_at_once_make_one_store(tmp_path: Path) -> None:
    """One makes the tables, the others find them."""
    file = str(tmp_path / "store.db")
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        pool.map(_open_and_close, [file] * 16, chunksize=1)
    with _in(Path(file)) as database:
        assert database.connection.execute("SELECT * FROM sequence").fetchall() == [(0,)]


# ------------------------------------------------------------------ locks and disks


def test_a_lock_is_waited_for_and_then_said(tmp_path: Path) -> None:
    """How long, and how to find who has it."""
    with _in(tmp_path / "store.db") as database:
        other = _open(tmp_path / "store.db", patience_s=0.01)
        database.begin_writing()
        assert "locked by another process for more than 0.01 s" in _is_busy(other)
        database.commit()
        other.begin_writing()
        other.close()


def test_only_one_waits_for_the_lock(tmp_path: Path) -> None:
    """Whoever just had it does not get it again before those who wait."""
    with _in(tmp_path / "store.db") as database:
        other = Turnstile(tmp_path / "store.db")
        with other.passed(0.0):
            assert "locked by another process" in _is_busy(database)
            database.begin_reading()
            database.commit()
        database.begin_writing()
        with other.passed(0.0):  # it is left as soon as the lock is had
            database.commit()
        other.close()


def test_a_database_in_memory_waits_for_nobody() -> None:
    """There is nobody else; closing it twice is closing it."""
    database = _open(None)
    database.begin_writing()
    database.commit()
    database.close()
    database.close()


def test_rolling_back_is_safe_whether_or_not_there_is_something(tmp_path: Path) -> None:
    """SQLite may have done so by itself."""
    with _in(tmp_path / "store.db") as database:
        database.roll_back()
        database.begin_writing()
        database.connection.execute("UPDATE sequence SET attempt = 7")
        database.roll_back()
        assert database.connection.execute("SELECT attempt FROM sequence").get == 0


def test_a_disk_that_takes_no_more_is_said(tmp_path: Path) -> None:
    """A write that the system refuses leaves the store as it was, and it goes on afterwards."""
    with _in(tmp_path / "store.db") as database:
        with _files_no_larger_than((tmp_path / "store.db-wal").stat().st_size):
            database.begin_writing()
            database.connection.execute("UPDATE sequence SET attempt = 7")
            with pytest.raises(apsw.Error) as caught:
                database.commit()
            database.roll_back()
        assert "the disk of" in str(database.fault(caught.value))
        assert database.connection.execute("SELECT attempt FROM sequence").get == 0
        database.begin_writing()
        database.commit()


@contextmanager
def _files_no_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_is_acknowledged_outlives_a_power_cut(tmp_path: Path) -> None:
    """Every commit is synced; what is deleted is overwritten."""
    with _in(tmp_path / "store.db") as database:
        assert database.connection.pragma("journal_mode") == "wal"
        assert database.connection.pragma("synchronous") == 2
        assert database.connection.pragma("secure_delete") == 1


def test_a_relative_path_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon that changes its folder does not lose its store."""
    monkeypatch.chdir(tmp_path)
    with _in(Path("store.db")) as database:
        os.chdir("/")
        database.begin_writing()
        database.commit()
