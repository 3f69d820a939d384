"""More rows in order than memory holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.cdr import sorting
from fastagi.cdr.sorting import in_order
from fastagi.errors import RecordsError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ROWS = st.lists(st.tuples(st.floats(allow_nan=False), st.integers(0, 5), st.text()), max_size=60)


@given(ROWS, st.integers(1, 20))
def test_they_are_in_order(rows: list[tuple[Any, ...]], run: int) -> None:
    """However few fit into memory, none is lost and none is made up."""
    assert list(in_order(rows, run=run)) == sorted(rows)


def test_each_run_lies_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """No list that is sorted is longer than a run."""
    lengths = []

    def noted(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        found = sorted(rows)
        lengths.append(len(found))
        return found

    monkeypatch.setattr(sorting, "sorted", noted, raising=False)
    assert next(iter(in_order(((-each,) for each in range(25)), run=10))) == (-24,)
    assert lengths == [10, 10, 5]


def test_no_room(tmp_path: Path) -> None:
    """The message says where, and what to do."""
    with pytest.raises(RecordsError, match=r"nowhere` takes no more files for sorting \(No such"):
        list(in_order(((each,) for each in range(10)), tmp_path / "nowhere", run=5))


def test_no_file_is_left(tmp_path: Path) -> None:
    """None has a name, so that none stays, however the process ends."""
    rows = in_order(((each,) for each in range(100)), tmp_path, run=10)
    assert next(rows) == (0,)
    assert list(tmp_path.iterdir()) == []
