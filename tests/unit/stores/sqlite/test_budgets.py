"""Budgets in SQLite; what they promise is asked in tests/contract."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Charge, Unit
from fastagi.stores.sqlite import budgets, leases, tidying
from fastagi.stores.store import Full
from tests.contract.store_kinds import NODE, ROME, SITE, a_lease

if TYPE_CHECKING:
    import apsw

    from tests.unit.stores.sqlite.conftest import Plans

SPEND = Budget("day", "101", Unit.SPEND, 100, 3600)
ATTEMPTS = Budget("day", "101", Unit.ATTEMPTS, 3, 3600)
NUMBERS = Budget("far", "101", Unit.NUMBERS, 3, 3600, item=ROME)
LEASE = replace(
    a_lease("a", expires=120.0),
    seconds=60,
    longest_s=300,
    budgets=(SPEND, ATTEMPTS, NUMBERS),
    tariff=Tariff(60, 10, 60, 10),
)
TABLES = ("lease", "charged", "charge", "spent")


def _counts(db: apsw.Connection) -> list[int]:
    return [db.execute(f"SELECT count(*) FROM {table}").get for table in TABLES]  # noqa: S608 - ours


def _totals(db: apsw.Connection) -> list[tuple[object, ...]]:
    """Return of each window its total, and what its charges come to."""
    found = db.execute(
        "SELECT unit, used, (SELECT ifnull(sum(amount), 0) FROM charge"
        " WHERE (charge.site, charge.limit_name, charge.key, charge.unit)"
        " = (spent.site, spent.limit_name, spent.key, spent.unit)) FROM spent ORDER BY unit"
    ).fetchall()
    assert all(used == sum_of for _, used, sum_of in found)
    return found


def test_charges_and_their_totals_come_and_go_together(db: apsw.Connection) -> None:
    """Nothing is left of a call once its window is over, and the store is tidied."""
    leases.take(db, LEASE, 0.0)
    assert _totals(db) == [("attempts", 1, 1), ("numbers", 1, 1), ("spend", 10, 10)]
    assert leases.extend(db, SITE, "a", ROME, NODE, 200, 0.0) is not None
    assert _totals(db)[-1] == ("spend", 40, 40)
    leases.release(db, SITE, "a", None, None, 10.0, 1)
    assert _totals(db)[-1] == ("spend", 10, 10)
    assert _counts(db) == [0, 0, 3, 3]
    assert tidying.tidy(db, 3600.0) == 2
    assert _counts(db) == [0, 0, 1, 1]
    assert tidying.tidy(db, 3610.0) == 1
    assert _counts(db) == [0, 0, 0, 0]


def test_a_total_is_what_charges_come_to_whatever_is_done_to_them(db: apsw.Connection) -> None:
    """Also by hand."""
    leases.take(db, LEASE, 0.0)
    db.execute("UPDATE charge SET amount = 7 WHERE unit = 'spend'")
    db.execute("DELETE FROM charge WHERE unit = 'attempts'")
    assert _totals(db) == [("attempts", 0, 0), ("numbers", 1, 1), ("spend", 7, 7)]


def test_a_refused_call_leaves_no_window(db: apsw.Connection) -> None:
    """Nothing of it is written."""
    none = replace(ATTEMPTS, most=0)
    assert leases.take(db, replace(LEASE, budgets=(SPEND, none)), 0.0) == Full(
        "day", "101", Unit.ATTEMPTS
    )
    assert _counts(db) == [0, 0, 0, 0]


def test_a_step_reads_no_window_from_end_to_end(db: apsw.Connection, plans: Plans) -> None:
    """Its cost does not grow with the charges there are; nor, but for windows, tidying's."""
    leases.take(db, LEASE, 0.0)
    leases.take(db, replace(LEASE, budgets=(replace(SPEND, key="B"),)), 0.0)
    leases.extend(db, SITE, "a", ROME, NODE, 200, 0.0)
    leases.renew(db, SITE, "a", ROME, NODE, 2000.0, 0.0)
    leases.release(db, SITE, "a", None, None, 10.0, 1)
    budgets.put_charge(db, SITE, Charge("day", "101", Unit.SPEND, "x", 5, 60.0, 60, 100))
    assert plans.seen
    assert plans.scans() == []


def test_tidying_goes_through_windows_only(db: apsw.Connection, plans: Plans) -> None:
    """Charges are found by when they end."""
    leases.take(db, LEASE, 0.0)
    plans.seen.clear()
    budgets.tidy(db, 5000.0, 5060.0)
    scans = plans.scans()
    assert [each for each in scans if not each.startswith("SCAN spent")] == []
    assert scans
