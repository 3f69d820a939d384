"""Enrolments in SQLite; what they promise is asked in tests/contract."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastagi.stores.sqlite import enrolments, memory
from fastagi.stores.store import Enrolment
from tests.contract.store_kinds import SITE

if TYPE_CHECKING:
    import apsw

    from tests.unit.stores.sqlite.conftest import Plans

FULL = Enrolment("101", "hash", b"sealed", frozenset({"aa", "bb"}), 5.0)


def test_an_enrolment_is_put_found_used_up_and_removed(db: apsw.Connection) -> None:
    """With and without recovery codes."""
    bare = replace(FULL, extension="102", recovery=frozenset())
    for each in (FULL, bare):
        enrolments.enrol(db, SITE, each)
    assert enrolments.enrolments(db, SITE) == [FULL, bare]
    assert enrolments.enrolment(db, SITE, "101") == FULL
    assert enrolments.enrolment(db, SITE, "103") is None
    assert enrolments.claim_step(db, SITE, FULL, 7)
    assert not enrolments.claim_step(db, SITE, FULL, 7)
    assert enrolments.claim_recovery(db, SITE, FULL, "aa")
    assert not enrolments.claim_recovery(db, SITE, FULL, "aa")
    assert enrolments.unenrol(db, SITE, "101", 0.0)
    assert not enrolments.unenrol(db, SITE, "101", 0.0)
    assert db.execute("SELECT * FROM recovery").fetchall() == []


def test_a_changed_factor_takes_its_proofs_along(db: apsw.Connection) -> None:
    """And the step, when the secret is another."""
    enrolments.enrol(db, SITE, FULL)
    enrolments.claim_step(db, SITE, FULL, 7)
    memory.remember(db, SITE, FULL, "address:10.0.0.5", ["pin"], 0.0, 900.0)
    enrolments.enrol(db, SITE, replace(FULL, since=6.0))
    assert db.execute("SELECT step, since FROM enrolment").fetchall() == [(7, 6.0)]
    assert db.execute("SELECT factor FROM proof").fetchall() == [("pin",)]
    enrolments.enrol(db, SITE, replace(FULL, totp=b"other"))
    assert db.execute("SELECT step FROM enrolment").fetchall() == [(None,)]
    assert db.execute("SELECT factor FROM proof").fetchall() == []


def test_a_part_that_is_given_leaves_the_others(db: apsw.Connection) -> None:
    """A new PIN keeps the secret, its step and the codes that are left."""
    enrolments.enrol(db, SITE, FULL)
    enrolments.claim_step(db, SITE, FULL, 7)
    enrolments.claim_recovery(db, SITE, FULL, "aa")
    enrolments.enrol(db, SITE, Enrolment("101", pin="other", since=6.0))
    left = Enrolment("101", "other", b"sealed", frozenset({"bb"}), 6.0)
    assert enrolments.enrolment(db, SITE, "101") == left
    assert db.execute("SELECT step FROM enrolment").fetchall() == [(7,)]


def test_what_is_another_by_now_is_not_in_force(db: apsw.Connection) -> None:
    """A part that is missing counts as much as one that was changed."""
    bare = replace(FULL, pin=None)
    assert not enrolments.is_in_force(db, SITE, FULL)
    enrolments.enrol(db, SITE, bare)
    assert enrolments.is_in_force(db, SITE, replace(bare, recovery=frozenset(), since=9.0))
    assert not enrolments.is_in_force(db, SITE, FULL)
    assert not enrolments.is_in_force(db, SITE, replace(bare, totp=b"other"))
    assert not enrolments.claim_step(db, SITE, FULL, 7)
    assert not enrolments.claim_recovery(db, SITE, FULL, "aa")
    assert not memory.remember(db, SITE, FULL, "address:10.0.0.5", ["pin"], 0.0, 900.0)


def test_another_key_is_put_under_what_is_in_force(db: apsw.Connection) -> None:
    """With and without a PIN; never under what is another by now."""
    bare = replace(FULL, pin=None)
    enrolments.enrol(db, SITE, bare)
    assert enrolments.rekey(db, SITE, bare, replace(bare, totp=b"other"))
    assert enrolments.enrolment(db, SITE, "101") == replace(bare, totp=b"other")
    assert not enrolments.rekey(db, SITE, bare, replace(bare, totp=b"more"))


def test_asking_for_one_reads_no_table_from_end_to_end(db: apsw.Connection, plans: Plans) -> None:
    """A site may have a hundred thousand phones."""
    enrolments.enrol(db, SITE, FULL)
    enrolments.enrolment(db, SITE, "101")
    enrolments.claim_step(db, SITE, FULL, 7)
    enrolments.claim_recovery(db, SITE, FULL, "aa")
    enrolments.rekey(db, SITE, FULL, FULL)
    enrolments.unenrol(db, SITE, "101", 0.0)
    assert plans.seen
    assert plans.scans() == []
