"""People who are signed in: a row each, which says by itself whether it lives.

What ends it (somebody, a lockout, other factors) is written into it. That its time is up, or that
it has been idle, is seen as it is read; and written down by whatever would have ended it, too, and
when the next one is opened. So an extension has few rows that nobody ended.

It is one file, though a long one: whether a row lives is said once, in the words of SQL, and every
statement here is made with them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from fastagi.stores.sign_ins import REMEMBERED_S, Origin, SignedOff, SignIn, Way
from fastagi.stores.sqlite.rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import apsw

COLUMNS: Final = (
    "site, extension, id, person, way, address, transport, agent, contact, node, since, until,"
    " idle_s, used, ended, why"
)
"""Of `sign_in`, in the order of `SignIn`'s fields, with those of `Origin` in its place."""

IDLE_FROM: Final = (
    "max(used, lived, ifnull((SELECT max(expires) FROM lease INDEXED BY lease_of_sign_in"
    " WHERE lease.sign_in <> '' AND lease.site = sign_in.site"
    " AND lease.extension = sign_in.extension AND lease.sign_in = sign_in.id), used))"
)
"""When the last of its calls was over, or will be at the latest."""

TIME_IS_UP: Final = f"iif(idle_s > 0, min(until, {IDLE_FROM} + idle_s), until)"
"""When it is over where nothing ends it before."""

READ: Final = f"{COLUMNS}, {TIME_IS_UP}, attempt"
"""What is read of one: see `_as_it_is`."""


def open_sign_in(
    db: apsw.Connection, new: SignIn, at_once: int, now: float
) -> Sequence[SignIn] | None:
    """Open a sign-in, and end those of its extension that it replaces; return these."""
    if _is_locked_out(db, new, now):
        return None
    if sign_in(db, new.site, new.extension, new.id, now) is not None:
        return ()
    db.execute(
        "DELETE FROM sign_in WHERE site = ? AND extension = ? AND id = ?",
        (new.site, new.extension, new.id),
    )
    found = _found(db, "extension", new.site, new.extension, now)
    live = [each for each, _ in found if each.ended is None]
    elsewhere = [each for each in live if each.origin != new.origin]
    stay = elsewhere[max(0, len(elsewhere) + 1 - at_once) :]
    go = [(each, undo) for each, undo in found if each not in stay]
    ended = _finish(db, go, SignedOff.ELSEWHERE, now)
    _insert(db, new)
    return ended


def place_sign_in(
    db: apsw.Connection, sign_in: SignIn, origin: Origin, node: str, until: float, now: float
) -> bool:
    """Bind a live sign-in to a place, unless it is in another by now."""
    before = sign_in.origin
    db.execute(
        "UPDATE sign_in SET address = ?, transport = ?, agent = ?, contact = ?, node = ?,"  # noqa: S608 - a constant
        " until = ?, used = max(used, ?)"
        " WHERE site = ? AND extension = ? AND id = ? AND ended IS NULL"
        " AND address = ? AND transport = ? AND agent = ? AND contact = ? AND node = ?"
        f" AND {TIME_IS_UP} > ?",
        (
            *(origin.address, origin.transport, origin.agent, origin.contact, node, until, now),
            *(sign_in.site, sign_in.extension, sign_in.id),
            *(before.address, before.transport, before.agent, before.contact, sign_in.node, now),
        ),
    )
    return db.changes() > 0


def end_sign_ins(
    db: apsw.Connection, site: str, extension: str, id: str | None, why: SignedOff, now: float
) -> Sequence[SignIn]:
    """End one live sign-in of an extension, or all of them; return them, ended."""
    found = _found(db, "extension", site, extension, now)
    return _finish(db, [each for each in found if id in (None, each[0].id)], why, now)


def sign_in(db: apsw.Connection, site: str, extension: str, id: str, now: float) -> SignIn | None:
    """Return a sign-in that is not forgotten, with when and why it was over, if it is."""
    found = rows(
        db,
        f"SELECT {READ} FROM sign_in WHERE site = ? AND extension = ? AND id = ?",  # noqa: S608 - a constant
        (site, extension, id),
    )
    for each, _ in (_as_it_is(row, now) for row in found):
        if each.ended is None or each.ended + REMEMBERED_S > now:
            return each
    return None


