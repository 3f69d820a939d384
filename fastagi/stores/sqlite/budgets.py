"""What calls use up of budgets: a charge each, and a total for each window.

The total is kept by triggers (see `schema`): whatever is done to charges, it is what they come to.
So a step costs the same with ten charges in a window, and with ten thousand. What counts no more
is dropped by the next step that charges to its window, or by `tidy`.

Longer than other files: to reserve, to extend, to settle and to move are four sides of one sum,
which is to be read in one place, and a good half of it is SQL.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from fastagi.stores.budgets import (
    Budget,
    Charge,
    Level,
    Unit,
    amount_of,
    charge_id,
    is_crossed,
    seconds_for,
    used_of,
)
from fastagi.stores.sqlite.rows import rows
from fastagi.stores.store import Full

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import apsw

    from fastagi.rating.tariff import Tariff
    from fastagi.stores.store import Lease

COLUMNS: Final = "limit_name, key, unit, most, within_s, shadow, item"
"""Of `charged`, in the order of `Budget`'s fields."""

OF_WINDOW: Final = "site = ? AND limit_name = ? AND key = ? AND unit = ?"

OF_LEASE: Final = "site = ? AND call = ? AND number = ? AND node = ?"

SETTLED: Final = f"unit IN ({', '.join(repr(str(each)) for each in Unit if each.is_settled)})"
"""`Unit.is_settled`, in SQL."""

SAME_CHARGE: Final = (
    "charged.site = charge.site AND charged.limit_name = charge.limit_name"
    " AND charged.key = charge.key AND charged.unit = charge.unit AND charged.charge = charge.id"
)

HELD: Final = (
    f"charge.{SETTLED} AND EXISTS"  # noqa: S608 - constants
    f" (SELECT * FROM charged INDEXED BY charged_to WHERE {SAME_CHARGE} AND expires > ?)"
)
"""Whether a live lease has a charge."""

OVER: Final = (
    "charge INDEXED BY charge_of_window WHERE charge.site = spent.site"
    " AND charge.limit_name = spent.limit_name AND charge.key = spent.key"
    " AND charge.unit = spent.unit AND charge.until <= ?"
)
"""The charges of a window that count no more."""


@dataclass(frozen=True, slots=True)
class Room:
    """What budgets have room for.

    Attributes:
        seconds: How long the call may last.
        before: What is used of each budget.
    """

    seconds: int
    before: tuple[int, ...]


def lacking(lease: Lease, held: Lease | None) -> tuple[Budget, ...]:
    """Return what a lease is to be charged to, and the one that it holds is not; each once."""
    has = set() if held is None else {each.window for each in held.budgets}
    wanted = {each.window: each for each in reversed(lease.budgets)}
    return tuple(
        wanted[window]
        for window in dict.fromkeys(each.window for each in lease.budgets)
        if window not in has
    )


def room(
    db: apsw.Connection,
    site: str,
    budgets: Sequence[Budget],
    tariff: Tariff | None,
    least_s: int,
    seconds: int,
    now: float,
) -> Room | Full:
    """Find out how long a call may last by its budgets; `Full` where that is too short."""
    before = []
    granted = seconds
    for budget in budgets:
        used = _used(db, site, budget, now)
        before.append(used)
        if budget.shadow:
            continue
        if budget.unit.is_reserved:
            lasts = seconds_for(budget.unit, budget.most - used, seconds, tariff)
            granted = min(granted, lasts)
            if lasts < least_s:
                return Full(budget.limit, budget.key, budget.unit)
        elif used >= budget.most and _adds(db, site, budget):
            return Full(budget.limit, budget.key, budget.unit)
    return Room(granted, tuple(before))


