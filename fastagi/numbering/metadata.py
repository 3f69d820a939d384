"""The one door to phonenumbers' metadata: what it knows of a country, and how it is loaded early.

`PhoneMetadata` is in phonenumbers' public names, but its fields are not promised to stay: whoever
reads a field does it in this room, and the tests of this room tell when one is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import phonenumbers
from phonenumbers.re_util import re_compile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from phonenumbers import PhoneMetadata, PhoneNumberDesc


def of(country: str) -> PhoneMetadata:
    """Return what is known of a country's ordinary numbers.

    Args:
        country: ISO 3166-1 alpha-2, in capitals.

    Raises:
        ValueError: There is no such country, or it has no numbers; the message says what to write.
    """
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country)
    if metadata is None:
        raise ValueError(
            f"country `{country[:32]}` is not known; write its code of ISO 3166-1, such as `GB`"
        )
    return metadata


def of_short_numbers(country: str) -> PhoneMetadata | None:
    """Return what is known of a country's short codes; None of the few that have none."""
    return phonenumbers.PhoneMetadata.short_metadata_for_region(country)


def of_global_code(code: int) -> PhoneMetadata:
    """Return what is known of the numbers of a code that belongs to no country.

    Args:
        code: One of `phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS`.

    Raises:
        ValueError: It is none of these.
    """
    metadata = phonenumbers.PhoneMetadata.metadata_for_nongeo_region(code)
    if metadata is None:
        raise ValueError(f"calling code `{code}` is that of a country, or of nobody")
    return metadata


def descriptions(known: PhoneMetadata) -> Iterator[PhoneNumberDesc]:
    """Return what is known of each type of a country's ordinary numbers, all together first."""
    every = (
        known.general_desc,
        known.fixed_line,
        known.mobile,
        known.toll_free,
        known.premium_rate,
        known.shared_cost,
        known.personal_number,
        known.voip,
        known.pager,
        known.uan,
        known.voicemail,
        known.no_international_dialling,
    )
    return (each for each in every if each is not None)


def short_descriptions(known: PhoneMetadata) -> Iterator[PhoneNumberDesc]:
    """Return what is known of each type of a country's short codes, all together first."""
    every = (
        known.general_desc,
        known.short_code,
        known.emergency,
        known.toll_free,
        known.premium_rate,
        known.standard_rate,
    )
    return (each for each in every if each is not None)


def preload() -> None:
    """Load the metadata of all the world, and compile each of its patterns once and for good.

    Call it once when the service starts, before workers are forked. Without it everything works,
    but the first call to a country waits for its file, and every call for patterns that have
    dropped out of the 512 that `re` keeps: 160 µs a number where 20 µs would do. The patterns are
    phonenumbers' own, some 2,000, so what callers dial cannot make them more.
    """
    phonenumbers.enable_pattern_cache()  # there since phonenumbers 9.0.43
    for metadata in _all():
        for pattern in _patterns(metadata):
            re_compile(pattern)


def _all() -> Iterator[PhoneMetadata]:
    """Walk through the metadata of every country, its short codes, and every global code."""
    every = phonenumbers.PhoneMetadata
    found: Iterable[PhoneMetadata | None] = (
        *(every.metadata_for_region(country) for country in phonenumbers.SUPPORTED_REGIONS),
        *(
            every.short_metadata_for_region(country)
            for country in phonenumbers.SUPPORTED_SHORT_REGIONS
        ),
        *(
            every.metadata_for_nongeo_region(code)
            for code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS
        ),
    )
    return (each for each in found if each is not None)


def _patterns(metadata: PhoneMetadata) -> Iterator[str]:
    """List the patterns that reading a number may use; not those that only format one."""
    descriptions = (
        metadata.general_desc,
        metadata.fixed_line,
        metadata.mobile,
        metadata.toll_free,
        metadata.premium_rate,
        metadata.shared_cost,
        metadata.personal_number,
        metadata.voip,
        metadata.pager,
        metadata.uan,
        metadata.voicemail,
        metadata.emergency,
        metadata.short_code,
        metadata.standard_rate,
    )
    patterns = (
        metadata.international_prefix,
        metadata.national_prefix_for_parsing,
        metadata.leading_digits,
        *(each.national_number_pattern for each in descriptions if each is not None),
    )
    return (each for each in patterns if each)
