"""The short codes of a country: directory enquiries, the speaking clock, helplines.

They are dialled as they are, and mean something within their country only. Emergency numbers are
among them for phonenumbers; for us they are not (`emergency`).
"""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumber, ShortNumberCost

from fastagi.numbering.number import Category


def category_of(digits: str, country: str) -> Category | None:
    """Return what a short code costs, as a category; None where it is no short code.

    A cost that nobody states is taken for the highest: thieves know the unlisted ones.

    Args:
        digits: ASCII digits, at least one.
        country: ISO 3166-1 alpha-2; the country that it is dialled in.
    """
    number = _number(digits, country)
    if not phonenumbers.is_valid_short_number_for_region(number, country):
        return None
    cost = phonenumbers.expected_cost_for_region(number, country)
    if cost == ShortNumberCost.TOLL_FREE:
        return Category.TOLL_FREE
    if cost == ShortNumberCost.STANDARD_RATE:
        return Category.NATIONAL
    return Category.PREMIUM


def _number(digits: str, country: str) -> PhoneNumber:
    """Put a short code into phonenumbers' form, which keeps leading zeros apart.

    `phonenumbers.parse` would take a national prefix off it.
    """
    # Of zeros alone, the last is the number and the others lead it.
    zeros = min(len(digits) - len(digits.lstrip("0")), len(digits) - 1)
    return PhoneNumber(
        country_code=phonenumbers.country_code_for_region(country),
        national_number=int(digits),
        italian_leading_zero=zeros > 0,
        number_of_leading_zeros=zeros or None,
    )
