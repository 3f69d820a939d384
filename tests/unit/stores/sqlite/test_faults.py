"""The driver's errors, in words for the operator."""

from __future__ import annotations

import apsw
import pytest

from fastagi.stores.sqlite.faults import store_error

WORDS: dict[str, list[type[Exception]]] = {
    "locked by another process for more than 0.4 s": [apsw.BusyError, apsw.LockedError],
    "is full": [apsw.FullError],
    "cannot be written": [apsw.ReadOnlyError],
    "cannot be opened": [apsw.CantOpenError, apsw.PermissionsError, apsw.AuthError],
    "is damaged": [apsw.CorruptError, apsw.NotADBError],
    "the disk of `/x.db` fails": [apsw.IOError],
    "`/x.db` cannot be locked": [OSError],
    "cannot be stored": [OverflowError, UnicodeError],
    "`/x.db` failed: why": [apsw.SQLError, apsw.MisuseError],
}


@pytest.mark.parametrize(
    ("words", "error"), [(words, error) for words, errors in WORDS.items() for error in errors]
)
def test_each_fault_has_its_words_and_keeps_its_cause(words: str, error: type[Exception]) -> None:
    """The operator reads what to do; who looks deeper finds what the driver said."""
    cause = error("why")
    told = store_error(cause, "/x.db", 0.4)
    assert words in str(told)
    assert told.__cause__ is cause
