"""Records; what stores promise of them is asked in tests/contract."""

from __future__ import annotations

from fastagi.stores.records import Record


def test_a_record_does_not_show_its_text() -> None:
    """In a log or an error."""
    record = Record("digest", '{"scope": "read"}', 100.0)
    assert "scope" not in repr(record)
    assert "digest" in repr(record)
