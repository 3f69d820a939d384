"""Leases in SQLite; what they promise is asked in tests/contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.stores.sqlite import leases
from fastagi.stores.store import Full, Hold, Taken
from tests.contract.store_kinds import NODE, ROME, SITE, a_lease, two_at_a_time

if TYPE_CHECKING:
    import apsw

    from tests.unit.stores.sqlite.conftest import Plans


def _count(db: apsw.Connection, table: str) -> int:
    counted: int = db.execute(f"SELECT count(*) FROM {table}").get  # noqa: S608 - a test's word
    return counted


def test_a_lease_and_its_slots_are_put_found_and_dropped_together(db: apsw.Connection) -> None:
    """Nothing is left of a lease that is released, or taken anew after its end."""
    shadow = Hold("shadow", "x", 0, shadow=True)
    lease = a_lease("a", two_at_a_time(), shadow)
    assert leases.take(db, lease, 0.0) == Taken(lease, fresh=True, over=("shadow",))
    assert leases.take(db, lease, 0.0) == Taken(lease, fresh=False)
    assert leases.find(db, SITE, "a", ROME, NODE, 0.0) == lease
    assert leases.find(db, SITE, "b", ROME, NODE, 0.0) is None
    assert leases.live(db, SITE, 0.0) == leases.live(db, None, 0.0) == [lease]
    leases.take(db, a_lease("a", two_at_a_time(), expires=3000.0), 1000.0)
    assert (_count(db, "lease"), _count(db, "slot")) == (1, 1)
    assert leases.release(db, SITE, "a", None, NODE, 1000.0) == 1
    assert (_count(db, "lease"), _count(db, "slot")) == (0, 0)


def test_a_lease_whose_slots_are_swapped_has_no_others(db: apsw.Connection) -> None:
    """Whether there are more of them then, or fewer."""
    first, second = Hold("trunk", "A", 1), Hold("trunk", "B", 1)
    leases.take(db, a_lease("a", first), 0.0)
    for holds in ((two_at_a_time(), second), (second, first), ()):
        lease = a_lease("a", *holds)
        assert leases.take(db, lease, 1.0) == Taken(lease, fresh=False)
        assert leases.find(db, SITE, "a", ROME, NODE, 1.0) == lease
        assert (_count(db, "lease"), _count(db, "slot")) == (1, len(holds))


def test_a_refused_lease_leaves_nothing(db: apsw.Connection) -> None:
    """Not even the country."""
    assert leases.take(db, a_lease("a", Hold("none", "x", 0)), 0.0) == Full("none", "x")
    assert [_count(db, table) for table in ("lease", "slot", "dialled")] == [0, 0, 0]


def test_a_call_reads_no_table_from_end_to_end(db: apsw.Connection, plans: Plans) -> None:
    """Its cost does not grow with the calls there are."""
    leases.take(db, a_lease("a", two_at_a_time()), 0.0)
    leases.take(db, a_lease("a", two_at_a_time()), 0.0)
    leases.take(db, a_lease("a", two_at_a_time("102")), 0.0)
    leases.release(db, SITE, "a", ROME, NODE, 0.0)
    leases.release(db, SITE, "a", None, NODE, 0.0)
    leases.release(db, SITE, "a", None, None, 0.0)
    assert plans.seen
    assert plans.scans() == []