def of_extension(db: apsw.Connection, site: str, extension: str, now: float) -> tuple[SignIn, ...]:
    """Return the live sign-ins of an extension, oldest first."""
    found = _found(db, "extension", site, extension, now)
    return tuple(each for each, _ in found if each.ended is None)


def sign_ins(db: apsw.Connection, site: str | None, now: float) -> Sequence[SignIn]:
    """Return the live sign-ins of a site, or of all, oldest first."""
    found = rows(
        db,
        f"SELECT {READ} FROM sign_in INDEXED BY sign_in_of_extension"  # noqa: S608 - as above
        " WHERE site = ifnull(?, site) AND ended IS NULL ORDER BY since, site, extension, id",
        (site,),
    )
    return [each for each, _ in (_as_it_is(row, now) for row in found) if each.ended is None]


def put_sign_in(db: apsw.Connection, new: SignIn) -> None:
    """Write a sign-in down as it is; of one that is there, what is later and stricter counts."""
    _insert(db, new)
    use(db, new.site, new.extension, new.id, new.used)
    if new.ended is not None:
        db.execute(
            "UPDATE sign_in SET ended = ?, why = ?, attempt = NULL"
            " WHERE site = ? AND extension = ? AND id = ?"
            " AND (ended IS NULL OR attempt IS NOT NULL)",
            (new.ended, new.why, new.site, new.extension, new.id),
        )


# ----------------------------------------------------------------------------- what others see to


def is_live(db: apsw.Connection, site: str, extension: str, id: str, now: float) -> bool:
    """Tell whether a sign-in lives."""
    return any(each.id == id for each in of_extension(db, site, extension, now))


def use(db: apsw.Connection, site: str, extension: str, id: str, now: float) -> None:
    """Note that a call of a sign-in was let through, or is over."""
    if id:
        db.execute(
            "UPDATE sign_in SET used = max(used, ?) WHERE site = ? AND extension = ? AND id = ?",
            (now, site, extension, id),
        )


def outlive(db: apsw.Connection, site: str, extension: str, id: str, expires: float) -> None:
    """Note when a lease of a sign-in was over that nobody released."""
    if id:
        db.execute(
            "UPDATE sign_in SET lived = max(lived, ?) WHERE site = ? AND extension = ? AND id = ?",
            (expires, site, extension, id),
        )


def outlive_expired(db: apsw.Connection, now: float) -> None:
    """Note the same of every lease that is void, as all of these are about to be dropped."""
    for of_lease in rows(
        db,
        "SELECT site, extension, sign_in, max(expires) FROM lease"
        " WHERE expires <= ? AND sign_in <> '' GROUP BY site, extension, sign_in",
        (now,),
    ):
        outlive(db, *of_lease)


def revoke(db: apsw.Connection, site: str, person: str, now: float) -> None:
    """End what was opened with a person's factors, which are others now."""
    _finish(db, _found(db, "person", site, person, now), SignedOff.REVOKED, now)


def end_by_lockout(db: apsw.Connection, site: str, name: str, attempt: int, now: float) -> None:
    """End what an extension that is locked out has, or opened elsewhere."""
    for whose in ("extension", "person"):
        found = _found(db, whose, site, name, now)
        _finish(db, found, SignedOff.LOCKOUT, now, attempt)


def undo_lockout(db: apsw.Connection, site: str, attempt: int) -> None:
    """Undo what a lockout ended that was never due."""
    db.execute(
        "UPDATE sign_in INDEXED BY sign_in_of_attempt SET ended = NULL, why = NULL, attempt = NULL"
        " WHERE site = ? AND attempt = ?",
        (site, attempt),
    )


