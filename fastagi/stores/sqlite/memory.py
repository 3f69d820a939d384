"""What is known of a caller between calls, fetched for a decision in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.stores.sqlite import enrolments, leases
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import Known, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from fastagi.stores.store import Enrolment


def known(
    db: apsw.Connection,
    site: str,
    extension: str,
    address: str,
    country: str,
    call: str,
    number: str,
    now: float,
) -> Known:
    """Return everything a decision needs, as it is at one moment."""
    locked_until, known_country = db.execute(
        "SELECT (SELECT max(until) FROM lockout"
        "   WHERE site = ?1 AND until > ?4 AND subject = ?5 AND name = ?2),"
        " EXISTS (SELECT * FROM dialled WHERE site = ?1 AND extension = ?2 AND country = ?3)",
        (site, extension, country, now, SubjectKind.EXTENSION),
    ).get
    return Known(
        locked_until=locked_until,
        lease=leases.find(db, site, call, number, now),
        proven_at=_proofs(db, site, extension, f"address:{address}", now),
        shown_at=_proofs(db, site, extension, f"call:{call}/{number}", now),
        known_country=bool(known_country),
    )


def remember(
    db: apsw.Connection,
    site: str,
    verified: Enrolment,
    scope: str,
    factors: Sequence[str],
    now: float,
    until: float,
) -> bool:
    """Remember proven factors; one that is remembered for longer already stays so."""
    if not enrolments.is_in_force(db, site, verified):
        return False
    db.executemany(
        "INSERT INTO proof VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " at = excluded.at, until = max(until, excluded.until)",
        [(site, verified.extension, scope, factor, now, until) for factor in factors],
    )
    return True


def _proofs(
    db: apsw.Connection, site: str, extension: str, scope: str, now: float
) -> dict[str, float]:
    return dict(
        rows(
            db,
            "SELECT factor, at FROM proof"
            " WHERE site = ? AND extension = ? AND scope = ? AND until > ?",
            (site, extension, scope, now),
        )
    )
