"""`list_columns`: where in a line the numbers are; what can be read in two ways is refused."""

from __future__ import annotations

import pytest

from fastagi.policy.list_columns import Columns, columns_of, split


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("prefix", Columns("")),
        ("Country,Test Number", Columns(",", 1)),
        ("Pays;Numéro;Date", Columns(";", 1)),
        ("Destination,Code,Rate", Columns(",", 1)),
        ("Area Code,MSISDN", Columns(",", 1)),
        ("von|bis|Land", Columns("|", 0, 1)),
        ("range_start\trange_end\tcountry_code", Columns("\t", 0, 1, 2)),
        ("cc,ndc", Columns(",", 1, code=0, is_apart=True)),
        ('"a, b",prefix', Columns(",", 1)),
        ("#;prefix", Columns(";", 1)),
    ],
)
def test_a_header_names_the_columns(line: str, columns: Columns) -> None:
    """In the words of those who publish lists, however they are spelled."""
    assert columns_of(line) == (columns, True)


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("+53", Columns("")),
        ("53,Cuba", Columns(",")),
        ("Cuba;53;2026-01-05", Columns(";", 1)),
        ("7;+53;05/01/2026;0.25", Columns(";", 1)),
        ("53,2026-01-05", Columns(",")),
    ],
)
def test_without_a_header_the_first_line_tells(line: str, columns: Columns) -> None:
    """Where one cell can be nothing but a number: no price is, and no date."""
    assert columns_of(line) == (columns, False)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("number,msisdn", "of columns `number` and `msisdn` one can hold the numbers; rename"),
        ("from,country", "of columns `from` and `country` none is known to hold whole numbers"),
        ("7,53", "`7,53`: more than one column may hold the numbers; write a header line above"),
        ("+53,+39", "`+53,+39`: more than one column"),
        ("Country,Rate", "`Country,Rate`: no column may hold the numbers"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(line: str, problem: str) -> None:
    """A column of prices taken for prefixes would shut whole countries off."""
    with pytest.raises(ValueError, match=r"write|rename") as refused:
        columns_of(line)
    assert str(refused.value).startswith(problem)


@pytest.mark.parametrize(
    ("columns", "line", "prefixes"),
    [
        (Columns(",", 1, code=0), "53,5355", ["5355"]),
        (Columns(",", 1, code=0), "CU,5355", ["5355"]),
        (Columns(",", 1, code=0, is_apart=True), "+53,55", ["5355"]),
        (Columns(",", 0, 1), "530,539,x", ["53"]),
        (Columns(",", 1), " , ", []),
        (Columns(",", 0), "53 # old, and gone", ["53"]),
    ],
)
def test_a_line_has_its_prefixes(columns: Columns, line: str, prefixes: list[str]) -> None:
    """None where nothing stands in it."""
    assert list(columns.prefixes(line)) == prefixes


@pytest.mark.parametrize(
    ("columns", "line", "problem"),
    [
        (Columns(",", 1, code=0), "53,55", "`55` does not begin with its country code `53`"),
        (Columns(",", 1, code=0, is_apart=True), "39,06", "`06` begins with a zero"),
        (Columns(",", 1, code=0, is_apart=True), "IT,6", "`6` has no country code"),
        (Columns(",", 2), "a,b", "`a,b` has no number in column 3"),
    ],
)
def test_a_line_without_its_number_is_refused(columns: Columns, line: str, problem: str) -> None:
    """Nothing is put before a number that may not belong there."""
    with pytest.raises(ValueError, match=problem):
        columns.prefixes(line)


def test_quotes_are_of_one_line() -> None:
    """One that is opened and not closed would swallow the lines below it."""
    assert split('"a, ""b""",53', ",") == ['a, "b"', "53"]
    assert split('a "b,53', ",") == ['a "b', "53"]
    with pytest.raises(ValueError, match="close each"):
        split('"a,53', ",")
