"""People who are signed in: a row each, which says by itself whether it lives.

What ends it (somebody, a lockout, other factors) is written into it; that its time is up, or that
it has been idle, is seen as it is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastagi.stores.sign_ins import REMEMBERED_S, Origin, SignedOff, SignIn, Way
from fastagi.stores.sqlite.rows import rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    import apsw
COLUMNS: Final = (
    "site, extension, id, person, way, address, transport, agent, contact, node, since, until,"
    " idle_s, used, ended, why"
)
"""Of `sign_in`, in the order of `SignIn`'s fields, with those of `Origin` in its place."""

IDLE: Final = (
    "(idle_s > 0 AND used + idle_s <= :now AND NOT EXISTS (SELECT * FROM lease WHERE"
    " lease.site = sign_in.site AND lease.sign_in = sign_in.id AND lease.expires > :now))"
)
"""Whether it has been idle for too long, and no call of its own lives."""

LIVE: Final = f"(ended IS NULL AND until > :now AND NOT {IDLE})"


def open_sign_in(
    db: apsw.Connection, new: SignIn, at_once: int, now: float
) -> Sequence[SignIn] | None:
    """Open a sign-in, and end those of its extension that it replaces; return these."""
    if _is_locked_out(db, new, now):
        return None
    if sign_in(db, new.site, new.extension, new.id, now) is not None:
        return ()
    others = of_extension(db, new.site, new.extension, now)
    same = [each for each in others if each.origin == new.origin]
    rest = [each for each in others if each.origin != new.origin]
    surplus = rest[: max(0, len(rest) + 1 - at_once)]
    ended = [
        *_end(db, new.site, [each.id for each in (*same, *surplus)], SignedOff.ELSEWHERE, now)
    ]
    _insert(db, new)
    return ended


def end_sign_ins(
    db: apsw.Connection, site: str, extension: str, id: str | None, why: SignedOff, now: float
) -> Sequence[SignIn]:
    """End one live sign-in of an extension, or all of them; return them, ended."""
    live = of_extension(db, site, extension, now)
    return _end(db, site, [each.id for each in live if id in (None, each.id)], why, now)


def sign_in(db: apsw.Connection, site: str, extension: str, id: str, now: float) -> SignIn | None:
    """Return a sign-in, with when and why it was over, if it is."""
    found = rows(
        db,
        f"SELECT {COLUMNS}, {IDLE} FROM sign_in"  # noqa: S608 - constants
        " WHERE site = :site AND extension = :extension AND id = :id",
        {"site": site, "extension": extension, "id": id, "now": now},
    )
    if not found:
        return None
    *row, idle = found[0]
    return _as_it_is(row, idle=bool(idle), now=now)


def of_extension(db: apsw.Connection, site: str, extension: str, now: float) -> tuple[SignIn, ...]:
    """Return the live sign-ins of an extension, oldest first."""
    return _where(db, "site = :site AND extension = :extension", site, extension, now)


def sign_ins(db: apsw.Connection, site: str | None, now: float) -> Sequence[SignIn]:
    """Return the live sign-ins of a site, or of all, oldest first."""
    return _where(db, "site = ifnull(:site, site)", site, "", now)


def put_sign_in(db: apsw.Connection, new: SignIn) -> None:
    """Write a sign-in down as it is; of one that is there, what is later and stricter counts."""
    _insert(db, new)
    of_sign_in = (new.site, new.extension, new.id)
    use(db, *of_sign_in, new.used)
    if new.ended is not None:
        db.execute(
            "UPDATE sign_in SET ended = ?, why = ?"
            " WHERE site = ? AND extension = ? AND id = ? AND ended IS NULL",
            (new.ended, new.why, *of_sign_in),
        )


def _insert(db: apsw.Connection, new: SignIn) -> None:
    """Write a sign-in down, unless it is there."""
    place = new.origin
    db.execute(
        f"INSERT INTO sign_in ({COLUMNS})"  # noqa: S608 - a constant
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            new.site,
            new.extension,
            new.id,
            new.person,
            new.way,
            place.address,
            place.transport,
            place.agent,
            place.contact,
            new.node,
            new.since,
            new.until,
            new.idle_s,
            new.used,
            new.ended,
            new.why,
        ),
    )


# ----------------------------------------------------------------------------- what others see to


def is_live(db: apsw.Connection, site: str, extension: str, id: str, now: float) -> bool:
    """Tell whether a sign-in lives."""
    return any(each.id == id for each in of_extension(db, site, extension, now))


