"""What is known between calls, in SQLite; what it promises is asked in tests/contract."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.budgets import Budget, Level, Unit
from fastagi.stores.sqlite import enrolments, leases, memory, sign_ins
from fastagi.stores.store import NOTHING_ASKED, Asked, Enrolment, Known, Looked
from tests.contract.store_kinds import NODE, ROME, SITE, a_lease
from tests.contract.store_sign_ins import SIGN_IN

if TYPE_CHECKING:
    import apsw

    from tests.unit.stores.sqlite.conftest import Plans

ENROLLED = Enrolment("101", "hash")


def _known(db: apsw.Connection, now: float, asked: Asked = NOTHING_ASKED) -> Known:
    return memory.known(db, SITE, "101", "10.0.0.5", "IT", "a", ROME, NODE, now, asked)


def test_all_is_fetched_and_what_is_over_is_not(db: apsw.Connection) -> None:
    """Truth values are truth values, not the numbers that SQLite has for them."""
    assert _known(db, 0.0) == Known(None, None, {}, {}, known_country=False)
    leases.take(db, a_lease("a"), 0.0)
    enrolments.enrol(db, SITE, ENROLLED)
    memory.remember(db, SITE, ENROLLED, "address:10.0.0.5", ["pin"], 1.0, 9.0)
    memory.remember(db, SITE, ENROLLED, f"call:a/{ROME}/{NODE}", ["pin", "totp"], 2.0, 5.0)
    shown = {"pin": 2.0, "totp": 2.0}
    assert _known(db, 4.0) == Known(None, a_lease("a"), {"pin": 1.0}, shown, known_country=True)
    assert _known(db, 4.0).known_country is True
    assert _known(db, 2000.0) == Known(None, None, {}, {}, known_country=True)


def test_a_decision_reads_no_table_from_end_to_end(db: apsw.Connection, plans: Plans) -> None:
    """It is asked of every call there is."""
    enrolments.enrol(db, SITE, ENROLLED)
    memory.remember(db, SITE, ENROLLED, "address:10.0.0.5", ["pin"], 1.0, 9.0)
    sign_ins.put_sign_in(db, SIGN_IN)
    assert _known(db, 4.0).sign_ins == (SIGN_IN,)
    assert plans.seen
    assert plans.scans() == []


def test_what_is_asked_besides_reads_no_window_from_end_to_end(
    db: apsw.Connection, plans: Plans
) -> None:
    """Whatever is charged there, and by whom."""
    tries = Budget("tries", "101", Unit.ATTEMPTS, 9, 3600)
    far = Budget("far", "101", Unit.NUMBERS, 9, 3600, item=ROME)
    for call in ("a", "b"):
        leases.take(db, replace(a_lease(call), budgets=(tries, far)), 0.0)
    plans.seen.clear()
    asked = Asked((Looked("dialled", "x", expected=False),), (tries, far))
    levels = (Level(*tries.window, 1, 9), Level(*far.window, 0, 9))
    assert _known(db, 4.0, asked).levels == levels
    (level,) = [each for each in plans.seen if "FROM spent" in each]
    bindings = plans.seen[level]
    assert plans.scans() == []
    steps = [str(each) for *_, each in db.execute(level, bindings, explain=2).fetchall()]
    of_charges = [each for each in steps if each.startswith("SEARCH charge ")]
    assert [each.endswith(("AND until<?)", "AND id=?)")) for each in of_charges] == [True, True]
