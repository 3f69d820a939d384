"""Enrolments: second factors, hashed or encrypted before they come here, and what was used up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastagi.stores.sqlite import sign_ins
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import Enrolment

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from fastagi.stores.sign_ins import SignIn

COLUMNS: Final = (
    "extension, pin, totp, since, (SELECT group_concat(digest, ' ') FROM recovery"
    " WHERE recovery.site = enrolment.site AND recovery.extension = enrolment.extension)"
)
"""Of `enrolment`, with the digests (hex) that are left."""


def enrolment(db: apsw.Connection, site: str, extension: str) -> Enrolment | None:
    """Return the extension's enrolment, if it has one."""
    found = rows(
        db,
        f"SELECT {COLUMNS} FROM enrolment WHERE site = ? AND extension = ?",  # noqa: S608 - a constant
        (site, extension),
    )
    return _enrolment(found[0]) if found else None


def enrolments(db: apsw.Connection, site: str) -> Sequence[Enrolment]:
    """Return a site's enrolments by extension."""
    found = rows(
        db,
        f"SELECT {COLUMNS} FROM enrolment WHERE site = ? ORDER BY extension",  # noqa: S608 - a constant
        (site,),
    )
    return [_enrolment(row) for row in found]


def enrol(db: apsw.Connection, site: str, new: Enrolment) -> None:
    """Put the parts that an enrolment has in place of those that were there.

    What was proven with a factor that is no longer the same is proven no more: a thief who knew
    the old PIN must not go on for as long as it is remembered.
    """
    of_extension = (site, new.extension)
    old = enrolment(db, site, new.extension)
    db.execute(
        "INSERT INTO enrolment VALUES (?, ?, ?, ?, NULL, ?) ON CONFLICT DO UPDATE SET"
        " pin = ifnull(excluded.pin, pin), totp = ifnull(excluded.totp, totp),"
        " since = excluded.since, step = iif(ifnull(excluded.totp, totp) IS totp, step, NULL)",
        (*of_extension, new.pin, new.totp, new.since),
    )
    if old is None or not is_in_force(db, site, old):
        db.execute("DELETE FROM proof WHERE site = ? AND extension = ?", of_extension)
        sign_ins.revoke(db, site, new.extension, new.since)
    if not new.recovery:
        return
    db.execute("DELETE FROM recovery WHERE site = ? AND extension = ?", of_extension)
    db.executemany(
        "INSERT INTO recovery VALUES (?, ?, ?)",
        [(*of_extension, digest) for digest in new.recovery],
    )


def rekey(db: apsw.Connection, site: str, verified: Enrolment, renewed: Enrolment) -> bool:
    """Put the same PIN and TOTP secret under another key."""
    db.execute(
        "UPDATE enrolment SET pin = ?, totp = ?"
        " WHERE site = ? AND extension = ? AND pin IS ? AND totp IS ?",
        (renewed.pin, renewed.totp, site, verified.extension, verified.pin, verified.totp),
    )
    return db.changes() > 0


def unenrol(db: apsw.Connection, site: str, extension: str, now: float) -> bool:
    """Forget an extension's enrolment, what it proved and where it called."""
    sign_ins.revoke(db, site, extension, now)
    for table in ("recovery", "proof", "dialled", "enrolment"):
        db.execute(
            f"DELETE FROM {table} WHERE site = ? AND extension = ?",  # noqa: S608 - ours
            (site, extension),
        )
    return db.changes() > 0  # by the last of them: whether there was an enrolment


def is_in_force(db: apsw.Connection, site: str, verified: Enrolment) -> bool:
    """Whether PIN and TOTP secret are the same still."""
    found: int = db.execute(
        "SELECT EXISTS (SELECT * FROM enrolment"
        " WHERE site = ? AND extension = ? AND pin IS ? AND totp IS ?)",
        (site, verified.extension, verified.pin, verified.totp),
    ).get
    return bool(found)


def open_sign_in(
    db: apsw.Connection, new: SignIn, verified: Enrolment | None, at_once: int, now: float
) -> Sequence[SignIn] | None:
    """Open a sign-in, unless the enrolment that it was shown by is in force no more."""
    if verified is not None and not is_in_force(db, new.site, verified):
        return None
    return sign_ins.open_sign_in(db, new, at_once, now)


def claim_step(db: apsw.Connection, site: str, verified: Enrolment, step: int) -> bool:
    """Burn a TOTP step: only one later than all before it can be burnt."""
    if verified.totp is None or not is_in_force(db, site, verified):
        return False
    db.execute(
        "UPDATE enrolment SET step = ?3 WHERE site = ?1 AND extension = ?2"
        " AND ifnull(step < ?3, TRUE)",
        (site, verified.extension, step),
    )
    return db.changes() > 0


def claim_recovery(db: apsw.Connection, site: str, verified: Enrolment, digest: str) -> bool:
    """Burn a recovery code."""
    if not is_in_force(db, site, verified):
        return False
    db.execute(
        "DELETE FROM recovery WHERE site = ? AND extension = ? AND digest = ?",
        (site, verified.extension, digest),
    )
    return db.changes() > 0


def _enrolment(row: Sequence[Any]) -> Enrolment:  # Any: as the rows come
    extension, pin, totp, since, digests = row
    recovery = frozenset(digests.split()) if digests else frozenset()
    return Enrolment(extension, pin, totp, recovery, since)
