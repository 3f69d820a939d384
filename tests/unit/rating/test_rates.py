"""What a call costs at a site: by the sheet, by `unknown`, or nobody knows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from fastagi.numbering.number import Category, Number
from fastagi.rating.rates import FREE, Rates, unknown_tariff
from fastagi.rating.reading import read_sheet
from fastagi.rating.tariff import MONEY_UNIT, Tariff

SHEET = read_sheet(b"prefix,price\n39,1\n1,2\n393,blocked\n", Path("s.csv")).sheet
ONE = Tariff(60, MONEY_UNIT, 60, MONEY_UNIT)
NINE = unknown_tariff(Decimal(9))
NOW = 1_800_000_000.0


def number(text: str, category: Category = Category.INTERNATIONAL) -> Number:
    """Return a number."""
    return Number(text, text, "IT", category, frozenset({category}))


@pytest.mark.parametrize(
    ("asked", "tariff"),
    [
        (number("+390612345678"), ONE),
        (number("+393331234567"), NINE),
        (number("+4420"), NINE),
        (number("118", Category.NATIONAL), NINE),
        (number("118", Category.PREMIUM), NINE),
        (number("111", Category.TOLL_FREE), FREE),
        (number("+39800123456", Category.TOLL_FREE), ONE),
        (number("", Category.INVALID), NINE),
        (number("101", Category.INTERNAL), FREE),
        (number("112", Category.EMERGENCY), FREE),
    ],
)
def test_every_call_has_a_price(asked: Number, tariff: Tariff) -> None:
    """A short code that begins with 1 is no call to America, and free where it is known to be.

    What is not served is not known; what 0800 costs, the sheet says.
    """
    assert Rates(Path("s"), "EUR", SHEET, NINE).tariff(asked, NOW) == tariff


def test_nobody_knows_where_the_policy_does_not_say() -> None:
    """Then whatever limits money has to refuse."""
    rates = Rates(Path("s"), "EUR", SHEET)
    assert rates.tariff(number("+4420"), NOW) is None
    assert rates.tariff(number("+3906"), NOW) == ONE


def test_what_is_free_is_free_for_ever() -> None:
    """No length of it costs anything."""
    assert FREE.cost(10**6) == 0
    assert Tariff(60, 9 * MONEY_UNIT, 60, 9 * MONEY_UNIT) == NINE
