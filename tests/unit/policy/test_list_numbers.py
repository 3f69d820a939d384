"""`list_numbers`: numbers and ranges as people write them, and nothing guessed."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.policy.list_numbers import read_digits, read_prefixes, read_range


@pytest.mark.parametrize(
    "written",
    [
        *("5355512345", "+5355512345", "005355512345", "+53 5 551 2345", "53-5-551-2345"),
        *("(53) 5.551.2345", "+53 (0)5 551 2345", "'5355512345", '="+5355512345"', "5355512345.0"),
        *(
            "5355512345XX",
            "5355512345*",
            "5355512345 xxx",
            "5355512345%",
            "+53\u00a05551\u20112345",
        ),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str) -> None:
    """Blanks, dashes, brackets, what spreadsheets do, and digits that may be any."""
    assert list(read_prefixes(written)) == ["5355512345"]


@pytest.mark.parametrize(
    ("written", "prefixes"),
    [
        ("5355500-5355599", ["53555"]),
        ("+5355500 – +5355601", ["53555", "5355600", "5355601"]),
        ("5355500..5355509", ["535550"]),
        ("530 to 539", ["53"]),
        ("5355500:5355501", ["5355500", "5355501"]),
        ("1876-5551", ["18765551"]),  # groups of one number
        ("53555-12345", ["5355512345"]),
        ("5355599-5355500", None),
    ],
)
def test_a_range_in_one_cell_is_told_from_a_dash(written: str, prefixes: list[str] | None) -> None:
    """By its ends, which are of one length and one country."""
    if prefixes is None:
        with pytest.raises(ValueError, match="comes before"):
            read_prefixes(written)
    else:
        assert list(read_prefixes(written)) == prefixes


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("5355", "53559", "`5355` and `53559` are not of one length, as a range's ends are"),
        ("5355", "5354", "`5354` comes before `5355`, where the range begins; exchange the two"),
        ("1000000", "9999999", "`1000000` to `9999999` is no range of one country"),
        ("530", "549", "`530` to `549` is no range of one country"),
        ("530", "x", "`x` is no prefix of E.164"),
        ("", "530", "`` is no prefix of E.164"),
    ],
)
def test_a_range_that_cannot_be_meant_is_refused(first: str, last: str, problem: str) -> None:
    """One that goes over country codes would shut half the world off."""
    with pytest.raises(ValueError, match=r"write|exchange") as refused:
        read_range(first, last)
    assert str(refused.value).startswith(problem)


def test_a_range_of_one_number_has_no_end() -> None:
    """Its last number is left out."""
    assert list(read_range("+53 5551", "")) == ["535551"]
    assert list(read_range("1200", "1399")) == ["12", "13"]  # North America is one code


@pytest.mark.parametrize("written", ["5.35512E+11", "5,35512E+11", "5E9"])
def test_what_a_spreadsheet_shortened_is_told_as_such(written: str) -> None:
    """The digits are gone; no reading brings them back."""
    with pytest.raises(ValueError, match="has lost digits in a spreadsheet; make the column text"):
        read_digits(written)


@given(st.text())
def test_any_cell_is_prefixes_or_refused(written: str) -> None:
    """What is read is digits of E.164 and nothing else."""
    found: list[str] = []
    with contextlib.suppress(ValueError):
        found = list(read_prefixes(written))
    assert all(each.isascii() and each.isdigit() and each[0] != "0" for each in found)
    assert all(1 <= len(each) <= 15 for each in found)
