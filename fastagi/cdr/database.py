"""Rows of a table: FreePBX's `asteriskcdrdb.cdr`, or what `cdr_adaptive_odbc` or `cdr_pgsql` fill.

Needs SQLAlchemy and a driver (the extra `dialguard[databases]`), which are imported where a
database is asked for. The server holds the result, and gives it out in portions. Nothing is
written, and nothing but the columns that are needed is asked for. The URL holds a password: it
is in no message, and neither is what a driver says of it.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from fastagi.cdr import columns
from fastagi.cdr.columns import Field
from fastagi.cdr.csv_files import SAMPLE, Rows
from fastagi.cdr.tally import printable
from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql import ColumnElement

    from fastagi.cdr.plan import Assumed, Database

PORTION: Final = 5_000
"""Rows that are taken from the server at once."""

MARGIN_S: Final = 2 * 86_400
"""A database is asked for so much more before and after: its times may be of any zone."""

DRIVERS: Final = {
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
    "postgresql": "postgresql+pg8000",
    "postgres": "postgresql+pg8000",
}
"""What a URL that names no driver is taken for: those of the extra."""

HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:]+")

NEEDS: Final = "databases need SQLAlchemy and a driver: `pip install 'dialguard[databases]'`"


class OpenedTable:
    """A table that is read once."""

    def __init__(self, engine: Engine, database: Database, assumed: Assumed) -> None:
        self._engine = engine
        self._database = database
        self._assumed = assumed
        self._connection: Connection | None = None
        self.done = 0

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.invalidate()  # what the server still has to give is not waited for
            self._connection.close()
        self._engine.dispose()

    def rows(self) -> Rows:
        """Decide what the columns are, and return the rows.

        Raises:
            RecordsError: The database cannot be asked, or has no such table.
        """
        from sqlalchemy import MetaData, Table, select
        from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

        self._connection = connection = self._connect()
        schema, _, name = self._database.table.rpartition(".")
        try:
            table = Table(name, MetaData(), schema=schema or None, autoload_with=connection)
            wanted = columns.of_names(
                [each.name for each in table.columns],
                self._database.chosen,
                of=f"table `{self._database.table}`",
            )
            every = list(table.columns)
            fields = sorted(wanted.places, key=columns.FIELDS.index)
            asked = [every[wanted.places[field]] for field in fields]
            query = select(*asked).where(*self._between(asked[fields.index(Field.AT)]))
            streamed = connection.execution_options(
                stream_results=True, max_row_buffer=PORTION
            ).execute(query)
        except NoSuchTableError:
            raise RecordsError(
                f"the database has no table `{self._database.table}`; name it by `--table`"
            ) from None
        except (SQLAlchemyError, OSError) as error:
            raise self._unreadable(error) from None
        layout = columns.Layout({field: place for place, field in enumerate(fields)})
        rows = self._numbered(streamed.partitions(PORTION))
        return Rows(layout, list(islice(rows, SAMPLE)), rows)

    def _connect(self) -> Connection:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            return self._engine.connect()
        except (
            *(SQLAlchemyError, OSError),
            # What the URL says behind `?` is handed to the driver, which does not look at it.
            *(TypeError, ValueError, LookupError, AttributeError),
        ) as error:
            raise self._unreadable(error) from None

    def _between(self, at: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        """Return what leaves out most of what is not asked for; `Reader` does it exactly."""
        from sqlalchemy import DateTime

        if not isinstance(at.type, DateTime):
            return []
        since, until = self._assumed.since - MARGIN_S, self._assumed.until + MARGIN_S
        bounds = []
        if math.isfinite(since):
            bounds.append(at >= _naive(since))
        if math.isfinite(until):
            bounds.append(at < _naive(until))
        return bounds

    def _numbered(
        self, portions: Iterator[Sequence[Sequence[Any]]]
    ) -> Iterator[tuple[int, list[str] | None]]:
        from sqlalchemy.exc import SQLAlchemyError

        try:
            for portion in portions:
                for row in portion:
                    self.done += 1
                    yield self.done, [_text(value) for value in row]
        except (SQLAlchemyError, OSError) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> RecordsError:
        """Say what a driver says; its cause is not shown, as it might hold the URL."""
        cause = getattr(error, "orig", None) or error
        said = cause.args[0] if cause.args else ""
        if isinstance(said, dict):  # pg8000's: SQLSTATE and message
            said = f"{said.get('C', '')} {said.get('M', '')}".strip()
        elif isinstance(said, int) and len(cause.args) > 1:  # pymysql's: number and message
            said = f"{said} {cause.args[1]}"
        words = printable(str(said)).replace(self._engine.url.password or "\0", "…")
        return RecordsError(f"the database cannot be read: {type(cause).__name__}: {words}")


def opened_table(database: Database, assumed: Assumed) -> OpenedTable:
    """Prepare to read a table; nothing is asked of the server yet.

    Raises:
        RecordsError: SQLAlchemy or the driver is not installed, or the URL is none.
    """
    try:
        from sqlalchemy import create_engine
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    except ImportError:
        raise RecordsError(NEEDS) from None
    try:
        url = make_url(database.url)
        url = url.set(drivername=DRIVERS.get(url.drivername, url.drivername))
        if url.host and not HOST.fullmatch(url.host):
            raise ValueError  # the rest of a password with an `@` in it, which nobody is to see
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            raise RecordsError(f"there is no database `{url.database}`")  # else it would be made
        engine = create_engine(url)
    except NoSuchModuleError:
        raise RecordsError(
            f"`{printable(url.drivername)}://` is of no database that is known; write `mysql://`, "
            "`postgresql://` or `sqlite://`"
        ) from None
    except ImportError:
        raise RecordsError(NEEDS) from None
    except (ArgumentError, ValueError, TypeError):
        raise RecordsError(
            "the database's URL is none: `mysql://USER:PASSWORD@HOST/asteriskcdrdb`, "
            "`postgresql://…` or `sqlite:////FILE` is; `@`, `/` and `:` in a password are "
            "written `%40`, `%2F` and `%3A`"
        ) from None
    return OpenedTable(engine, database, assumed)


def _naive(at: float) -> datetime:
    bounded = min(max(at, 0.0), 4e9)
    return datetime.fromtimestamp(0, UTC).replace(tzinfo=None) + timedelta(seconds=bounded)


def _text(value: Any) -> str:
    """Return a value as a record in a file would have it; of no value, nothing."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, datetime):
        return str(value)[:19] if value.tzinfo is None else value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)
