"""Reading rows: the one place where what the driver gives is taken for what the schema says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import apsw

    Value = str | bytes | float | None
    Bindings = tuple[Value, ...] | dict[str, Value]


def rows(db: apsw.Connection, query: str, bindings: Bindings) -> list[Any]:
    """Return all rows of a query; their types are those of its columns: all tables are STRICT."""
    return db.execute(query, bindings).fetchall()