def tidy(db: apsw.Connection, now: float, future: float) -> int:
    """Drop what is forgotten, and tell how many; and what a clock that was set back has opened.

    What is left was used, and over, now at the latest.
    """
    db.execute("DELETE FROM sign_in WHERE since > ?", (future,))
    db.execute(
        "UPDATE sign_in SET used = iif(used > ?2, ?1, used), lived = iif(lived > ?2, ?1, lived),"
        " ended = iif(ended > ?2, ?1, ended) WHERE max(used, lived, ifnull(ended, used)) > ?2",
        (now, future),
    )
    db.execute(
        f"DELETE FROM sign_in WHERE ifnull(ended, {TIME_IS_UP}) + ? <= ?",  # noqa: S608 - a constant
        (REMEMBERED_S, now),
    )
    return db.changes()


# ----------------------------------------------------------------------------- inside


def _found(
    db: apsw.Connection, whose: str, site: str, name: str, now: float
) -> list[tuple[SignIn, int | None]]:
    """Return those of an `extension` or a `person` that nobody ended for good, oldest first.

    Each as it is now; with the attempt whose lockout ended it, where that may be taken back. By
    which index is said, as SQLite would rather read the whole site.
    """
    found = rows(
        db,
        f"SELECT {READ} FROM sign_in INDEXED BY sign_in_of_{whose}"  # noqa: S608 - one of two words
        f" WHERE site = ? AND {whose} = ? AND (ended IS NULL OR attempt IS NOT NULL)"
        " ORDER BY since, extension, id",
        (site, name),
    )
    return [_as_it_is(row, now) for row in found]


def _finish(
    db: apsw.Connection,
    found: Iterable[tuple[SignIn, int | None]],
    why: SignedOff,
    now: float,
    attempt: int | None = None,
) -> Sequence[SignIn]:
    """Write down that sign-ins are over: now, for a reason, or since their time was up.

    What a lockout ended is over for good, as this would have ended it, too; but not what this very
    lockout ended a moment ago. Return those that lived.
    """
    ended = []
    for each, undo in found:
        if undo is not None:
            _write_end(db, each, undo if undo == attempt else None)
        elif each.ended is not None:
            _write_end(db, each, None)
        else:
            over = replace(each, ended=max(each.since, now), why=why)
            _write_end(db, over, attempt)
            ended.append(over)
    return ended


def _write_end(db: apsw.Connection, over: SignIn, attempt: int | None) -> None:
    db.execute(
        "UPDATE sign_in SET ended = ?, why = ?, attempt = ?"
        " WHERE site = ? AND extension = ? AND id = ?",
        (over.ended, over.why, attempt, over.site, over.extension, over.id),
    )


def _insert(db: apsw.Connection, new: SignIn) -> None:
    """Write a sign-in down, unless it is there."""
    place = new.origin
    db.execute(
        f"INSERT INTO sign_in ({COLUMNS}, lived)"  # noqa: S608 - a constant
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(new.site, new.extension, new.id, new.person, new.way),
            *(place.address, place.transport, place.agent, place.contact, new.node),
            *(new.since, new.until, new.idle_s, new.used, new.ended, new.why, new.used),
        ),
    )


def _is_locked_out(db: apsw.Connection, new: SignIn, now: float) -> bool:
    found: int = db.execute(
        "SELECT EXISTS (SELECT * FROM lockout WHERE site = ? AND subject = 'extension'"
        " AND name IN (?, ?) AND until > ?)",
        (new.site, new.extension, new.person, now),
    ).get
    return bool(found)


def _as_it_is(row: Sequence[Any], now: float) -> tuple[SignIn, int | None]:  # Any: as rows come
    """Return a sign-in with its end, also one that nobody wrote down; and see `_found`."""
    (site, extension, id, person, way, address, transport, agent, contact, node) = row[:10]
    since, until, idle_s, used, ended, why, time_is_up, undo = row[10:]
    if ended is None and time_is_up <= now:
        ended = time_is_up
        why = SignedOff.IDLE if time_is_up < until else SignedOff.EXPIRED
    found = SignIn(
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
    return found, undo
