"""Keeping the store small, and right when the machine's clock was not.

Nothing here changes an answer while the clock goes forward: what is dropped was void already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.stores.sqlite import budgets, sign_ins
from fastagi.stores.sqlite.rows import rows

if TYPE_CHECKING:
    import apsw

CLOCKS_DIFFER_S: Final = 60.0
"""What is dated later than this from now was written before the clock was set back."""

VOID: Final = (
    ("slot", "expires"),
    ("charged", "expires"),
    ("lease", "expires"),
    ("failure", "forget"),
    ("lockout", "forget"),
    ("proof", "until"),
    ("record", "until"),
)
"""Tables, and the column from whose moment on a row of it is void."""

PARTS: Final = ("slot", "charged")
"""Those whose rows are parts of leases."""


def tidy(db: apsw.Connection, now: float) -> int:
    """Drop what is void, and re-date what comes from the future; return how many were dropped."""
    _re_date(db, now)
    sign_ins.outlive_expired(db, now)
    dropped = 0
    for table, end in VOID:
        db.execute(f"DELETE FROM {table} WHERE {end} <= ?", (now,))  # noqa: S608 - words above
        dropped += db.changes() if table not in PARTS else 0
    dropped += budgets.tidy(db, now, now + CLOCKS_DIFFER_S)
    return dropped + sign_ins.tidy(db, now, now + CLOCKS_DIFFER_S)


def _re_date(db: apsw.Connection, now: float) -> None:
    """Let what was dated by a clock since set back begin now, and last as long as it was meant to.

    Else a slot would stay taken, and a phone locked out, for as long as the clock went back. That
    nothing ends early follows from its length: it began before now, whatever the clock said. What
    was proven by that clock is proven no more: how long ago it was, nobody knows.
    """
    future = now + CLOCKS_DIFFER_S
    for *of_lease, expires in rows(
        db,
        "SELECT site, call, number, node, ? + (expires - since) FROM lease WHERE since > ?",
        (now, future),
    ):
        db.execute(
            "UPDATE lease SET since = ?, expires = ?"
            " WHERE site = ? AND call = ? AND number = ? AND node = ?",
            (now, expires, *of_lease),
        )
        db.execute(
            "UPDATE slot SET expires = ? WHERE site = ? AND call = ? AND number = ? AND node = ?",
            (expires, *of_lease),
        )
        budgets.move(db, tuple(of_lease), expires)
    db.execute(
        "UPDATE lockout"
        " SET since = ?1, until = ?1 + (until - since), forget = ?1 + (forget - since)"
        " WHERE since > ?2",
        (now, future),
    )
    db.execute(
        "UPDATE failure SET at = ?1, forget = ?1 + (forget - at) WHERE at > ?2", (now, future)
    )
    db.execute("DELETE FROM proof WHERE at > ?", (future,))
