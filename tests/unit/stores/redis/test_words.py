"""What is asked and answered."""

from __future__ import annotations

import pytest

from fastagi.errors import StoreError
from fastagi.stores.redis.words import joined, lease_words, moment, optional
from fastagi.stores.store import Hold
from tests.contract.store_kinds import a_lease


@pytest.mark.parametrize("seconds", [0.0, 1764086400.1234567, 1e-9, 0.1 + 0.2])
def test_a_moment_is_the_very_same_number(seconds: float) -> None:
    """A script that shows 14 digits would move it."""
    assert float(moment(seconds)) == seconds


def test_names_are_not_run_together() -> None:
    """Whoever could write the NUL between them could name another's lease."""
    assert joined("a", "b") == "a\0b"
    with pytest.raises(StoreError, match="NUL"):
        joined("a\0b", "c")
    with pytest.raises(StoreError, match="NUL"):
        lease_words(a_lease("a", Hold("two", "10\x001", 2)), 0.0)


def test_nothing_is_not_an_empty_value() -> None:
    """Both are kept apart."""
    assert [optional(each) for each in (None, "", "x", b"\xff", 0)] == [
        *(b"", b"=", b"=x", b"=\xff", b"=0"),
    ]
