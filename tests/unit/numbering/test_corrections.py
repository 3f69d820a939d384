"""What numbering plans say otherwise than phonenumbers."""

from __future__ import annotations

import phonenumbers
import pytest

from fastagi.numbering.corrections import CORRECTIONS, Correction, correction
from fastagi.numbering.number import Category


@pytest.mark.parametrize(
    ("country", "digits", "category", "whose"),
    [
        ("AU", "147101234", Category.SATELLITE, None),
        ("CA", "6002012345", Category.SATELLITE, None),
        ("RU", "9541234567", Category.SATELLITE, None),
        ("RU", "8401234567", None, "001"),
        ("RU", "9401234567", None, "001"),
        ("IL", "561234567", None, "PS"),
        ("IL", "592123456", None, "PS"),
        ("GB", "8451234567", Category.SHARED_COST, None),
        ("GB", "8712345678", Category.SHARED_COST, None),
        ("US", "2129761234", Category.PREMIUM, None),
        ("US", "2125551212", Category.SHARED_COST, None),
        ("GB", "9012345678", None, None),
        ("GB", "2079460000", None, None),
        ("US", "8005551212", None, None),
        ("US", "8889761234", None, None),
        ("US", "2125551213", None, None),
        ("JM", "8769761234", None, None),
        ("FR", "123456789", None, None),
    ],
)
def test_a_number_is_corrected_where_a_plan_says_so(
    country: str, digits: str, category: Category | None, whose: str | None
) -> None:
    """And is left alone everywhere else."""
    found = correction(country, digits)
    assert (found.category, found.country) == (category, whose)


def test_each_correction_says_something() -> None:
    """A category or a country, of countries that exist."""
    assert set(CORRECTIONS) <= phonenumbers.SUPPORTED_REGIONS
    for some in CORRECTIONS.values():
        for each in some:
            assert isinstance(each, Correction)
            assert (each.category is None) != (each.country is None)
            assert not each.numbers.match("")