def use(db: apsw.Connection, site: str, extension: str, id: str, now: float) -> None:
    """Note that a call of a sign-in was let through, or is over."""
    db.execute(
        "UPDATE sign_in SET used = max(used, ?)"
        " WHERE site = ? AND extension = ? AND id = ? AND ended IS NULL",
        (now, site, extension, id),
    )


def revoke(db: apsw.Connection, site: str, person: str, now: float) -> None:
    """End what was opened with a person's factors, which are others now."""
    mine = _where(db, "site = :site AND person = :name", site, person, now)
    _end(db, site, [each.id for each in mine], SignedOff.REVOKED, now)


def lock_out(db: apsw.Connection, site: str, name: str, attempt: int, now: float) -> None:
    """End what an extension that is locked out has, or opened elsewhere."""
    theirs = _where(db, "site = :site AND :name IN (extension, person)", site, name, now)
    _end(db, site, [each.id for each in theirs], SignedOff.LOCKOUT, now, attempt)


def take_back(db: apsw.Connection, site: str, attempt: int) -> None:
    """Undo what a lockout ended that was never due."""
    db.execute(
        "UPDATE sign_in SET ended = NULL, why = NULL, attempt = NULL"
        " WHERE site = ? AND attempt = ?",
        (site, attempt),
    )


def tidy(db: apsw.Connection, now: float, future: float) -> int:
    """Drop what is forgotten, and what a clock that was set back since has dated."""
    idle = _where(db, "site = ifnull(:site, site)", None, "", now, IDLE)
    for each in idle:
        db.execute(
            "UPDATE sign_in SET ended = ?, why = ? WHERE site = ? AND extension = ? AND id = ?",
            (each.ended, each.why, each.site, each.extension, each.id),
        )
    db.execute(
        "DELETE FROM sign_in WHERE ifnull(ended, until) + ? <= ? OR since > ?",
        (REMEMBERED_S, now, future),
    )
    return db.changes()


# ----------------------------------------------------------------------------- inside


def _where(
    db: apsw.Connection,
    condition: str,
    site: str | None,
    name: str,
    now: float,
    which: str = LIVE,
) -> tuple[SignIn, ...]:
    """Return the sign-ins of a condition, oldest first: the live ones, or those of another."""
    found = rows(
        db,
        f"SELECT {COLUMNS}, {IDLE} FROM sign_in"  # noqa: S608 - constants, here and in the callers
        f" WHERE {condition} AND ended IS NULL AND {which}"
        " ORDER BY since, site, extension, id",
        {"site": site, "extension": name, "name": name, "now": now},
    )
    return tuple(_as_it_is(row, idle=bool(idle), now=now) for *row, idle in found)


def _end(
    db: apsw.Connection,
    site: str,
    ids: Sequence[str],
    why: SignedOff,
    now: float,
    attempt: int | None = None,
) -> Sequence[SignIn]:
    ended = []
    for id in ids:
        db.execute(
            "UPDATE sign_in SET ended = max(since, ?), why = ?, attempt = ?"
            " WHERE site = ? AND id = ? AND ended IS NULL",
            (now, why, attempt, site, id),
        )
        row = rows(
            db,
            f"SELECT {COLUMNS} FROM sign_in WHERE site = ? AND id = ?",  # noqa: S608 - a constant
            (site, id),
        )[0]
        ended.append(_as_it_is(row, idle=False, now=now))
    return ended


def _is_locked_out(db: apsw.Connection, new: SignIn, now: float) -> bool:
    found: int = db.execute(
        "SELECT EXISTS (SELECT * FROM lockout WHERE site = ? AND subject = 'extension'"
        " AND name IN (?, ?) AND until > ?)",
        (new.site, new.extension, new.person, now),
    ).get
    return bool(found)


def _as_it_is(row: Sequence[Any], *, idle: bool, now: float) -> SignIn:  # Any: as the rows come
    """Return a sign-in with its end, also one that nobody wrote down."""
    (site, extension, id, person, way, address, transport, agent, contact, node) = row[:10]
    since, until, idle_s, used, ended, why = row[10:]
    if ended is None and idle and used + idle_s < until:
        ended, why = used + idle_s, SignedOff.IDLE
    elif ended is None and until <= now:
        ended, why = until, SignedOff.EXPIRED
    return SignIn(
        site=site,
        extension=extension,
        id=id,
        person=person,
        way=Way(way),
        origin=Origin(address, transport, agent, contact),
        node=node,
        since=since,
        until=until,
        idle_s=idle_s,
        used=used,
        ended=ended,
        why=None if why is None else SignedOff(why),
    )
