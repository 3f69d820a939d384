"""Leases: a call's slots, all or none; counted where they are asked for, so nothing can leak.

What calls are charged to is in `budgets`. A little longer than other files, as every column of a
lease is named where it is written, and where it is read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import astuple, replace
from typing import TYPE_CHECKING, Any, Final

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Unit
from fastagi.stores.shadows import is_shadow
from fastagi.stores.sqlite import budgets, records, sign_ins
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import Full, Hold, Lease, Longer, NotSignedIn, Taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import apsw

    from fastagi.stores.budgets import Budget

COLUMNS: Final = (
    "site, call, number, node, extension, country, category, channel, "
    "rule, reference, seconds, since, expires, sign_in, longest_s, least_s, "
    "first_s, first_cost, next_s, next_cost"
)
"""Of `lease`, in the order of `Lease`'s fields, but for its slots, budgets, tariff and notes."""


def take(db: apsw.Connection, lease: Lease, now: float) -> Taken | Full | NotSignedIn:
    """Take every slot and charge all budgets, or none; to the same call's live lease, if any."""
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
    lacks = budgets.lacking(lease, held)
    of = lease if held is None else replace(held, tariff=_tariff(held, lease, lacks))
    least_s = min(lease.least_s, lease.seconds) if held is None else held.seconds
    room = budgets.room(db, lease.site, lacks, of.tariff, least_s, of.seconds, now)
    if isinstance(room, Full):
        return room
    sign_ins.use(db, *of_sign_in, now)
    if held is not None:
        holds = tuple(has.get((each.limit, each.key), each) for each in lease.holds)
        _swap(db, held, holds)
        now_held = replace(of, holds=holds, budgets=(*held.budgets, *lacks))
        if of.tariff != held.tariff:
            _write_tariff(db, of)
    else:
        # An expired one may be in its place: what it was charged nobody settled, and all counts.
        for gone in _found(db, lease.site, lease.call, lease.number, lease.node):
            _drop(db, gone, now)
        cut = lease.seconds - room.seconds
        ends = lease.expires - cut
        now_held = replace(lease, seconds=room.seconds, expires=ends, budgets=lacks, notes=())
        _insert(db, now_held)
        for note in lease.notes:
            records.put_note(db, lease.site, note)
        db.execute(
            "INSERT INTO dialled VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (lease.site, lease.extension, lease.country, now),
        )
    over_budget, crossed = budgets.charge(db, now_held, lacks, room.before)
    return Taken(now_held, held is None, (*over, *over_budget), crossed)


def extend(
    db: apsw.Connection, site: str, call: str, number: str, node: str, seconds: int, now: float
) -> Longer | None:
    """Let a live lease last longer, as far as its budgets go; None where it does not live."""
    held = find(db, site, call, number, node, now)
    if held is None:
        return None
    seconds = min(seconds, held.longest_s or held.seconds)
    if seconds > held.seconds:
        seconds = budgets.grown(db, held, seconds, now)
    if seconds <= held.seconds:
        return Longer(held)
    lease = replace(held, seconds=seconds, expires=held.expires + (seconds - held.seconds))
    db.execute(
        "UPDATE lease SET seconds = ? WHERE site = ? AND call = ? AND number = ? AND node = ?",
        (seconds, site, call, number, node),
    )
    _set_end(db, (site, call, number, node), lease.expires)
    return Longer(lease, budgets.grow(db, lease, now))


def release(
    db: apsw.Connection,
    site: str,
    call: str,
    number: str | None,
    node: str | None,
    now: float,
    talked_s: int | None = None,
) -> int:
    """End the call's lease on a number, or on all, at a node, or at any; how many were live."""
    ending = _found(db, site, call, number, node)
    for lease in ending:
        budgets.settle(db, lease, now, talked_s)
        _drop(db, lease, now)
    return sum(now < lease.expires for lease in ending)


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
    ends: float | None = db.execute(
        "SELECT expires FROM lease"
        " WHERE site = ? AND call = ? AND number = ? AND node = ? AND expires > ?",
        (site, call, number, node, now),
    ).get
    if ends is not None and ends < expires:
        _set_end(db, (site, call, number, node), expires)
        budgets.move(db, (site, call, number, node), expires)
    return ends is not None


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
    charged = defaultdict(list)
    for of_site, call, number, node, *budget in rows(
        db,
        f"SELECT site, call, number, node, {budgets.COLUMNS} FROM charged"  # noqa: S608 - a constant
        " WHERE site = ifnull(?, site) AND expires > ?"
        " ORDER BY site, call, number, node, position",
        (site, now),
    ):
        charged[of_site, call, number, node].append(budgets.budget_of(budget))
    return [
        _lease(row, holds[row[:4]], charged[row[:4]])
        for row in rows(
            db,
            f"SELECT {COLUMNS} FROM lease WHERE site = ifnull(?, site) AND expires > ?"  # noqa: S608 - a constant
            " ORDER BY since, site, call, number, node",
            (site, now),
        )
        if site is not None or not is_shadow(str(row[0]))
    ]


def find(
    db: apsw.Connection, site: str, call: str, number: str, node: str, now: float
) -> Lease | None:
    """Return the live lease of a node's call on the number, if it has one."""
    for lease in _found(db, site, call, number, node):
        if now < lease.expires:
            return lease
    return None


