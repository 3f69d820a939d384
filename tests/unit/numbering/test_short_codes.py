"""Short codes and what they cost; what nobody states is taken for dear."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering import short_codes
from fastagi.numbering.number import Category


@pytest.mark.parametrize(
    ("country", "digits", "category"),
    [
        ("GB", "116123", Category.TOLL_FREE),  # Samaritans
        ("GB", "118500", Category.PREMIUM),  # directory enquiries
        ("GB", "123", Category.PREMIUM),  # nobody states the price
        ("FR", "3010", Category.TOLL_FREE),
        ("FR", "118000", Category.PREMIUM),
        ("ES", "010", Category.NATIONAL),  # the town hall
        ("DE", "11833", Category.PREMIUM),
        ("US", "411", Category.PREMIUM),
        # What phonenumbers does not know, of public services.
        ("GB", "101", Category.TOLL_FREE),
        ("GB", "111", Category.TOLL_FREE),
        ("GB", "159", Category.NATIONAL),
        ("GB", "105", Category.TOLL_FREE),
        ("GB", "116006", Category.TOLL_FREE),
        ("IT", "116117", Category.TOLL_FREE),
        ("IT", "1522", Category.TOLL_FREE),
        ("US", "211", Category.NATIONAL),
        ("US", "511", Category.NATIONAL),
        ("US", "711", Category.TOLL_FREE),
        ("US", "988", Category.TOLL_FREE),
        ("CA", "811", Category.TOLL_FREE),
        ("DE", "115", Category.NATIONAL),
        ("DE", "116117", Category.TOLL_FREE),
        ("FR", "3919", Category.TOLL_FREE),
    ],
)
def test_a_short_code_costs_what_is_stated_or_the_most(
    country: str, digits: str, category: Category
) -> None:
    """The cost that phonenumbers expects, as one of our categories."""
    assert short_codes.category_of(digits, country) is category


@pytest.mark.parametrize(
    ("country", "digits"),
    [
        ("GB", "0"),
        ("GB", "00"),
        ("GB", "99"),
        ("GB", "118"),
        ("GB", "02079460000"),
        ("GB", "1165001"),
        ("GB", "9" * 79),
        ("US", "5551234"),
        ("TK", "112"),
        ("NZ", "105"),
        ("US", "116111"),
        ("FR", "115000"),
        ("PR", "311"),
    ],
)
def test_other_numbers_are_none(country: str, digits: str) -> None:
    """Neither ordinary numbers, nor codes of other countries, nor what only begins like one."""
    assert short_codes.category_of(digits, country) is None


def test_leading_zeros_are_digits() -> None:
    """Australia's emergency number is a short code of three zeros, and two are none."""
    assert short_codes.category_of("000", "AU") is Category.TOLL_FREE
    assert short_codes.category_of("00", "AU") is None


@given(st.text("0123456789", min_size=1, max_size=79), st.sampled_from(["GB", "US", "AU", "TK"]))
def test_all_digits_have_an_answer(digits: str, country: str) -> None:
    """Nothing that is digits raises."""
    costs = {None, Category.TOLL_FREE, Category.NATIONAL, Category.PREMIUM}
    assert short_codes.category_of(digits, country) in costs
