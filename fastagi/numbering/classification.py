"""What an outside number is: whose, and of which categories, seen from the site's country.

Categories are those of `number.Category`. What callers dial is not known here; `plan` is the room
that turns it into a number. Each choice that the metadata leaves open falls to the dearer side,
because the cheaper one is what a thief would look for:

- A country is an ISO 3166-1 country. From GB, Jersey, Guernsey and the Isle of Man are abroad
  although they are +44, and their mobiles cost accordingly; so are Puerto Rico from the US, Åland
  from FI, Mayotte from RE. A policy that sees it otherwise has a rule with `country:JE`.
- `national`, `mobile`, `toll-free` and `voip` are only said of the site's own country.
- A number of a known country code and a possible length, in no range that the metadata holds, is
  `unallocated`: it may have been given out since, it may be nobody's, which is where thieves
  route calls for a share of the fee. What it costs nobody knows.
- A number that two countries claim is the other country's (see `_claimant`).
- Where two territories share each and every number of a kind (mobiles of FI and AX), they count
  as those of the main country. A site in the other territory is best run with the main country.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

from fastagi.numbering import metadata
from fastagi.numbering.corrections import correction
from fastagi.numbering.number import GLOBAL, Category
from fastagi.numbering.overseas import is_misplaced

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber, PhoneNumberDesc

COSTLIEST_FIRST: Final = (
    Category.EMERGENCY,
    Category.INTERNAL,
    Category.INVALID,
    Category.UNALLOCATED,
    Category.PREMIUM,
    Category.SATELLITE,
    Category.PERSONAL,
    Category.SHARED_COST,
    Category.PAGER,
    Category.INTERNATIONAL,
    Category.VOIP,
    Category.MOBILE,
    Category.TOLL_FREE,
    Category.NATIONAL,
)
"""The order in which categories lead; before the costs, what has nothing to do with them."""

_COSTLY_ABROAD: Final = frozenset(
    {
        Category.PREMIUM,
        Category.SATELLITE,
        Category.PERSONAL,
        Category.SHARED_COST,
        Category.PAGER,
    }
)
"""What an international number can be besides."""

_BY_TYPE: Final = {
    PhoneNumberType.FIXED_LINE: Category.NATIONAL,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: Category.NATIONAL,
    PhoneNumberType.MOBILE: Category.MOBILE,
    PhoneNumberType.VOICEMAIL: Category.MOBILE,  # the voice mail of one, which costs the same
    PhoneNumberType.TOLL_FREE: Category.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: Category.PREMIUM,
    PhoneNumberType.SHARED_COST: Category.SHARED_COST,
    PhoneNumberType.UAN: Category.SHARED_COST,  # a company's one number, at a rate of its own
    PhoneNumberType.VOIP: Category.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: Category.PERSONAL,
    PhoneNumberType.PAGER: Category.PAGER,
}

COMPANY_NUMBERS_AT_NATIONAL_RATE: Final = {
    # 03: no dearer than 01 and 02 (Ofcom, General Conditions, B1). 055 has no such promise.
    **dict.fromkeys(("GB", "GG", "IM", "JE"), re.compile(r"3")),
    "CH": re.compile(r"5[18]"),  # corporate networks, charged as fixed lines
    "ES": re.compile(r"51"),  # charged as geographic numbers
    "FR": re.compile(r"80[6-9]"),  # an ordinary call (ARCEP, «tarification banalisée»)
    "IE": re.compile(r"818"),  # no dearer than a fixed line (ComReg, since December 2021)
    "NL": re.compile(r"88"),  # the rate of a geographic number (ACM); 084 and 087 cost more
    "SE": re.compile(r"10"),  # charged as geographic numbers
}
"""Which of a country's universal access numbers (UAN) cost what a fixed line costs."""

_GLOBAL_CODES: Final = {  # ITU-T E.164.1; list of assigned country codes, Operational Bulletin
    800: None,  # universal international freephone
    808: Category.SHARED_COST,
    870: Category.SATELLITE,  # Inmarsat
    878: Category.PERSONAL,  # universal personal telecommunications
    881: Category.SATELLITE,  # global mobile satellite systems
    882: Category.SATELLITE,  # international networks, most of them satellites, ships, aircraft
    883: Category.SATELLITE,
    888: Category.SATELLITE,  # disaster relief, reached over such networks
    979: Category.PREMIUM,
}
"""What the codes that belong to no country cost; one not listed is taken for a satellite."""

_GEOGRAPHIC: Final = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.MOBILE,
    }
)

_NANP: Final = 1  # calling code of the North American Numbering Plan
_NANP_AT_HOME: Final = frozenset({"US", "CA"})
"""From here NANP's toll-free (8xx), premium (900) and personal (5xx) numbers are at home; all its
countries share them, but from the others a call to one is carried, and charged, as one abroad."""


