"""Real numbers of all the world as callers of one country would dial them.

For whoever has to know what a pattern takes in: digits chosen at random are seldom a number, and
hardly ever one that begins with an international prefix.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from fastagi.numbering import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES: Final = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.PREMIUM_RATE,
)
_PREFIX_MAX: Final = 5  # digits of the shortest international prefix, carrier included (`00414`)


@functools.cache  # a country at most once, and there are some 245
def dialled_numbers(country: str) -> tuple[str, ...]:
    """List numbers in all forms in which they are dialled in a country, without outside prefix.

    Numbers of the country with its national prefix and without, of every other country and of
    every global code (+870, +881 …) behind the international prefix.

    Args:
        country: ISO 3166-1 alpha-2.

    Raises:
        ValueError: As `metadata.of`.
    """
    prefix = _international_prefix(country)
    return tuple(dict.fromkeys((*_national(country), *(prefix + each for each in _world()))))


def _national(country: str) -> Iterator[str]:
    """Find numbers of a country as they are written there, and without the national prefix."""
    for kind in _TYPES:
        example = phonenumbers.example_number_for_type(country, kind)
        if example is not None:
            written = phonenumbers.format_number(example, PhoneNumberFormat.NATIONAL)
            yield phonenumbers.normalize_digits_only(written)
            yield phonenumbers.national_significant_number(example)


@functools.cache
def _world() -> tuple[str, ...]:
    """List numbers of every country and of every global code, in E.164 without the plus."""
    examples = (
        *(
            phonenumbers.example_number_for_type(country, kind)
            for country in sorted(phonenumbers.SUPPORTED_REGIONS)
            for kind in _TYPES
        ),
        *(
            phonenumbers.example_number_for_non_geo_entity(code)
            for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
        ),
    )
    e164 = PhoneNumberFormat.E164
    return tuple(
        phonenumbers.format_number(each, e164).removeprefix("+")
        for each in examples
        if each is not None
    )


def _international_prefix(country: str) -> str:
    """Return what is dialled before a calling code; of several the one callers are told of."""
    known = metadata.of(country)
    preferred = phonenumbers.normalize_digits_only(known.preferred_international_prefix or "")
    if preferred:
        return preferred
    fits = re.compile(known.international_prefix or "").fullmatch
    every = (
        f"{each:0{length}}" for length in range(1, _PREFIX_MAX + 1) for each in range(10**length)
    )
    return next(each for each in every if fits(each))