def charge(
    db: apsw.Connection, lease: Lease, budgets: Sequence[Budget], before: Iterable[int]
) -> tuple[tuple[str, ...], tuple[Level, ...]]:
    """Charge a lease, whose last `budgets` these are, to them.

    Args:
        db: The database.
        lease: As it is in force: with the seconds that it was granted.
        budgets: What it was not charged to yet.
        before: What is used of each.

    Returns:
        What `Taken` calls `over` and `crossed`.
    """
    over: dict[str, None] = {}
    crossed = []
    first = len(lease.budgets) - len(budgets)
    named = charge_id(lease.call, lease.number, lease.node, lease.since)
    for position, (budget, used) in enumerate(zip(budgets, before, strict=True), first):
        amount = amount_of(budget.unit, lease.seconds, lease.tariff)
        if budget.unit.is_distinct:
            amount = int(_adds(db, lease.site, budget))
        name = budget.item if budget.unit.is_distinct else _free(db, lease.site, budget, named)
        until = (lease.expires if budget.unit.is_settled else lease.since) + budget.within_s
        _open(db, lease.site, budget.window, budget.most, budget.within_s)
        _put(db, lease.site, budget.window, name, amount, until, budget.within_s)
        _insert(db, lease, position, budget, name)
        after = used + amount
        if budget.shadow and amount and after > budget.most:
            over[budget.limit] = None
        if not budget.shadow and is_crossed(used, after, budget.most):
            crossed.append(Level(*budget.window, after, budget.most))
    return tuple(over), tuple(crossed)


def grown(db: apsw.Connection, lease: Lease, seconds: int, now: float) -> int:
    """Return how long a live lease may last, if it is to last so many seconds; not less than now.

    What it has is charged to its budgets already, but for what a clock that was ahead has dropped.
    """
    granted = seconds
    for budget, name in _charges_of(db, lease):
        if not budget.unit.is_reserved:
            continue
        left = budget.most - _used(db, lease.site, budget, now)
        if not budget.shadow:
            left += _amount(db, lease.site, budget.window, name) or 0
            granted = min(granted, seconds_for(budget.unit, left, seconds, lease.tariff))
    return max(granted, lease.seconds)


def grow(db: apsw.Connection, lease: Lease, now: float) -> tuple[Level, ...]:
    """Charge a lease for the seconds, and until the end, that it has now; return what it crossed.

    Those are the budgets that `Longer` calls so.
    """
    crossed = []
    for budget, name in _charges_of(db, lease):
        amount = amount_of(budget.unit, lease.seconds, lease.tariff)
        had = _amount(db, lease.site, budget.window, name)
        before = _used(db, lease.site, budget, now)
        after = before - (had or 0) + amount
        if not budget.shadow and is_crossed(before, after, budget.most):
            crossed.append(Level(*budget.window, after, budget.most))
        if had is None:
            _open(db, lease.site, budget.window, budget.most, budget.within_s)
            until = lease.expires + budget.within_s
            _put(db, lease.site, budget.window, name, amount, until, budget.within_s)
        else:
            _set_amount(db, lease.site, budget.window, name, amount)
    move(db, (lease.site, lease.call, lease.number, lease.node), lease.expires)
    return tuple(crossed)


def move(db: apsw.Connection, of_lease: tuple[str, str, str, str], expires: float) -> None:
    """Let what a lease has, and settles, count as long as when the lease ends at a moment."""
    db.execute(f"UPDATE charged SET expires = ? WHERE {OF_LEASE}", (expires, *of_lease))  # noqa: S608 - constants
    db.execute(
        "UPDATE charge SET until = ? + charge.within_s FROM charged"  # noqa: S608 - as above
        " WHERE charged.site = ? AND charged.call = ? AND charged.number = ?"
        f" AND charged.node = ? AND charged.{SETTLED} AND {SAME_CHARGE}",
        (expires, *of_lease),
    )


def settle(db: apsw.Connection, lease: Lease, now: float, talked_s: int | None) -> None:
    """Give back what a lease has reserved, and its call did not use as far as anybody knows."""
    if talked_s is None and now >= lease.since:
        talked_s = math.ceil(now - lease.since)
    for budget, name in _charges_of(db, lease):
        reserved = _amount(db, lease.site, budget.window, name)
        if reserved is None:
            continue
        used = reserved
        if talked_s is not None:
            seconds = max(0, min(talked_s, lease.seconds))
            used = min(reserved, used_of(budget.unit, seconds, lease.tariff))
        if used == 0:
            db.execute(
                f"DELETE FROM charge WHERE {OF_WINDOW} AND id = ?",  # noqa: S608 - constants
                (lease.site, *budget.window, name),
            )
            continue
        _set_amount(db, lease.site, budget.window, name, used)
        db.execute(
            f"UPDATE charge SET until = ? + within_s WHERE {OF_WINDOW} AND id = ?",  # noqa: S608 - constants
            (min(now, lease.expires), lease.site, *budget.window, name),
        )