SHARED: Final = {
    7: re.compile(r"800\d{7}"),  # RU, KZ: 8-800 is one range for both
    44: re.compile(r"80\d+|3\d+"),  # GB, GG, IM, JE: freephone, and 03 (Ofcom's plan is for all)
}
"""By calling code, the numbers that are at home in all of its countries alike."""


def classify(number: PhoneNumber, home: str) -> tuple[str, frozenset[Category]] | None:
    """Return the country of a number and all its categories; None where there can be no such.

    Args:
        number: As `phonenumbers.parse` returned it.
        home: The site's country.
    """
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return _unallocated(number, home)
    region = phonenumbers.region_code_for_number(number) or GLOBAL
    if region == GLOBAL:
        cost = _GLOBAL_CODES.get(number.country_code or 0, Category.SATELLITE)
        return region, frozenset({Category.INTERNATIONAL, cost or Category.INTERNATIONAL})
    digits = phonenumbers.national_significant_number(number)
    if is_misplaced(region, digits):
        return None
    instead = correction(region, digits)
    category = instead.category or _category(kind, region, digits)
    country = _country_of(number, kind, region, home)
    if instead.country not in (None, home):  # its own calling code is the way to call it at home
        country = instead.country
    if country == home:
        return country, frozenset({category})
    return country, frozenset({Category.INTERNATIONAL}) | (_COSTLY_ABROAD & {category})


def _unallocated(number: PhoneNumber, home: str) -> tuple[str, frozenset[Category]] | None:
    """Return what is said of a number in no known range; None where its length cannot be right."""
    if phonenumbers.is_possible_number_with_reason(number) != ValidationResult.IS_POSSIBLE:
        return None
    # By what its area code says, as in North America; else it is the main country's.
    region = phonenumbers.region_code_for_number(
        number
    ) or phonenumbers.region_code_for_country_code(number.country_code or 0)
    if is_misplaced(region, phonenumbers.national_significant_number(number)):
        return None
    found = {Category.UNALLOCATED}
    return region, frozenset(found if region == home else found | {Category.INTERNATIONAL})


def _category(kind: int, region: str, digits: str) -> Category:
    """Return what phonenumbers' type of a number means in its country."""
    if kind == PhoneNumberType.UAN:
        at_national_rate = COMPANY_NUMBERS_AT_NATIONAL_RATE.get(region)
        if at_national_rate is not None and at_national_rate.match(digits):
            return Category.NATIONAL
    return _BY_TYPE.get(kind, Category.PREMIUM)  # a type that is new to us: the costliest


def _country_of(number: PhoneNumber, kind: int, region: str, home: str) -> str:
    """Return whose number it is, which is mostly whose phonenumbers says it is."""
    if kind in _GEOGRAPHIC:
        return _claimant(number, region) or region
    code = number.country_code or 0
    if code == _NANP:
        at_home = home in _NANP_AT_HOME and phonenumbers.is_valid_number_for_region(number, home)
        return home if at_home else region
    shared = SHARED.get(code)
    if (
        shared is not None
        and home in phonenumbers.region_codes_for_country_code(code)
        and shared.fullmatch(phonenumbers.national_significant_number(number))
    ):
        return home
    return region


def _claimant(number: PhoneNumber, country: str) -> str | None:
    """Return the other country of the same calling code that claims the number, if one does.

    phonenumbers names the first country that fits, the main one before its neighbours: +44 7924
    is GB to it, although the Isle of Man has that block.
    """
    digits = phonenumbers.national_significant_number(number)
    claims = (other for other, pattern in _claims_against(country) if pattern.fullmatch(digits))
    return next(claims, None)


@functools.cache  # a country at most once, and there are some 245
def _claims_against(country: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """List the blocks that other countries of the same calling code have in a country's numbers.

    A block is a pattern of the neighbour's that is narrower than the country's own. One that
    takes the country's example number as well is no block: there the two share all their numbers
    (the mobiles of IT and VA, of AU and CX), and nothing tells them apart.
    """
    examples = [each.example_number for each in _geographic(country) if each.example_number]
    code = phonenumbers.country_code_for_region(country)
    return tuple(
        (other, re.compile(each.national_number_pattern))
        for other in phonenumbers.region_codes_for_country_code(code)
        if other != country
        for each in _geographic(other)
        if each.national_number_pattern
        and not any(re.fullmatch(each.national_number_pattern, example) for example in examples)
    )


def _geographic(country: str) -> tuple[PhoneNumberDesc, ...]:
    """Return what is known of a country's fixed lines and mobiles."""
    known = metadata.of(country)
    return tuple(each for each in (known.fixed_line, known.mobile) if each is not None)


def leading(categories: frozenset[Category]) -> Category:
    """Return the one word for a number: the costliest that fits."""
    return min(categories, key=COSTLIEST_FIRST.index)
