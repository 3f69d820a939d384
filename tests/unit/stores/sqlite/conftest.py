"""A connection with the tables, and what SQLite means to do with a statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.sqlite.database import Database

if TYPE_CHECKING:
    from collections.abc import Iterator

    import apsw


@pytest.fixture
def db() -> Iterator[apsw.Connection]:
    """An empty store in memory, as its operations see it."""
    database = Database(None, patience_s=0.0)
    yield database.connection
    database.close()


SMALL = ("SCAN sequence", "SCAN CONSTANT ROW", "SCAN 2-ROW", "SCAN 2 CONSTANT ROWS")
"""What may be read from end to end: a table with one row, and lists in the statement itself."""


@dataclass
class Plans:
    """What SQLite meant to do, statement by statement."""

    db: apsw.Connection
    seen: dict[str, apsw.Bindings | None] = field(default_factory=dict)

    def scans(self) -> list[str]:
        """Return every step that reads a whole table, or all of a site, since the last time."""
        self.db.set_exec_trace(None)
        steps = [
            f"{detail}: {statement}"
            for statement, bindings in self.seen.items()
            for *_, detail in self.db.execute(statement, bindings, explain=2).fetchall()
        ]
        self.seen.clear()
        return [
            step
            for step in steps
            if "(site=?):" in step or (step.startswith("SCAN") and not step.startswith(SMALL))
        ]


@pytest.fixture
def plans(db: apsw.Connection) -> Plans:
    """Watch the statements that run on `db` from now on."""
    plans = Plans(db)

    def watch(cursor: apsw.Cursor, statement: str, bindings: apsw.Bindings | None) -> bool:
        plans.seen[statement] = bindings
        return True

    db.set_exec_trace(watch)
    return plans