def budget_of(row: Sequence[Any]) -> Budget:  # Any: as the rows come
    """Read a budget."""
    limit, key, unit, most, within_s, shadow, item = row
    return Budget(limit, key, Unit(unit), most, within_s, shadow=bool(shadow), item=item)


def level(db: apsw.Connection, site: str, budget: Budget, held: Lease | None, now: float) -> Level:
    """Return how much of a budget others use than the call that asks, and holds a lease or not."""
    window = (site, *budget.window)
    name: str | None = budget.item
    if not budget.unit.is_distinct:
        name = None if held is None else _charge_of(db, held, budget)
    used: int | None = db.execute(
        "SELECT used"  # noqa: S608 - constants
        " - ifnull((SELECT sum(amount) FROM charge INDEXED BY charge_of_window"
        f" WHERE {OF_WINDOW} AND until <= ?), 0)"
        f" - ifnull((SELECT amount FROM charge WHERE {OF_WINDOW} AND id = ? AND until > ?), 0)"
        f" FROM spent WHERE {OF_WINDOW}",
        (*window, now, *window, name, now, *window),
    ).get
    return Level(*budget.window, used or 0, budget.most)


def spent(db: apsw.Connection, site: str, now: float) -> Sequence[Level]:
    """Return every window of a site of which anything is used."""
    reserved = {
        tuple(window): amount
        for *window, amount in rows(
            db,
            "SELECT charge.limit_name, charge.key, charge.unit, sum(charge.amount)"  # noqa: S608 - constants
            " FROM charged CROSS JOIN charge"
            f" ON {SAME_CHARGE} AND charged.site = ? AND charged.expires > ?"
            f" AND charged.{SETTLED} GROUP BY charge.limit_name, charge.key, charge.unit",
            (site, now),
        )
    }
    return [
        Level(limit, key, Unit(unit), used, most, reserved.get((limit, key, unit), 0))
        for limit, key, unit, used, most in rows(
            db,
            "SELECT limit_name, key, unit,"  # noqa: S608 - constants
            f" used - ifnull((SELECT sum(amount) FROM {OVER}), 0), most"
            " FROM spent WHERE site = ? ORDER BY limit_name, key, unit",
            (now, site),
        )
        if used > 0
    ]


def charges(db: apsw.Connection, site: str, now: float) -> Sequence[Charge]:
    """Return every charge of a site that counts."""
    return [
        Charge(*(limit, key, Unit(unit), *row, bool(is_held)))
        for limit, key, unit, *row, is_held in rows(
            db,
            "SELECT limit_name, key, unit, id, amount, until, within_s, most,"  # noqa: S608 - constants
            f" {HELD}"
            " FROM charge JOIN spent USING (site, limit_name, key, unit)"
            " WHERE site = ? AND until > ? ORDER BY limit_name, key, unit, id",
            (now, site, now),
        )
    ]


def put_charge(db: apsw.Connection, site: str, new: Charge) -> None:
    """Put a charge in that no lease has; one that is there stays, an item until the later end."""
    window = (new.limit, new.key, new.unit)
    _open(db, site, window, new.most, new.within_s)
    there = _amount(db, site, window, new.id) is not None
    if not there or new.unit.is_distinct:
        amount = 0 if there else new.amount
        _put(db, site, window, new.id, amount, new.until, new.within_s)


def tidy(db: apsw.Connection, now: float, future: float) -> int:
    """Drop what counts no more, and tell how much; re-date what no lease has and is yet to come.

    Only windows are gone through, not charges: there may be many.
    """
    of_window = (
        "spent CROSS JOIN charge INDEXED BY charge_of_window ON charge.site = spent.site"
        " AND charge.limit_name = spent.limit_name AND charge.key = spent.key"
        " AND charge.unit = spent.unit"
    )
    late = rows(
        db,
        "SELECT charge.site, charge.limit_name, charge.key, charge.unit, id"  # noqa: S608 - constants
        f" FROM {of_window} WHERE until > ? + shortest_s AND until - within_s > ?"
        f" AND NOT ({HELD})",
        (future, future, now),
    )
    db.executemany(
        f"UPDATE charge SET until = ? + within_s WHERE {OF_WINDOW} AND id = ?",  # noqa: S608 - as above
        [(now, *each) for each in late],
    )
    over = rows(
        db,
        "SELECT charge.site, charge.limit_name, charge.key, charge.unit, id"  # noqa: S608 - as above
        f" FROM {of_window} WHERE until <= ?",
        (now,),
    )
    db.executemany(f"DELETE FROM charge WHERE {OF_WINDOW} AND id = ?", over)  # noqa: S608 - as above
    db.execute(
        "DELETE FROM spent WHERE NOT EXISTS (SELECT * FROM charge"
        " WHERE charge.site = spent.site AND charge.limit_name = spent.limit_name"
        " AND charge.key = spent.key AND charge.unit = spent.unit)"
    )
    return len(over)


