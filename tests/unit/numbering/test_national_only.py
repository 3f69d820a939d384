"""Numbers behind whose calling code there is nobody are told from those in E.164."""

from __future__ import annotations

import phonenumbers
import pytest

from fastagi.numbering.national_only import digits_at_home


@pytest.mark.parametrize(
    ("number", "country", "digits"),
    [
        ("+13101234", "CA", "3101234"),
        ("+5540041234", "BR", "40041234"),
        ("+61131234", "AU", "131234"),
        ("+904441444", "TR", "4441444"),
        ("+3114020", "NL", "14020"),
        # Dialled with a 0, of full length, or said to be within reach.
        ("+55800123456", "BR", None),
        ("+611300123456", "AU", None),
        ("+611800123456", "AU", None),
        ("+3531850123456", "IE", None),
        ("+448001111", "GB", None),
        ("+13102345678", "US", None),
        ("+442079460000", "GB", None),
        ("+558001234567", "BR", None),
    ],
)
def test_a_short_national_number_is_dialled_as_it_is(
    number: str, country: str, digits: str | None
) -> None:
    """Which is without any prefix."""
    assert digits_at_home(phonenumbers.parse(number), country) == digits


def test_no_geographic_number_is_one() -> None:
    """Fixed lines and mobiles of all countries have their E.164."""
    for country in phonenumbers.SUPPORTED_REGIONS:
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(country, kind)
            assert example is None or digits_at_home(example, country) is None
