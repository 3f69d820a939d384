"""Cells are read as carriers write them; what may be read in two ways is refused."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.rating import cells
from fastagi.rating.tariff import MONEY_UNIT, Tariff

JANUARY = 1_769_817_600  # 2026-01-31, midnight UTC


@pytest.mark.parametrize(
    ("text", "prefixes"),
    [
        ("39", ["39"]),
        ("+39", ["39"]),
        ("0039", ["39"]),
        ("01139", ["39"]),
        ("'39", ["39"]),
        ("39 06", ["3906"]),
        ("39; 393-395", ["39", "393", "394", "395"]),
        ("39, 40,41", ["39", "40", "41"]),
        ("39\n40", ["39", "40"]),
        ("099;", None),
        ("", []),
    ],
)
def test_prefixes_are_read(text: str, prefixes: list[str] | None) -> None:
    """With whatever stands before the country code, and as many as there are in the cell."""
    if prefixes is None:
        with pytest.raises(ValueError, match="begins with 0"):
            cells.read_prefixes(text)
    else:
        assert cells.read_prefixes(text) == prefixes


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("alice", "no prefix of E.164"),
        ("٣٩", "no prefix of E.164"),
        ("1234567890123456", "no prefix of E.164"),
        ("020", "begins with 0, as no country code does"),
        ("4.47712E+11", "what a spreadsheet makes of a long prefix"),
        ("395-393", "no range"),
        ("39-3906", "no range"),
        ("1-264", "no range"),
        ("100000-999999", "more than 10000 prefixes"),
        ("39\x1b[2J", "`39\\x1b[2J` is no prefix"),
    ],
)
def test_what_is_no_prefix_is_refused(text: str, why: str) -> None:
    """The message says what to write, and holds nothing that a terminal would act on."""
    with pytest.raises(ValueError, match=re.escape(why)):
        cells.read_prefixes(text)


def test_country_and_area_codes_are_one_prefix() -> None:
    """In two columns: the country code once, area codes as many as there are."""
    assert cells.read_area("39", "") == ["39"]
    assert cells.read_area("+39", "06; 3-5") == ["3906", "393", "394", "395"]
    for country in ("", "IT", "39,40"):
        with pytest.raises(ValueError, match=r"no country code|no prefix"):
            cells.read_area(country, "06")


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("0.0123", ("0.0123", "")),
        (" .5 ", (".5", "")),
        ("1", ("1", "")),
        ("$0.05", ("0.05", "$")),
        ("0.05 €", ("0.05", "€")),
        ("1.2E-05", ("0.000012", "")),
        ("0", ("0", "")),
    ],
)
def test_prices_are_exact(text: str, price: tuple[str, str]) -> None:
    """Decimals as they are written, and the sign of a currency beside them."""
    assert cells.read_money(text) == (Decimal(price[0]), price[1])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0,0123", "has a decimal comma"),
        ("1,234.50", "separates thousands"),
        ("-0.1", "less than nothing"),
        ("nan", "no price"),
        ("Infinity", "no price"),
        ("1e9", "out of reason"),
        ("1000001", "out of reason"),
        ("٣", "no price"),
        ("0.1.2", "no price"),
        ("", "no price"),
    ],
)
def test_what_is_no_price_is_refused(text: str, why: str) -> None:
    """A comma might mean a thousand times as much."""
    with pytest.raises(ValueError, match=why):
        cells.read_money(text)


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("60/60", (60, 60)),
        ("30/6", (30, 6)),
        (" 1 / 1 ", (1, 1)),
        ("60+1", (60, 1)),
        ("6", (6, 6)),
        ("60/1/1", (60, 1)),
        ("0/30/6", (30, 6)),
        ("1-1-1", (1, 1)),
    ],
)
def test_increments_are_read(text: str, steps: tuple[int, int]) -> None:
    """Of three the first is the least that is billed; the dearer of the first two counts."""
    assert cells.read_increments(text) == steps


@pytest.mark.parametrize("text", ["", "60/0", "0", "minute", "60/60/60/60", "4000/1", "1.5/1"])
def test_what_are_no_increments_is_refused(text: str) -> None:
    """No call is billed by nothing."""
    with pytest.raises(ValueError, match="increment"):
        cells.read_increments(text)


@pytest.mark.parametrize(("text", "seconds"), [("60", 60), (" 6s ", 6), ("1", 1)])
def test_one_increment_is_read(text: str, seconds: int) -> None:
    """Seconds, with their unit or without."""
    assert cells.read_increment(text) == seconds


@pytest.mark.parametrize("text", ["0", "3601", "1m", "-1", "99999999999"])
def test_what_is_no_increment_is_refused(text: str) -> None:
    """Out of bounds, or no seconds."""
    with pytest.raises(ValueError, match=r"increment|seconds"):
        cells.read_increment(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "2026-01-31 00:00:00",
        "2026-01-31T01:00:00+01:00",
        "20260131",
        "2026/01/31",
        "31.01.2026",
        "31-Jan-2026",
        "31-Jan-26",
        "31 Jan 2026",
        "Jan 31, 2026",
        "31/01/2026",
        "1/31/2026",
        "31/01/2026 00:00",
    ],
)
def test_dates_are_read(text: str) -> None:
    """Midnight is that of UTC, unless a moment says otherwise."""
    assert cells.read_moment(text) == JANUARY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("01/02/2026", "may be 2026-02-01 or 2026-01-02"),
        ("13/13/2026", "no date"),
        ("2026-02-30", "no date"),
        ("soon", "no date"),
        ("2200-01-01", "out of reason"),
    ],
)
def test_what_is_no_date_is_refused(text: str, why: str) -> None:
    """A day that may be a month is a price that holds a month too early, or too late."""
    with pytest.raises(ValueError, match=why):
        cells.read_moment(text)


def test_what_is_long_past_has_always_been() -> None:
    """No moment is below zero, nor is the same day and month either of two."""
    assert cells.read_moment("1960-01-01") == 0
    assert cells.read_moment("02/02/2026") == cells.read_moment("2026-02-02")


def test_a_tariff_is_rounded_up() -> None:
    """To millionths, each increment by itself, so that nobody gains by cutting calls short."""
    assert cells.tariff_of(Decimal("0.0125"), Decimal(0), 1, 6) == Tariff(1, 209, 6, 1250)
    fee = cells.tariff_of(Decimal(1), Decimal("0.25"), 60, 60)
    assert fee == Tariff(60, MONEY_UNIT * 5 // 4, 60, MONEY_UNIT)


@given(
    st.decimals(0, cells.PRICE_MAX, places=9),
    st.decimals(0, cells.PRICE_MAX, places=9),
    st.integers(1, 3600),
    st.integers(1, 3600),
)
def test_no_price_is_out_of_a_tariffs_bounds_or_too_small(
    price: Decimal, fee: Decimal, first_s: int, next_s: int
) -> None:
    """Whatever a cell may hold makes a tariff, and no increment costs less than it should."""
    tariff = cells.tariff_of(price, fee, first_s, next_s)
    assert 60 * tariff.next_cost >= price * next_s * MONEY_UNIT > 60 * (tariff.next_cost - 1)
    exact = 60 * fee + price * first_s
    assert 60 * tariff.first_cost >= exact * MONEY_UNIT > 60 * (tariff.first_cost - 1)
