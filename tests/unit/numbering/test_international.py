"""International prefixes of countries, carrier selection among them."""

from __future__ import annotations

import phonenumbers
import pytest

from fastagi.numbering import metadata
from fastagi.numbering.international import InternationalPrefix


@pytest.mark.parametrize(
    ("country", "digits", "rest"),
    [
        ("GB", "00390612345678", "390612345678"),
        ("IT", "00442079460000", "442079460000"),
        ("US", "011442079460000", "442079460000"),
        ("JM", "011442079460000", "442079460000"),
        ("AU", "0011442079460000", "442079460000"),
        ("AU", "0018442079460000", "442079460000"),  # another carrier
        ("BR", "0015442079460000", "442079460000"),  # always with a carrier
        ("RU", "810442079460000", "442079460000"),
        ("JP", "010442079460000", "442079460000"),
        ("FI", "990442079460000", "442079460000"),
        ("GB", "00", ""),
    ],
)
def test_the_prefix_comes_off(country: str, digits: str, rest: str) -> None:
    """What follows it begins with a calling code."""
    assert InternationalPrefix(country).strip(digits) == rest


@pytest.mark.parametrize(
    ("country", "digits"),
    [
        ("GB", "02079460000"),
        ("GB", "011442079460000"),  # the prefix of another country
        ("US", "00442079460000"),
        ("GB", "000442079460000"),  # no calling code begins with 0
        ("HK", "0010442079460000"),
        ("GB", "+442079460000"),
        ("GB", "900442079460000"),  # somewhere inside is nowhere
        ("GB", ""),
    ],
)
def test_without_a_prefix_there_is_none(country: str, digits: str) -> None:
    """National numbers, and prefixes that mean nothing here, are left alone."""
    assert InternationalPrefix(country).strip(digits) is None


def test_every_country_has_a_prefix_and_its_preferred_one_is_known() -> None:
    """The way each country's callers are told to dial abroad (`8~10`: wait for a tone) works."""
    for country in phonenumbers.SUPPORTED_REGIONS:
        known = metadata.of(country)
        assert known.international_prefix
        preferred = (known.preferred_international_prefix or "").replace("~", "")
        if preferred:
            assert InternationalPrefix(country).strip(preferred + "390612345678") == "390612345678"


def test_what_is_no_country_is_refused() -> None:
    """As everywhere in this room."""
    with pytest.raises(ValueError, match="country `ZZ` is not known"):
        InternationalPrefix("ZZ")
