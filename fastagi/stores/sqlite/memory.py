"""What is known of a caller between calls, fetched for a decision in one step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.sqlite import budgets, enrolments, failures, leases, records, sign_ins
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import Known, SubjectKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw

    from fastagi.stores.store import Asked, Enrolment, Lease


def known(
    db: apsw.Connection,
    site: str,
    extension: str,
    address: str,
    country: str,
    call: str,
    number: str,
    node: str,
    now: float,
    asked: Asked,
) -> Known:
    """Return everything a decision needs, as it is at one moment."""
    lease = leases.find(db, site, call, number, node, now)
    looked = [records.record(db, site, each.kind, each.key, now) for each in asked.records]
    known_country: int = db.execute(
        "SELECT EXISTS (SELECT * FROM dialled WHERE site = ? AND extension = ? AND country = ?)",
        (site, extension, country),
    ).get
    return Known(
        lockout=failures.in_force(db, site, SubjectKind.EXTENSION, extension, now),
        lease=lease,
        proven_at=_proofs(db, site, extension, f"address:{address}", now),
        shown_at=_proofs(db, site, extension, f"call:{call}/{number}/{node}", now),
        known_country=bool(known_country),
        sign_ins=sign_ins.of_extension(db, site, extension, now),
        records={
            (each.kind, each.key): found
            for each, found in zip(asked.records, looked, strict=True)
            if found is not None
        },
        levels=tuple(budgets.level(db, site, each, lease, now) for each in asked.budgets),
    )


def known_or_taken(
    db: apsw.Connection,
    site: str,
    extension: str,
    address: str,
    country: str,
    call: str,
    number: str,
    node: str,
    now: float,
    asked: Asked,
    wanted: Lease,
) -> Known:
    """Return everything a decision needs; and take the lease where none of it forbids that."""
    before = known(db, site, extension, address, country, call, number, node, now, asked)
    if before.lockout is not None or before.lease is not None or not before.known_country:
        return before
    if not _is_as_thought(asked, before):
        return before
    return replace(before, taken=leases.take(db, wanted, now))


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


def _is_as_thought(asked: Asked, found: Known) -> bool:
    return all(
        ((each.kind, each.key) in found.records) is each.expected for each in asked.records
    ) and all(each.used < each.most for each in found.levels)


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
