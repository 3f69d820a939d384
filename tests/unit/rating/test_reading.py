"""Sheets are read as carriers send them, or refused with every line that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.errors import PolicyError, Problem
from fastagi.rating.reading import Reading, read_sheet
from fastagi.rating.tariff import Tariff

SHEET = Path("sheet.csv")
HEAD = "prefix,price_per_minute,connect_fee,first_seconds,next_seconds\n"
NOW = 1_800_000_000  # January 2027
MINUTE = 60_000_000


def read(text: str, currency: str = "") -> Reading:
    """Read a sheet."""
    return read_sheet(text.encode(), SHEET, currency)


def problems(text: str | bytes, currency: str = "") -> list[str]:
    """Return what is wrong in a sheet, each as `line: what`."""
    raw = text.encode() if isinstance(text, str) else text
    with pytest.raises(PolicyError) as caught:
        read_sheet(raw, SHEET, currency)
    return [f"{each.line}: {each.what}" for each in caught.value.problems]


def price(text: str, number: str = "393331234567") -> int | None:
    """Return what an hour to a number costs by a sheet."""
    tariff = read(text).sheet.tariff(number, NOW)
    return None if tariff is None else tariff.cost(3600)


def test_a_plain_sheet_is_read() -> None:
    """All of its columns count."""
    reading = read(HEAD + "39,0.06,0.10,30,6\n393,0.60,0,1,1\n")
    assert reading.sheet.tariff("3906", NOW) == Tariff(30, 130_000, 6, 6_000)
    assert reading.sheet.tariff("39333", NOW) == Tariff(1, 10_000, 1, 10_000)
    assert (reading.rows, reading.passed_over, reading.repeated) == (2, 0, 0)
    assert (reading.unread, reading.has_increments, reading.has_currency) == ((), True, False)


@pytest.mark.parametrize(
    "text",
    [
        "prefix;price\n39;1\n",
        "prefix\tprice\n39\t1\n",
        "prefix|price\r\n39|1\r\n",
        "\ufeffprefix,price\n39,1\n",
        'sep=;\n"Prefix";"Price"\n"39";"1"\n',
        "Acme Carrier\nRates of 2027, in GBP\n\nDestination,Prefix,Price\nItaly,39,1\n",
        "prefix,price,note\n39,1\n",
        "prefix,price\n39,1,,,\n",
        "# prefix,price\n# a remark, and more of it, and more\n39,1\n\n,\n",
        "country,prefix,price\n\nItaly,,\nRome,39,1\n",
        'name,prefix,price\n"Italy, all ""of"" it","39\n40",1\n',
        "Country Code,Area Code,Rate\n39,,1\n",
        "prefix,price,increments\n39,1,60/60\n",
        "prefix,price,minimum,increment\n39,1,60,60\n",
        "prefix,price,next increment\n39,1,60/60\n",
        "prefix,price,status\n39,1,no change\n",
        "prefix,price,effective date,end date\n39,1,2026-12-01,2027-12-31\n",
    ],
)
def test_sheets_as_they_are_sent(text: str) -> None:
    """Separators, marks, letterheads, remarks, cells of several lines: an hour costs sixty."""
    assert price(text) == MINUTE


def test_sheets_of_other_encodings() -> None:
    """What is not ASCII is in names only, and a spreadsheet may write UTF-16."""
    text = "Ziel,prefix,price\nItalien für alle,39,1\n"
    for raw in (text.encode("utf-16"), text.encode("latin-1"), text.encode("utf-8-sig")):
        assert read_sheet(raw, SHEET).sheet.tariff("39", NOW) == Tariff(60, 10**6, 60, 10**6)


def test_what_is_blocked_or_gone_has_no_price() -> None:
    """By the word in place of the price, or beside it; a gone prefix is as its country."""
    text = "prefix,price,status\n39,1,\n393,Blocked,\n394,5,Closed\n395,7,Deleted\n396,n/a,\n"
    assert price(text) is None
    assert price(text, "3941") is None
    assert price(text, "3961") is None
    assert price(text, "3951") == MINUTE


def test_prices_announced_ahead_are_in_the_sheet() -> None:
    """The old one holds until then."""
    text = "prefix,price,effective\n39,1,2026-01-01\n39,2,2027-06-01\n44,1,2027-06-01\n"
    reading = read(text)
    (later,) = reading.sheet.changes_after(NOW)
    assert reading.sheet.tariff("39", NOW) == Tariff(60, 10**6, 60, 10**6)
    assert reading.sheet.tariff("39", later) == Tariff(60, 2 * 10**6, 60, 2 * 10**6)
    assert reading.sheet.tariff("44", NOW) is None


def test_the_last_day_of_a_price_is_its_own() -> None:
    """A date as an end is the end of that day; a moment is that moment."""
    by_day = read("prefix,price,end date\n39,1,2027-01-31\n").sheet
    (end,) = by_day.changes_after(NOW)
    assert by_day.tariff("39", end - 1) is not None
    assert by_day.tariff("39", end) is None
    assert end % 86400 == 0
    (moment,) = read("prefix,price,end\n39,1,2027-01-31 12:00\n").sheet.changes_after(NOW)
    assert end - moment == 12 * 3600


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (
            "39,0.1\n",
            ["1: no row names a column of prefixes and one of prices (the first is `39,0"],
        ),
        ("", ["1: no row names a column"]),
        ('"' + 200_000 * "x", ["1: no row names a column"]),  # more than a cell may hold
        (HEAD, ["1: there is no prefix below"]),
        (HEAD + "020,1,0,1,1\nx,1,0,1,1\n", ["2: `020` begins with 0", "3: `x` is no prefix"]),
        (HEAD + "39,,0,1,1\n", ["2: there is no price; write it, or `blocked`"]),
        (HEAD + ",1,0,1,1\n", ["2: there is a price, but no prefix"]),
        (
            HEAD + "39,0,0123,0,1,1\n",
            ["2: there are 6 cells below 5 columns; write prices with a"],
        ),
        (HEAD + '39,"0,01",0,1,1\n', ["2: `0,01` has a decimal comma"]),
        (HEAD + "39,1,x,1,1\n", ["2: `x` is no price"]),
        (HEAD + "39,1,0,0,1\n", ["2: `0`: an increment lasts"]),
        (HEAD + "39,1,0,1,1\n39,2,0,1,1\n", ["3: `39` has another price on line 2"]),
        ('name,prefix,price\n"a,39,1\nb,40,1\n', ["2: quotation marks are not in pairs"]),
        ('name,prefix,price\n"a,39,1\nb"",40,1\n",41,1\n', ["2: a cell in quotation marks goes"]),
        ('name,prefix,price\n"a"b,39,1\n', ["2: quotation marks are not in pairs"]),
        (
            "prefix,price,start,end\n39,1,2026-02-01,2026-01-01\n",
            ["2: it ends (`2026-01-01`) before it begins (`2026-02-01`)"],
        ),
        ("prefix,price,start\n39,1,01/02/2026\n", ["2: `01/02/2026` may be"]),
        ("prefix,peak,off-peak\n39,1,1\n", ["1: columns `peak` and `off-peak` could both"]),
        ("prefix,price,end\n39,1,2026-01-01\n39,x,\n", ["3: `x` is no price"]),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, wrong: list[str]) -> None:
    """Nothing is passed over that a price could be in."""
    found = problems(text)
    assert len(found) == len(wrong)
    for told, beginning in zip(found, wrong, strict=True):
        assert told.startswith(beginning)


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [
        (b"PK\x03\x04...", "0: this is a spreadsheet's workbook; save the sheet as CSV"),
        (b"prefix,price\n39,\x001\n", "2: there is a NUL, as in no text; save the sheet as CSV"),
    ],
)
def test_what_is_no_text_is_refused(raw: bytes, wrong: str) -> None:
    """The message says what to do."""
    assert problems(raw) == [wrong]


def test_of_a_thousand_problems_twenty_are_told() -> None:
    """A sheet of another format is wrong in every line."""
    found = problems(HEAD + "x,1,0,1,1\n" * 1000)
    assert len(found) == 21
    assert found[-1] == "21: and 980 more problems"


def test_a_sheet_has_one_currency() -> None:
    """Whether it says so in a column, in a name of one, or by a sign."""
    mixed = "prefix,price,currency\n39,1,EUR\n44,1,GBP\n1,1,usd\n40,1,EUR\n"
    rest = "but line 2 in `EUR`; a sheet has one currency: make one of each, and use one"
    assert problems(mixed) == [f"3: this is in `GBP`, {rest}", f"4: this is in `USD`, {rest}"]
    other = "prices are in `USD`, but `currency` of `[rates]` is `GBP`"
    assert problems("prefix,price,currency\n39,1,USD\n", "GBP") == [f"2: {other}"]
    assert problems("prefix,rate (USD)\n39,1\n", "GBP") == [f"1: {other}"]
    sign = "`$` is no sign of `GBP`, which prices are to be in"
    assert problems("prefix,price\n44,1\n39,$1\n", "GBP") == [f"3: {sign}"]
    (two,) = problems("prefix,price\n44,€1\n39,$1\n")
    assert two == "3: prices have signs of several currencies: `€` (line 2), `$` (line 3)" or (
        two == "3: prices have signs of several currencies: `€` (line 2) and `$` (line 3)"
    )
    assert read("prefix,rate (USD)\n39,$1\n", "USD").has_currency
    assert read("prefix,price\n39,$1\n", "CAD").has_currency


def test_what_was_not_read_is_told() -> None:
    """A column whose name nobody knows may be a fee."""
    reading = read("prefix,price,surtax\n39,1,1\n39,1,1\n,,\n")
    assert reading.unread == ("surtax",)
    assert (reading.rows, reading.repeated, reading.passed_over) == (2, 1, 1)
    assert not reading.has_increments


@given(
    st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(["39", "44", "0.1", "", "1", "blocked"]), st.text(max_size=9)
            ),
            max_size=6,
        ),
        max_size=9,
    ),
    st.sampled_from([",", ";"]),
)
def test_whatever_is_in_a_file_it_is_read_or_refused(rows: list[list[str]], mark: str) -> None:
    """No text is too odd to be told what is wrong with it."""
    text = HEAD.replace(",", mark) + "\n".join(mark.join(row) for row in rows)
    told: tuple[Problem, ...] = ()
    count = 0
    try:
        count = read_sheet(text.encode(errors="replace"), SHEET).rows
    except PolicyError as error:
        told = error.problems
    assert bool(told) != bool(count)
    assert all(re.match(r"sheet\.csv(:\d+)?: ", str(each)) for each in told)
