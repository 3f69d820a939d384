"""A row is read with care where it is not plain, and what stands beside prefixes only once."""

from __future__ import annotations

import pytest

from fastagi.rating import rows as rows_module
from fastagi.rating.columns import read_header
from fastagi.rating.entries import Entries
from fastagi.rating.rows import Rows
from fastagi.rating.tariff import Tariff


def rows_of(header: str) -> tuple[Rows, Entries]:
    """Return a reader of rows below a header."""
    entries = Entries()
    return Rows(read_header(header.split(",")), entries), entries


def test_rows_are_counted_by_what_they_say() -> None:
    """Remarks and headings are neither prices nor mistakes."""
    rows, entries = rows_of("prefix,name,price")
    for line, row in enumerate(["39,Rome,1", "+40;41,x,1", ",Europe,", "#39,off,1"], start=2):
        rows.read(row.split(","), line)
    assert (rows.count, rows.passed_over) == (2, 2)
    assert entries.tariffs == (Tariff(60, 10**6, 60, 10**6),)


def test_a_wrong_row_is_no_row() -> None:
    """It raises, and nothing of it is kept."""
    rows, entries = rows_of("prefix,price")
    for row in (["39", "x"], ["x", "1"], ["", "1"], ["39", ""]):
        with pytest.raises(ValueError, match=r"no price|no prefix"):
            rows.read(row, 2)
    assert rows.count == 0
    assert list(entries.in_order(lambda *_: None)) == []


def test_what_is_forgotten_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sheet in which each price is another takes no more memory than one of a few."""
    monkeypatch.setattr(rows_module, "REMEMBERED_MAX", 2)
    rows, entries = rows_of("prefix,price,currency")
    for n in range(12):
        rows.read([f"39{n:02}", f"0.{n % 4 + 1}", "EUR"], n)
    assert len(entries.tariffs) == 4
    assert rows.currencies == {"EUR": 0}


def test_the_first_line_of_a_sign_is_told() -> None:
    """Of a fee, too."""
    rows, _ = rows_of("prefix,price,connect fee")
    rows.read(["39", "0.5", "$0.1"], 7)
    rows.read(["40", "$0.5", ""], 8)
    assert rows.symbols == {"$": 7}


@pytest.mark.parametrize(
    ("header", "row", "steps"),
    [
        ("prefix,price", "39,1", (60, 60)),
        ("prefix,price,increments", "39,1,30/6", (30, 6)),
        ("prefix,price,increments", "39,1,", (60, 60)),
        ("prefix,price,minimum,increment", "39,1,30,6", (30, 6)),
        ("prefix,price,minimum,increment", "39,1,,6", (60, 6)),
        ("prefix,price,first seconds", "39,1,1", (1, 60)),
        ("prefix,price,rate increment", "39,1,30/6", (30, 6)),
        ("prefix,price,min,next,increments", "39,1,1,1,60/60", (1, 1)),
    ],
)
def test_increments_come_of_one_column_or_of_two(
    header: str, row: str, steps: tuple[int, int]
) -> None:
    """What is not said is a whole minute."""
    rows, entries = rows_of(header)
    rows.read(row.split(","), 2)
    (tariff,) = entries.tariffs
    assert (tariff.first_s, tariff.next_s) == steps


def test_a_prefix_without_its_country_code_is_refused() -> None:
    """It would be another country's; a code of letters beside it is a name."""
    rows, entries = rows_of("country code,prefix,price")
    for row in (["39", "3906", "1"], ["IT", "3907", "1"], ["+39", "3908;3909", "1"]):
        rows.read(row, 2)
    with pytest.raises(ValueError, match="`2` does not begin with the country code `39` beside"):
        rows.read(["39", "2", "1"], 3)
    rows.read(["39", "", ""], 4)
    assert (rows.count, rows.passed_over) == (3, 1)
    assert len(list(entries.in_order(lambda *_: None))) == 4
