"""The short codes of a country: directory enquiries, the speaking clock, helplines.

They are dialled as they are, and mean something within their country only. Emergency numbers are
among them for phonenumbers; for us they are not (`emergency`).
"""

from __future__ import annotations

from typing import Final

import phonenumbers
from phonenumbers import PhoneNumber, ShortNumberCost

from fastagi.numbering.number import Category

_EUROPEAN: Final = frozenset(
    {
        *("AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR"),
        *("HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"),
        *("GB", "IS", "LI", "NO"),
    }
)
HARMONISED: Final = frozenset({"116000", "116006", "116016", "116111", "116117", "116123"})
"""Missing children, victims of crime, violence against women, children, doctors out of hours, the
lonely: free in the Union, the EEA and Britain (Commission Decision 2007/116/EC, as amended)."""

_N11: Final = {
    # FCC, abbreviated dialling arrangements, and CRTC: community and government services, traffic
    # information at no more than a local call; relay service, and 811 (digging; in Canada health).
    **dict.fromkeys(("211", "311", "511"), Category.NATIONAL),
    **dict.fromkeys(("711", "811"), Category.TOLL_FREE),
}

STATED: Final = {
    "CA": _N11,
    "DE": {"115": Category.NATIONAL},  # public authorities: a local call (115.de)
    "FR": {"3919": Category.TOLL_FREE},  # violence against women (ARCEP, numéros courts gratuits)
    "GB": {
        "101": Category.TOLL_FREE,  # police; free since April 2020 (Home Office)
        "111": Category.TOLL_FREE,  # NHS; free (Ofcom, National Telephone Numbering Plan)
        "159": Category.NATIONAL,  # one's bank; as 01 and 02 (Stop Scams UK)
    },
    "IT": {"1500": Category.TOLL_FREE, "1522": Category.TOLL_FREE},  # health; violence (AGCOM)
    "US": _N11,
}
"""Costs that phonenumbers does not know, of public services; with who states them."""


def category_of(digits: str, country: str) -> Category | None:
    """Return what a short code costs, as a category; None where it is no short code.

    A cost that nobody states is taken for the highest: thieves know the unlisted ones.

    Args:
        digits: ASCII digits, at least one.
        country: ISO 3166-1 alpha-2; the country that it is dialled in.
    """
    if digits in HARMONISED and country in _EUROPEAN:
        return Category.TOLL_FREE
    stated = STATED.get(country, {}).get(digits)
    if stated is not None:
        return stated
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