# ----------------------------------------------------------------------------- inside


def _used(db: apsw.Connection, site: str, budget: Budget, now: float) -> int:
    """Return what is used of a budget, and drop what counts no more."""
    window = (site, *budget.window)
    db.execute(
        f"DELETE FROM charge INDEXED BY charge_of_window WHERE {OF_WINDOW} AND until <= ?",  # noqa: S608 - constants
        (*window, now),
    )
    used: int | None = db.execute(f"SELECT used FROM spent WHERE {OF_WINDOW}", window).get  # noqa: S608 - constants
    return used or 0


def _adds(db: apsw.Connection, site: str, budget: Budget) -> bool:
    """Tell whether the call adds one to what is counted: any attempt, and an item that is new."""
    return not budget.unit.is_distinct or _amount(db, site, budget.window, budget.item) is None


def _amount(
    db: apsw.Connection, site: str, window: tuple[str, str, Unit], name: str
) -> int | None:
    """Return what is charged under an id, if anything is."""
    amount: int | None = db.execute(
        f"SELECT amount FROM charge WHERE {OF_WINDOW} AND id = ?",  # noqa: S608 - constants
        (site, *window, name),
    ).get
    return amount


def _charge_of(db: apsw.Connection, lease: Lease, budget: Budget) -> str | None:
    """Return the id of a lease's charge to a window, if it is charged there."""
    name: str | None = db.execute(
        f"SELECT charge FROM charged WHERE {OF_LEASE}"  # noqa: S608 - constants
        " AND limit_name = ? AND key = ? AND unit = ?",
        (lease.site, lease.call, lease.number, lease.node, *budget.window),
    ).get
    return name


def _set_amount(
    db: apsw.Connection, site: str, window: tuple[str, str, Unit], name: str, amount: int
) -> None:
    db.execute(
        f"UPDATE charge SET amount = ? WHERE {OF_WINDOW} AND id = ?",  # noqa: S608 - constants
        (amount, site, *window, name),
    )


def _free(db: apsw.Connection, site: str, budget: Budget, name: str) -> str:
    """Return an id for a charge that none in the window has."""
    while _amount(db, site, budget.window, name) is not None:
        name += "+"
    return name


def _open(
    db: apsw.Connection, site: str, window: tuple[str, str, Unit], most: int, within_s: int
) -> None:
    """Make room for the total of a window, if there is none."""
    db.execute(
        "INSERT INTO spent VALUES (?, ?, ?, ?, 0, ?, ?) ON CONFLICT DO UPDATE"
        " SET most = excluded.most, shortest_s = min(shortest_s, excluded.shortest_s)",
        (site, *window, most, within_s),
    )


def _put(
    db: apsw.Connection,
    site: str,
    window: tuple[str, str, Unit],
    name: str,
    amount: int,
    until: float,
    within_s: int,
) -> None:
    """Write a charge; of one that is there the later end counts."""
    db.execute(
        "INSERT INTO charge VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET within_s = iif(excluded.until > until, excluded.within_s, within_s),"
        " until = max(until, excluded.until)",
        (site, *window, name, amount, until, within_s),
    )


def _insert(db: apsw.Connection, lease: Lease, position: int, budget: Budget, name: str) -> None:
    db.execute(
        "INSERT INTO charged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(lease.site, lease.call, lease.number, lease.node, position),
            *(*budget.window, budget.most, budget.within_s, budget.shadow, budget.item),
            *(name, lease.expires),
        ),
    )


def _charges_of(db: apsw.Connection, lease: Lease) -> list[tuple[Budget, str]]:
    """Return what a lease has, and settles: the budgets, and the ids of its charges there."""
    return [
        (budget_of(row), name)
        for *row, name in rows(
            db,
            f"SELECT {COLUMNS}, charge FROM charged WHERE {OF_LEASE} AND {SETTLED}"  # noqa: S608 - constants
            " ORDER BY position",
            (lease.site, lease.call, lease.number, lease.node),
        )
    ]
