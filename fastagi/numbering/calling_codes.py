"""The calling code of an E.164 number, and the area behind it (ITU-T E.164, annex)."""

from __future__ import annotations

from typing import Final

import phonenumbers

CALLING_CODES: Final = frozenset(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
"""All that are given out; none begins another."""

AREA_DIGITS: Final = 3
"""Digits behind the calling code that tell where in the country a number is: in North America its
area, in most others a town, a network or a kind of service."""

_CODE_MAX: Final = 3


def area_of(number: str) -> str:
    """Return the beginning of an E.164 number that tells its country and area.

    Args:
        number: With its plus: of `+442079460000` it is `44207`.
    """
    digits = number.removeprefix("+")
    lengths = range(1, _CODE_MAX + 1)
    code = next((each for each in lengths if digits[:each] in CALLING_CODES), 0)
    return digits[: code + AREA_DIGITS]