def _found(
    db: apsw.Connection, site: str, call: str, number: str | None, node: str | None
) -> list[Lease]:
    """Return leases of a call, whole, live or expired; on any number, or at any node, for None."""
    found = rows(
        db,
        f"SELECT {COLUMNS} FROM lease WHERE site = ? AND call = ?"  # noqa: S608 - a constant
        " AND number = ifnull(?, number) AND node = ifnull(?, node)",
        (site, call, number, node),
    )
    leases = []
    for row in found:
        of_lease = row[:4]
        holds = rows(
            db,
            "SELECT limit_name, key, calls, shadow FROM slot"
            " WHERE site = ? AND call = ? AND number = ? AND node = ? ORDER BY position",
            of_lease,
        )
        charged = rows(
            db,
            f"SELECT {budgets.COLUMNS} FROM charged"  # noqa: S608 - a constant
            " WHERE site = ? AND call = ? AND number = ? AND node = ? ORDER BY position",
            of_lease,
        )
        leases.append(_lease(row, map(_hold, holds), map(budgets.budget_of, charged)))
    return leases


def _tariff(held: Lease, asked: Lease, lacks: Iterable[Budget]) -> Tariff | None:
    """Return the tariff of a live lease: that of whoever asks again, where it had no money."""
    begins = _has_money(lacks) and not _has_money(held.budgets)
    return asked.tariff if begins else held.tariff


def _has_money(charged: Iterable[Budget]) -> bool:
    return any(each.unit is Unit.SPEND for each in charged)


def _taken(db: apsw.Connection, site: str, hold: Hold, now: float) -> int:
    """Count the live slots of a limit."""
    counted: int = db.execute(
        "SELECT count(*) FROM slot WHERE site = ? AND limit_name = ? AND key = ? AND expires > ?",
        (site, hold.limit, hold.key, now),
    ).get
    return counted


def _swap(db: apsw.Connection, held: Lease, holds: tuple[Hold, ...]) -> None:
    """Put other slots in the place of those that a live lease has."""
    if holds == held.holds:
        return
    lease = replace(held, holds=holds)
    db.execute(
        "DELETE FROM slot WHERE site = ? AND call = ? AND number = ? AND node = ?",
        (lease.site, lease.call, lease.number, lease.node),
    )
    _insert_slots(db, lease)


def _set_end(db: apsw.Connection, of_lease: tuple[str, str, str, str], expires: float) -> None:
    """Let a lease with its slots end at a moment."""
    for table in ("lease", "slot"):
        db.execute(
            f"UPDATE {table} SET expires = ?"  # noqa: S608 - ours
            " WHERE site = ? AND call = ? AND number = ? AND node = ?",
            (expires, *of_lease),
        )


def _insert(db: apsw.Connection, lease: Lease) -> None:
    db.execute(
        "INSERT INTO lease (site, call, number, node, extension, country, category, channel,"
        " rule, reference, seconds, since, expires, sign_in, longest_s, least_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(lease.site, lease.call, lease.number, lease.node),
            *(lease.extension, lease.country, lease.category, lease.channel),
            *(lease.rule, lease.reference, lease.seconds, lease.since, lease.expires),
            *(lease.sign_in, lease.longest_s, lease.least_s),
        ),
    )
    if lease.tariff is not None:
        _write_tariff(db, lease)
    _insert_slots(db, lease)


def _write_tariff(db: apsw.Connection, lease: Lease) -> None:
    tariff = (None,) * 4 if lease.tariff is None else astuple(lease.tariff)
    db.execute(
        "UPDATE lease SET first_s = ?, first_cost = ?, next_s = ?, next_cost = ?"
        " WHERE site = ? AND call = ? AND number = ? AND node = ?",
        (*tariff, lease.site, lease.call, lease.number, lease.node),
    )


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


def _drop(db: apsw.Connection, lease: Lease, now: float) -> None:
    """Take a lease away, and what it held; what it was charged stays as it is."""
    of_sign_in = (lease.site, lease.extension, lease.sign_in)
    if now < lease.expires:
        sign_ins.use(db, *of_sign_in, now)
    else:
        sign_ins.outlive(db, *of_sign_in, lease.expires)
    for table in ("slot", "charged", "lease"):
        db.execute(
            f"DELETE FROM {table} WHERE site = ? AND call = ? AND number = ? AND node = ?",  # noqa: S608 - ours
            (lease.site, lease.call, lease.number, lease.node),
        )


def _lease(
    row: Sequence[Any],  # Any: as the rows come
    holds: Iterable[Hold],
    charged: Iterable[Budget],
) -> Lease:
    *head, sign_in, longest_s, least_s, first_s, first_cost, next_s, next_cost = row
    tariff = None if first_s is None else Tariff(first_s, first_cost, next_s, next_cost)
    terms = (tuple(charged), tariff, longest_s, least_s)
    return Lease(*(*head, tuple(holds), sign_in, *terms))


def _hold(row: Sequence[Any]) -> Hold:  # Any: as above
    limit, key, calls, shadow = row
    return Hold(limit, key, calls, shadow=bool(shadow))
