"""Leases: a call's slots, all or none; counted where they are asked for, so nothing can leak."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from fastagi.stores.sqlite import sign_ins
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import Full, Hold, Lease, NotSignedIn, Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import apsw

COLUMNS: Final = (
    "site, call, number, node, extension, country, category, channel, "
    "rule, reference, seconds, since, expires, sign_in"
)
"""Of `lease`, in the order of `Lease`'s fields, but for the slots."""


def take(db: apsw.Connection, lease: Lease, now: float) -> Taken | Full | NotSignedIn:
    """Take every slot of the lease, or none; the same call's live lease is given them instead."""
    of_sign_in = (lease.site, lease.extension, lease.sign_in)
    if lease.sign_in and not sign_ins.is_live(db, *of_sign_in, now):
        return NotSignedIn()
    held = find(db, lease.site, lease.call, lease.number, lease.node, now)
    if held is not None and held.extension != lease.extension:
        return Taken(held, fresh=False)
    has = {} if held is None else {(each.limit, each.key): each for each in held.holds}
    over = []
    for hold in lease.holds:
        if (hold.limit, hold.key) in has or _taken(db, lease.site, hold, now) < hold.calls:
            continue
        if not hold.shadow:
            return Full(hold.limit, hold.key)
        over.append(hold.limit)
    sign_ins.use(db, *of_sign_in, now)
    if held is not None:
        holds = tuple(has.get((each.limit, each.key), each) for each in lease.holds)
        return Taken(_swap(db, held, holds), fresh=False, over=tuple(over))
    # An expired one may be in its place.
    release(db, lease.site, lease.call, lease.number, lease.node, now)
    _insert(db, lease)
    db.execute(
        "INSERT INTO dialled VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (lease.site, lease.extension, lease.country, now),
    )
    return Taken(lease, fresh=True, over=tuple(over))


def release(
    db: apsw.Connection, site: str, call: str, number: str | None, node: str | None, now: float
) -> int:
    """End the call's lease on a number, or on all, at a node, or at any; how many were live."""
    ending = rows(
        db,
        "SELECT number, node, expires, extension, sign_in FROM lease"
        " WHERE site = ? AND call = ? AND number = ifnull(?, number) AND node = ifnull(?, node)",
        (site, call, number, node),
    )
    live = 0
    for of_number, at_node, expires, extension, sign_in in ending:
        if expires > now:
            live += 1
            sign_ins.use(db, site, extension, sign_in, now)
        else:
            sign_ins.outlive(db, site, extension, sign_in, expires)
        _drop(db, site, call, of_number, at_node)
    return live


def renew(
    db: apsw.Connection,
    site: str,
    call: str,
    number: str,
    node: str,
    expires: float,
    now: float,
) -> bool:
    """Let a live lease and its slots last until a moment at least; return whether it lives."""
    of_lease = (site, call, number, node)
    db.execute(
        "UPDATE lease SET expires = max(expires, ?)"
        " WHERE site = ? AND call = ? AND number = ? AND node = ? AND expires > ?",
        (expires, *of_lease, now),
    )
    lives = db.changes() > 0
    db.execute(
        "UPDATE slot SET expires = max(expires, ?)"
        " WHERE site = ? AND call = ? AND number = ? AND node = ? AND expires > ?",
        (expires, *of_lease, now),
    )
    return lives


def live(db: apsw.Connection, site: str | None, now: float) -> Sequence[Lease]:
    """Return the live leases of a site, or of all, oldest first."""
    holds = defaultdict(list)
    for of_site, call, number, node, *hold in rows(
        db,
        "SELECT site, call, number, node, limit_name, key, calls, shadow FROM slot"
        " WHERE site = ifnull(?, site) AND expires > ?"
        " ORDER BY site, call, number, node, position",
        (site, now),
    ):
        holds[of_site, call, number, node].append(_hold(hold))
    return [
        _lease(row, holds[row[:4]])
        for row in rows(
            db,
            f"SELECT {COLUMNS} FROM lease WHERE site = ifnull(?, site) AND expires > ?"  # noqa: S608 - a constant
            " ORDER BY since, site, call, number, node",
            (site, now),
        )
    ]


def find(
    db: apsw.Connection, site: str, call: str, number: str, node: str, now: float
) -> Lease | None:
    """Return the live lease of a node's call on the number, if it has one."""
    found = rows(
        db,
        f"SELECT {COLUMNS} FROM lease"  # noqa: S608 - a constant
        " WHERE site = ? AND call = ? AND number = ? AND node = ? AND expires > ?",
        (site, call, number, node, now),
    )
    if not found:
        return None
    holds = rows(
        db,
        "SELECT limit_name, key, calls, shadow FROM slot"
        " WHERE site = ? AND call = ? AND number = ? AND node = ? ORDER BY position",
        (site, call, number, node),
    )
    return _lease(found[0], map(_hold, holds))


def _taken(db: apsw.Connection, site: str, hold: Hold, now: float) -> int:
    """Count the live slots of a limit."""
    counted: int = db.execute(
        "SELECT count(*) FROM slot WHERE site = ? AND limit_name = ? AND key = ? AND expires > ?",
        (site, hold.limit, hold.key, now),
    ).get
    return counted


def _swap(db: apsw.Connection, held: Lease, holds: tuple[Hold, ...]) -> Lease:
    """Put other slots in the place of those that a live lease has."""
    if holds == held.holds:
        return held
    lease = replace(held, holds=holds)
    db.execute(
        "DELETE FROM slot WHERE site = ? AND call = ? AND number = ? AND node = ?",
        (lease.site, lease.call, lease.number, lease.node),
    )
    _insert_slots(db, lease)
    return lease


def _insert(db: apsw.Connection, lease: Lease) -> None:
    db.execute(
        f"INSERT INTO lease ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant
        (
            lease.site,
            lease.call,
            lease.number,
            lease.node,
            lease.extension,
            lease.country,
            lease.category,
            lease.channel,
            lease.rule,
            lease.reference,
            lease.seconds,
            lease.since,
            lease.expires,
            lease.sign_in,
        ),
    )
    _insert_slots(db, lease)


def _insert_slots(db: apsw.Connection, lease: Lease) -> None:
    for position, hold in enumerate(lease.holds):
        db.execute(
            "INSERT INTO slot VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                lease.site,
                lease.call,
                lease.number,
                lease.node,
                position,
                hold.limit,
                hold.key,
                hold.calls,
                hold.shadow,
                lease.expires,
            ),
        )


def _drop(db: apsw.Connection, site: str, call: str, number: str, node: str) -> None:
    for table in ("slot", "lease"):
        db.execute(
            f"DELETE FROM {table} WHERE site = ? AND call = ? AND number = ? AND node = ?",  # noqa: S608 - ours
            (site, call, number, node),
        )


def _lease(row: Sequence[Any], holds: Iterable[Hold]) -> Lease:  # Any: as the rows come
    return Lease(*(*row[:-1], tuple(holds), row[-1]))


def _hold(row: Sequence[Any]) -> Hold:  # Any: as above
    limit, key, calls, shadow = row
    return Hold(limit, key, calls, shadow=bool(shadow))
