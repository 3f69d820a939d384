"""Emergency numbers of countries, all of them and nothing else."""

from __future__ import annotations

import phonenumbers
import pytest

from fastagi.numbering import emergency


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("GB", {"112", "999"}),
        ("IE", {"112", "999"}),
        ("US", {"112", "911"}),
        ("CA", {"112", "911"}),
        ("JM", {"110", "112", "119", "911"}),
        ("IT", {"112", "113", "115", "118"}),
        ("FR", {"15", "17", "18", "112"}),
        ("DE", {"110", "112"}),
        ("ES", {"112", "085", "088"}),
        ("BR", {"112", "128", "190", "192", "193", "911"}),
        ("AU", {"000", "106", "112"}),
        ("CH", {"112", "117", "118", "144"}),
    ],
)
def test_the_numbers_of_a_country(country: str, numbers: set[str]) -> None:
    """Those that phonenumbers knows, whatever form it keeps them in."""
    assert numbers == set(emergency.numbers_of(country))


def test_shortest_first() -> None:
    """So a list is read as people say it."""
    assert emergency.numbers_of("FR") == ("15", "17", "18", "112")


@pytest.mark.parametrize("country", ["TK", "GN"])
def test_where_none_is_known_there_is_none(country: str) -> None:
    """Tokelau has no short codes in the metadata, Guinea no emergency number among them."""
    assert emergency.numbers_of(country) == ()


def test_each_is_an_emergency_number_to_phonenumbers_too() -> None:
    """In every country; and numbers one digit longer are not in the list."""
    for country in sorted(phonenumbers.SUPPORTED_SHORT_REGIONS):
        numbers = emergency.numbers_of(country)
        assert all(phonenumbers.is_emergency_number(each, country) for each in numbers)
        assert all(2 <= len(each) <= 6 for each in numbers)


@pytest.mark.parametrize("country", ["GB", "US", "FR", "AU", "BR"])
def test_none_is_missing(country: str) -> None:
    """Of all numbers of up to four digits, phonenumbers takes no other for an emergency."""
    every = (f"{each:0{length}}" for length in range(1, 5) for each in range(10**length))
    found = {each for each in every if phonenumbers.is_emergency_number(each, country)}
    assert found == set(emergency.numbers_of(country))


def test_what_is_no_country_is_refused() -> None:
    """As everywhere in this room."""
    with pytest.raises(ValueError, match="country `ZZ` is not known"):
        emergency.numbers_of("ZZ")
