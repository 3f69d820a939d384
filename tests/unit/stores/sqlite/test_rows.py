"""Reading rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.stores.sqlite.rows import rows

if TYPE_CHECKING:
    import apsw


def test_rows_come_as_tuples_of_what_was_stored(db: apsw.Connection) -> None:
    """None of them, where there are none."""
    assert rows(db, "SELECT ?, ?", ("a", 1.5)) == [("a", 1.5)]
    assert rows(db, "SELECT site FROM lease WHERE site = ?", ("office",)) == []
