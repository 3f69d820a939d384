"""Moving house: what must outlive a store, read out whole and put into another.

What is put in never makes a used-up code good again, and doing it twice changes nothing: a move
that broke off is simply begun anew.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from fastagi.stores.sqlite import enrolments, sign_ins
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import (
    Dossier,
    Failed,
    FailureKind,
    Lockout,
    Served,
    Standing,
    SubjectKind,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from fastagi.stores.store import Enrolment

TABLES: Final = (
    *("lease", "charge", "failure", "lockout", "enrolment", "proof", "dialled", "sign_in"),
    "record",
)
"""Those that have a site; slots are parts of leases, recovery codes of enrolments."""


def sites(db: apsw.Connection) -> Sequence[str]:
    """Return every site of which there is a row."""
    union = " UNION ".join(f"SELECT site FROM {table}" for table in TABLES)  # noqa: S608 - words above
    return [site for (site,) in rows(db, f"{union} ORDER BY site", ())]


def dossiers(db: apsw.Connection, site: str, after: str, count: int) -> Sequence[Dossier]:
    """Return the next dossiers of a site, by extension."""
    extensions = rows(
        db,
        "SELECT extension FROM enrolment WHERE site = ?1 AND extension > ?2"
        " UNION SELECT extension FROM dialled WHERE site = ?1 AND extension > ?2"
        " ORDER BY extension LIMIT ?3",
        (site, after, count),
    )
    return [_dossier(db, site, extension) for (extension,) in extensions]


def put_dossier(db: apsw.Connection, site: str, dossier: Dossier) -> bool:
    """Put a dossier in; return whether its enrolment is in force now."""
    db.executemany(
        "INSERT INTO dialled VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (site, dossier.extension, country, since)
            for country, since in dossier.countries.items()
        ],
    )
    new = dossier.enrolment
    old = enrolments.enrolment(db, site, dossier.extension)
    if new is None:
        return old is None
    if old is None or new.since > old.since:
        _replace(db, site, dossier, new)
        if old is None or (new.pin, new.totp) != (old.pin, old.totp):
            sign_ins.revoke(db, site, dossier.extension, new.since)
    elif new.totp == old.totp and dossier.step is not None:
        db.execute(
            "UPDATE enrolment SET step = max(ifnull(step, ?3), ?3)"
            " WHERE site = ?1 AND extension = ?2",
            (site, dossier.extension, dossier.step),
        )
    if old is not None and (new.pin, new.totp) == (old.pin, old.totp):
        _put_recovery(db, site, dossier.extension, new.recovery & old.recovery)
    return enrolments.is_in_force(db, site, new)


def standings(db: apsw.Connection, site: str, now: float) -> Sequence[Standing]:
    """Return what is held against each subject of a site, by kind and name."""
    failures: dict[tuple[str, str], list[Failed]] = defaultdict(list)
    for subject, name, kind, at, forget in rows(
        db,
        "SELECT subject, name, kind, at, forget FROM failure"
        " WHERE site = ? AND spent IS NULL AND forget > ? ORDER BY attempt",
        (site, now),
    ):
        failures[subject, name].append(Failed(FailureKind(kind), at, forget))
    lockouts: dict[tuple[str, str], list[Served]] = defaultdict(list)
    for subject, name, kind, since, until, row, forget in rows(
        db,
        "SELECT subject, name, kind, since, until, row, forget FROM lockout"
        " WHERE site = ? AND forget > ? ORDER BY attempt",
        (site, now),
    ):
        lockout = Lockout(site, SubjectKind(subject), name, since, until, row, FailureKind(kind))
        lockouts[subject, name].append(Served(lockout, forget))
    return [
        Standing(
            SubjectKind(subject),
            name,
            tuple(failures.get((subject, name), ())),
            tuple(lockouts.get((subject, name), ())),
        )
        for subject, name in sorted(failures.keys() | lockouts.keys())
    ]


def put_standing(db: apsw.Connection, site: str, standing: Standing) -> None:
    """Hold against a subject what the standing says, and nothing else.

    Each failure and each lockout gets an attempt of its own, that nobody can take back.
    """
    of_subject = (site, standing.kind, standing.name)
    for table in ("failure", "lockout"):
        db.execute(
            f"DELETE FROM {table} WHERE site = ? AND subject = ? AND name = ?",  # noqa: S608 - one of two words
            of_subject,
        )
    for failed in standing.failures:
        db.execute(
            "INSERT INTO failure VALUES (?, ?, ?, ?, ?, ?, ?, NULL)",
            (_next_attempt(db), *of_subject, failed.kind, failed.at, failed.forget),
        )
    for served in standing.lockouts:
        lockout = served.lockout
        db.execute(
            "INSERT INTO lockout VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *of_subject,
                _next_attempt(db),
                lockout.failure,
                lockout.since,
                lockout.until,
                lockout.row,
                served.forget,
            ),
        )


def _dossier(db: apsw.Connection, site: str, extension: str) -> Dossier:
    countries = rows(
        db,
        "SELECT country, since FROM dialled WHERE site = ? AND extension = ? ORDER BY country",
        (site, extension),
    )
    steps = rows(
        db,
        "SELECT step FROM enrolment WHERE site = ? AND extension = ?",
        (site, extension),
    )
    enrolment = enrolments.enrolment(db, site, extension)
    return Dossier(extension, enrolment, steps[0][0] if steps else None, dict(countries))


def _replace(db: apsw.Connection, site: str, dossier: Dossier, new: Enrolment) -> None:
    """Put an enrolment in the place of another, whole; and forget what was proven with that."""
    db.execute(
        "INSERT INTO enrolment VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " pin = excluded.pin, totp = excluded.totp, since = excluded.since,"
        " step = iif(excluded.totp IS totp,"
        " max(ifnull(step, excluded.step), ifnull(excluded.step, step)), excluded.step)",
        (site, dossier.extension, new.pin, new.totp, dossier.step, new.since),
    )
    db.execute(
        "DELETE FROM proof WHERE site = ? AND extension = ?",
        (site, dossier.extension),
    )
    _put_recovery(db, site, dossier.extension, new.recovery)


def _put_recovery(
    db: apsw.Connection, site: str, extension: str, recovery: frozenset[str]
) -> None:
    db.execute("DELETE FROM recovery WHERE site = ? AND extension = ?", (site, extension))
    db.executemany(
        "INSERT INTO recovery VALUES (?, ?, ?)",
        [(site, extension, digest) for digest in recovery],
    )


def _next_attempt(db: apsw.Connection) -> int:
    db.execute("UPDATE sequence SET attempt = attempt + 1")
    attempt: int = db.execute("SELECT attempt FROM sequence").get
    return attempt
