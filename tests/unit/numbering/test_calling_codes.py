"""`calling_codes`: country and area of a number, by its first digits."""

from __future__ import annotations

from itertools import permutations

import pytest

from fastagi.numbering.calling_codes import CALLING_CODES, area_of


@pytest.mark.parametrize(
    ("number", "area"),
    [
        ("+442079460000", "44207"),
        ("+12125551234", "1212"),
        ("+390612345678", "39061"),
        ("+3726400000", "372640"),
        ("+88213123456", "882131"),
        ("+7840", "7840"),
        ("+2100000", "210"),  # of no country
    ],
)
def test_the_area_is_the_calling_code_and_three_digits(number: str, area: str) -> None:
    """However long the code is; of what has none, three digits."""
    assert area_of(number) == area


def test_no_calling_code_begins_another() -> None:
    """So the first that fits is the one (ITU-T E.164)."""
    assert not any(one.startswith(other) for one, other in permutations(CALLING_CODES, 2))
