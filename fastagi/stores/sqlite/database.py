"""One connection to the store's file, which it makes, opens, migrates and watches over.

A connection belongs to the process that opened it, and to one thread at a time.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, Final

import apsw

from fastagi.errors import StoreError
from fastagi.stores.sqlite.faults import store_error
from fastagi.stores.sqlite.schema import MIGRATIONS
from fastagi.stores.sqlite.turnstile import RETRY_S, Turnstile
from fastagi.stores.sqlite.turnstile import file_of as turnstile_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SAFE_SQLITE: Final = 3_051_003
"""3.51.3, the first without the fault of https://sqlite.org/wal.html#walresetbug."""

APPLICATION: Final = 0x44475244
"""`DGRD`: marks the file as ours (SQLite's `application_id`)."""

OTHERS: Final = 0o077
"""Permission bits that the file must not have: anything for group or others."""

WHILE_OPENING_S: Final = 5.0
"""How long a lock is waited for at the start, when nobody is on the line."""

PRAGMAS: Final = (
    (
        "synchronous",
        "FULL",
    ),  # what was acknowledged outlives a power cut: a code is burnt for good
    ("secure_delete", "ON"),  # what is deleted is overwritten
    ("trusted_schema", "OFF"),
    ("temp_store", "MEMORY"),
    ("cache_size", -16_384),  # KiB: all of a usual store
    ("journal_size_limit", 16 * 1024 * 1024),  # bytes
)


class Database:
    """A connection, and what there is to know of its file.

    Args:
        file: The file, made if missing, with its folder; None for a database in memory.
        patience_s: How long a lock of another process is waited for.
        migrations: What brings older files up to date.

    Raises:
        StoreError: It cannot be opened, is open to others, is damaged, or is no store of ours.
    """

    def __init__(
        self,
        file: Path | None,
        *,
        patience_s: float,
        migrations: Sequence[str] = MIGRATIONS,
        sqlite_version: int = apsw.SQLITE_VERSION_NUMBER,
    ) -> None:
        if sqlite_version < SAFE_SQLITE:
            raise StoreError("this SQLite can lose data; install apsw 3.51.3 or later")
        self.name = ":memory:" if file is None else str(file)
        self._file = None if file is None else file.absolute()
        self._patience_s = WHILE_OPENING_S
        self._give_up_at = time.monotonic() + self._patience_s
        if self._file is not None:
            _make_private(self._file)
        try:
            self.connection = apsw.Connection(str(self._file or ":memory:"))
        except apsw.Error as error:
            raise self.fault(error) from error
        try:
            self._set_up(migrations)
        except apsw.Error as error:
            self.connection.close()
            raise self.fault(error) from error
        except StoreError:
            self.connection.close()
            raise
        self._patience_s = patience_s
        self._opened = _identity(self._file)
        self._turnstile = self._open_turnstile()

    # ------------------------------------------------------------------ transactions

    def begin_reading(self) -> None:
        """Begin a transaction that reads: all of it sees one moment.

        Raises:
            StoreError: Another file is in the place of ours.
            apsw.Error: As always.
        """
        self._prepare()
        self.connection.execute("BEGIN")

    def begin_writing(self) -> None:
        """Begin a transaction that has the write lock, and wait for it when it is our turn.

        Raises:
            StoreError: Another file is in the place of ours: what we wrote, nobody would read.
            apsw.Error: As always.
        """
        self._prepare()
        if self._turnstile is None:
            self.connection.execute("BEGIN IMMEDIATE")
            return
        with self._turnstile.passed(self._give_up_at):
            self.connection.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Commit; what is done is done, even if the power fails."""
        self.connection.execute("COMMIT")

    def roll_back(self) -> None:
        """Leave everything as it was before the transaction, if there is one still.

        Where even that fails, so does the next BEGIN, and tells what is wrong.
        """
        if self.connection.in_transaction:
            with contextlib.suppress(apsw.Error):
                self.connection.execute("ROLLBACK")

    def fault(self, error: Exception) -> StoreError:
        """Return a StoreError that tells the operator what the driver means."""
        return store_error(error, self.name, self._patience_s)

    def close(self) -> None:
        """Close the connection; closing the file's last one folds the WAL into the file."""
        self.connection.close()
        if self._turnstile is not None:
            self._turnstile.close()
            self._turnstile = None

    # ------------------------------------------------------------------ setting up

    def _prepare(self) -> None:
        if _identity(self._file) != self._opened:
            raise StoreError(f"`{self.name}` was moved or replaced; restart dialguard")
        self._give_up_at = time.monotonic() + self._patience_s

    def _open_turnstile(self) -> Turnstile | None:
        if self._file is None:
            return None
        try:
            return Turnstile(self._file)
        except OSError as error:
            self.connection.close()
            raise StoreError(
                f"`{turnstile_of(self._file)}` cannot be opened: {error.strerror}; "
                "see its owner and mode, and those of its folder"
            ) from error

    def _set_up(self, migrations: Sequence[str]) -> None:
        self.connection.set_busy_handler(self._keeps_trying)
        mode = self.connection.pragma("journal_mode", "WAL")
        if self._file is not None and mode != "wal":
            raise StoreError(f"`{self.name}` must be on a disk of this machine")
        for name, value in PRAGMAS:
            self.connection.pragma(name, value)
        self._migrate(migrations)

    def _keeps_trying(self, _tries: int) -> bool:
        """Wait a moment for a lock; SQLite's own waiting sleeps too long for a caller."""
        time.sleep(RETRY_S)
        return time.monotonic() < self._give_up_at

    def _migrate(self, migrations: Sequence[str]) -> None:
        """Bring the file up to date, in one transaction; of several processes one does it."""
        # All that tells whose file it is is read at one moment: a process that makes the tables
        # between two looks would make its own file look like a stranger's.
        self.connection.execute("BEGIN")
        version = self._version()
        self.connection.execute("COMMIT")
        if version == len(migrations):
            return
        self.connection.execute("BEGIN IMMEDIATE")
        version = self._version()
        if version > len(migrations):
            raise StoreError(
                f"`{self.name}` was made by a later dialguard (schema {version}, "
                f"this one knows {len(migrations)}); install that one"
            )
        for migration in migrations[version:]:
            self.connection.execute(migration)
        self.connection.pragma("application_id", APPLICATION)
        self.connection.pragma("user_version", len(migrations))
        self.connection.execute("COMMIT")

    def _version(self) -> int:
        """Return the version of the file's schema, once it is sure that it is ours."""
        version = int(self.connection.pragma("user_version"))
        application = self.connection.pragma("application_id")
        tables = self.connection.execute("SELECT count(*) FROM sqlite_schema").get
        if application == APPLICATION or (application == version == tables == 0):
            return version
        raise StoreError(f"`{self.name}` is a database of something else; choose another file")


def _make_private(file: Path) -> None:
    """Make the file and its folder if they are missing; refuse it when others may use it."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Never opened when it is there: closing it would drop the locks that SQLite has on it.
        if not file.exists():
            _create(file)
        mode = file.stat().st_mode
    except OSError as error:
        raise StoreError(f"`{file}` cannot be made or looked at: {error.strerror}") from error
    if mode & OTHERS:
        raise StoreError(f"`{file}` is open to other users; run `chmod 600 {file}`")


def _create(file: Path) -> None:
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return  # another process was quicker


def _identity(file: Path | None) -> tuple[int, int] | None:
    """Return which file is at the path: device and inode; None when there is none."""
    if file is None:
        return None
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
