"""Columns are known by the names that carriers give them; what could be two is guessed by none."""

from __future__ import annotations

import pytest

from fastagi.rating.cells import letters
from fastagi.rating.columns import COLUMN_OF, NAMES, Column, is_header, read_header


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (
            "prefix,price_per_minute,connect_fee,first_seconds,next_seconds",
            "PREFIX PRICE FEE FIRST NEXT",
        ),
        ("Country,Dial Code,Rate (USD/min),Effective Date", "- PREFIX PRICE EFFECTIVE"),
        ("Destination,Code,Price,Interval 1,Interval N", "- PREFIX PRICE FIRST NEXT"),
        (
            "Code,Destination,Connect Cost,Per Minute Cost,Increment",
            "PREFIX - FEE PRICE INCREMENTS",
        ),
        ("rate_cost,description,rate_minimum,rate_increment,prefix", "PRICE - FIRST NEXT PREFIX"),
        (
            "dialprefix,buyrate,buyrateinitblock,buyrateincrement,startdate,stopdate",
            "PREFIX PRICE FIRST NEXT EFFECTIVE END",
        ),
        ("code,duration,increment,Price", "PREFIX FIRST NEXT PRICE"),
        ("Country Code,Area Code,Price,Currency", "COUNTRY AREA PRICE CURRENCY"),
        ("Country Code,Price / min", "PREFIX PRICE"),
        ("Country Code,Prefixes,$/min price,Status", "COUNTRY PREFIX PRICE STATUS"),
        ("ISO,Country,Description,Price / min [EUR],Prefixes", "- - - PRICE PREFIX"),
    ],
)
def test_headers_as_they_are_published(row: str, columns: str) -> None:
    """Of switches and of carriers; what no price hangs on is not read."""
    names = row.split(",")
    assert is_header(names)
    header = read_header(names)
    wanted = {Column[each]: at for at, each in enumerate(columns.split()) if each != "-"}
    assert header.places == wanted
    assert header.width == len(names)
    assert header.unread == ()


def test_the_currency_in_a_name_counts() -> None:
    """A sheet may say it nowhere else."""
    assert read_header(["Prefix", "Rate (USD)"]).currencies == {"USD"}
    assert read_header(["Prefix", "Rate", "EUR"]).currencies == frozenset()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            "Prefix,Interstate Rate,Intrastate Rate",
            "`Interstate Rate` and `Intrastate Rate` could",
        ),
        ("Prefix,Current Rate,New Rate", "could both be the price per minute"),
        ("Prefix,Peak,Off-Peak", "could both be"),
        ("Area Code,Rate", "needs a column `country code`"),
    ],
)
def test_what_could_be_two_is_refused(row: str, why: str) -> None:
    """The wrong one of two prices is the cheaper one."""
    with pytest.raises(ValueError, match=why):
        read_header(row.split(","))


@pytest.mark.parametrize("row", ["39,Italy,0.05", "Rates of Acme", "prefix,name", "rate,name", ""])
def test_what_names_no_columns_is_no_header(row: str) -> None:
    """It needs prefixes and prices."""
    assert not is_header(row.split(","))


def test_no_name_is_two_columns() -> None:
    """Each name stands for one."""
    for column, names in NAMES.items():
        assert {COLUMN_OF[letters(each)] for each in names.split(",")} == {column}
