"""The emergency numbers of a country, exactly: no number that only begins like one."""

from __future__ import annotations

import functools
import re

from fastagi.numbering import metadata


@functools.cache  # a country at most once, and there are some 245
def numbers_of(country: str) -> tuple[str, ...]:
    """List every emergency number of a country, shortest first; empty where none is known.

    phonenumbers tells them as a pattern and the lengths it takes, at most six digits, so each
    number of these lengths is tried: a list is what a dialplan and a reader can be shown.

    Args:
        country: ISO 3166-1 alpha-2.

    Raises:
        ValueError: As `metadata.of`.
    """
    metadata.of(country)
    short = metadata.of_short_numbers(country)
    emergency = None if short is None else short.emergency
    if emergency is None or not emergency.national_number_pattern:
        return ()
    fits = re.compile(emergency.national_number_pattern).fullmatch
    return tuple(
        digits
        for length in sorted(emergency.possible_length)
        for digits in (f"{each:0{length}}" for each in range(10**length))
        if fits(digits)
    )
