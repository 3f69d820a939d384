"""Failures, and the lockouts that follow from them.

A failure counts against each of its subjects until it is taken back, spent or forgotten. Those
that add up to a lockout are spent on it: after it the subject has all its tries again, but the
next lockout is the next of its row, and twice as long. They are kept all the same, as the attempt
that caused the lockout may turn out to be right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from fastagi.stores.sqlite import sign_ins
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import Attempt, FailureKind, Lockout, Subject, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from fastagi.stores.store import Penalty

COLUMNS: Final = "site, subject, name, since, until, row, kind"
"""Of `lockout`."""


def begin_attempt(
    db: apsw.Connection,
    site: str,
    subjects: tuple[Subject, ...],
    kind: FailureKind,
    penalty: Penalty,
    now: float,
) -> Attempt | Lockout:
    """Count a failure against every subject, or return the longest of the lockouts in force."""
    all_in_force = [
        lockout
        for subject in subjects
        if (lockout := in_force(db, site, subject.kind, subject.name, now)) is not None
    ]
    if all_in_force:
        return max(all_in_force, key=lambda lockout: lockout.until)
    db.execute("UPDATE sequence SET attempt = attempt + 1")
    attempt = Attempt(site, db.execute("SELECT attempt FROM sequence").get, subjects)
    for subject in subjects:
        db.execute(
            "INSERT INTO failure VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            (attempt.id, site, subject.kind, subject.name, kind, now, now + penalty.at_most_s),
        )
        if _counted(db, site, subject, kind, penalty, now) >= subject.allowed:
            _lock_out(db, attempt, subject, kind, penalty, now)
            if subject.kind is SubjectKind.EXTENSION:
                sign_ins.end_by_lockout(db, site, subject.name, attempt.id, now)
    return attempt


def succeed(db: apsw.Connection, attempt: Attempt, now: float, *, anew: bool = True) -> None:
    """Take the attempt's failure back, and whatever lockout it caused."""
    for subject, name, kind in rows(
        db,
        "SELECT subject, name, kind FROM failure WHERE attempt = ? AND site = ? AND forget > ?",
        (attempt.id, attempt.site, now),
    ):
        of_subject = (attempt.site, subject, name)
        db.execute(
            "DELETE FROM lockout WHERE site = ? AND subject = ? AND name = ? AND attempt = ?",
            (*of_subject, attempt.id),
        )
        whose = SubjectKind(subject)
        if whose is SubjectKind.EXTENSION:
            sign_ins.undo_lockout(db, attempt.site, attempt.id)
        match whose:
            case SubjectKind.EXTENSION | SubjectKind.OPERATOR if anew:
                _start_anew(db, of_subject, kind, now)
            case SubjectKind.EXTENSION | SubjectKind.OPERATOR | SubjectKind.ADDRESS:
                _take_back(db, of_subject, attempt.id)
            case _:
                assert_never(whose)


def lockouts(db: apsw.Connection, site: str | None, now: float) -> Sequence[Lockout]:
    """Return the lockouts in force: one a subject, the last to end first."""
    found: dict[tuple[str, str, str], Lockout] = {}
    for row in rows(
        db,
        f"SELECT {COLUMNS} FROM lockout"  # noqa: S608 - a constant
        " WHERE site = ifnull(?, site) AND until > ?"
        " ORDER BY until DESC, site, subject, name, attempt",
        (site, now),
    ):
        found.setdefault(row[:3], _lockout(*row))
    return list(found.values())


def in_force(
    db: apsw.Connection, site: str, kind: SubjectKind, name: str, now: float
) -> Lockout | None:
    """Return the subject's lockout that ends last, if one is in force."""
    found = rows(
        db,
        f"SELECT {COLUMNS} FROM lockout"  # noqa: S608 - a constant
        " WHERE site = ? AND subject = ? AND name = ? AND until > ?"
        " ORDER BY until DESC, attempt LIMIT 1",
        (site, kind, name, now),
    )
    return _lockout(*found[0]) if found else None


def clear(db: apsw.Connection, site: str, kind: SubjectKind, name: str, now: float) -> bool:
    """End a subject's lockout and forget its failures; return whether there was anything."""
    cleared = 0
    for table in ("failure", "lockout"):
        cleared += db.execute(
            f"SELECT count(*) FROM {table}"  # noqa: S608 - one of two words above
            " WHERE site = ? AND subject = ? AND name = ? AND forget > ?",
            (site, kind, name, now),
        ).get
        db.execute(
            f"DELETE FROM {table} WHERE site = ? AND subject = ? AND name = ?",  # noqa: S608 - as above
            (site, kind, name),
        )
    return cleared > 0


def _counted(
    db: apsw.Connection,
    site: str,
    subject: Subject,
    kind: FailureKind,
    penalty: Penalty,
    now: float,
) -> int:
    """Count the failures of a kind that are neither spent nor forgotten."""
    counted: int = db.execute(
        "SELECT count(*) FROM failure WHERE site = ? AND subject = ? AND name = ? AND kind = ?"
        " AND spent IS NULL AND at > ?",
        (site, subject.kind, subject.name, kind, now - penalty.at_most_s),
    ).get
    return counted


def _lock_out(
    db: apsw.Connection,
    attempt: Attempt,
    subject: Subject,
    kind: FailureKind,
    penalty: Penalty,
    now: float,
) -> None:
    """Lock a subject out from now on, and spend its failures on that."""
    of_kind = (attempt.site, subject.kind, subject.name, kind)
    row: int = (
        1
        + db.execute(
            "SELECT ifnull(max(row), 0) FROM lockout"
            " WHERE site = ? AND subject = ? AND name = ? AND kind = ? AND until > ?",
            (*of_kind, now - penalty.at_most_s),
        ).get
    )
    until = now + min(penalty.for_s * 2 ** (row - 1), penalty.at_most_s)
    db.execute(
        "INSERT INTO lockout VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*of_kind[:3], attempt.id, kind, now, until, row, until + penalty.at_most_s),
    )
    db.execute(
        "UPDATE failure SET spent = ?"
        " WHERE site = ? AND subject = ? AND name = ? AND kind = ? AND spent IS NULL",
        (attempt.id, *of_kind),
    )


def _start_anew(
    db: apsw.Connection, of_subject: tuple[str, str, str], kind: str, now: float
) -> None:
    """Forget a subject's failures of a kind, and the row of lockouts that are over."""
    db.execute(
        "DELETE FROM failure WHERE site = ? AND subject = ? AND name = ? AND kind = ?",
        (*of_subject, kind),
    )
    db.execute(
        "DELETE FROM lockout"
        " WHERE site = ? AND subject = ? AND name = ? AND kind = ? AND until <= ?",
        (*of_subject, kind, now),
    )


def _take_back(db: apsw.Connection, of_subject: tuple[str, str, str], attempt: int) -> None:
    """Forget one failure of a subject, and count again what was spent on the lockout it caused."""
    db.execute(
        "DELETE FROM failure WHERE site = ? AND subject = ? AND name = ? AND attempt = ?",
        (*of_subject, attempt),
    )
    db.execute(
        "UPDATE failure SET spent = NULL"
        " WHERE site = ? AND subject = ? AND name = ? AND spent = ?",
        (*of_subject, attempt),
    )


def _lockout(
    site: str, subject: str, name: str, since: float, until: float, row: int, kind: str
) -> Lockout:
    return Lockout(site, SubjectKind(subject), name, since, until, row, FailureKind(kind))
