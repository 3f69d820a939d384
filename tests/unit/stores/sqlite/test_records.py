"""Records in SQLite; what they promise is asked in tests/contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.stores.records import Record
from fastagi.stores.sqlite import records
from tests.contract.store_kinds import SITE

if TYPE_CHECKING:
    import apsw

    from tests.unit.stores.sqlite.conftest import Plans


def test_a_record_is_found_by_its_key(db: apsw.Connection, plans: Plans) -> None:
    """And a page of them by where it begins: neither reads all that a site has."""
    record = Record("a", "text", 900.0)
    assert records.put_record(db, SITE, "token", record, None, 1.0)
    assert records.put_record(db, SITE, "token", record, "text", 1.0)
    assert records.records(db, SITE, "token", "", 9, 1.0) == [record]
    assert records.take_record(db, SITE, "token", "a", 1.0) == record
    assert plans.seen
    assert plans.scans() == []
