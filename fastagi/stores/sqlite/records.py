"""Texts by site, kind and key; see `stores.records`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.stores.records import Record
from fastagi.stores.sqlite.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from fastagi.stores.store import Note

THERE: Final = "ifnull(until > ?, TRUE)"


def put_record(
    db: apsw.Connection, site: str, kind: str, new: Record, before: str | None, now: float
) -> bool:
    """Put a record in the place of the one that has the text `before`, or of none."""
    old = record(db, site, kind, new.key, now)
    if (None if old is None else old.text) != before:
        return False
    _write(db, site, kind, new)
    return True


def put_note(db: apsw.Connection, site: str, note: Note) -> None:
    """Put a record in the place of whatever is there."""
    _write(db, site, note.kind, Record(note.key, note.text, note.until))


def record(db: apsw.Connection, site: str, kind: str, key: str, now: float) -> Record | None:
    """Return a record that is there."""
    found = rows(
        db,
        f"SELECT key, text, until FROM record WHERE site = ? AND kind = ? AND key = ? AND {THERE}",  # noqa: S608 - a constant
        (site, kind, key, now),
    )
    return Record(*found[0]) if found else None


def take_record(db: apsw.Connection, site: str, kind: str, key: str, now: float) -> Record | None:
    """Remove a record, and return it if it was there."""
    found = record(db, site, kind, key, now)
    db.execute("DELETE FROM record WHERE site = ? AND kind = ? AND key = ?", (site, kind, key))
    return found


def records(
    db: apsw.Connection, site: str, kind: str, after: str, count: int, now: float
) -> Sequence[Record]:
    """Return the next records of a kind, by key."""
    found = rows(
        db,
        "SELECT key, text, until FROM record WHERE site = ? AND kind = ? AND key > ?"  # noqa: S608 - a constant
        f" AND {THERE} ORDER BY key LIMIT ?",
        (site, kind, after, now, count),
    )
    return [Record(*row) for row in found]


def record_kinds(db: apsw.Connection, site: str) -> Sequence[str]:
    """Return the kinds of records that a site has."""
    found = rows(db, "SELECT DISTINCT kind FROM record WHERE site = ? ORDER BY kind", (site,))
    return [kind for (kind,) in found]


def _write(db: apsw.Connection, site: str, kind: str, new: Record) -> None:
    db.execute(
        "INSERT INTO record VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " text = excluded.text, until = excluded.until",
        (site, kind, new.key, new.text, new.until),
    )
