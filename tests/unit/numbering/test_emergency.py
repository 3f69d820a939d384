"""Emergency numbers of countries, all of them and nothing else."""

from __future__ import annotations

import re

import phonenumbers
import pytest

from fastagi.numbering import emergency


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("GB", {"112", "999", "18000"}),
        ("IE", {"112", "999"}),
        ("US", {"112", "911"}),
        ("CA", {"112", "911"}),
        ("JM", {"110", "112", "119", "911"}),
        ("IT", {"112", "113", "114", "115", "117", "118", "1515", "1530"}),
        ("FR", {"15", "17", "18", "112", "114", "115", "119", "191", "196", "197"}),
        ("DE", {"110", "112"}),
        ("ES", {"112", "061", "062", "080", "085", "088", "091", "092"}),
        ("BR", {"112", "128", "911", *(f"19{last}" for last in "01234789")}),
        ("AU", {"000", "106", "112"}),
        ("CH", {"112", "117", "118", "143", "144", "145", "147", "1414"}),
        ("RS", {"92", "93", "94", "112", "192", "193", "194"}),
        ("JP", {"110", "118", "119"}),
        ("CN", {"110", "119", "120", "122"}),
        ("TR", {"110", "112", "122", "155", "156", "158", "177"}),
        ("RU", {"01", "02", "03", "04", "101", "102", "103", "104", "112"}),
        ("SA", {"112", "911", "997", "998", "999"}),
        ("SK", {"112", "150", "155", "158", "159"}),
        ("IM", {"112", "999"}),
        ("SM", {"112", "113", "115", "118"}),
        ("TT", {"811", "990", "999"}),
    ],
)
def test_the_numbers_of_a_country(country: str, numbers: set[str]) -> None:
    """Those that phonenumbers knows, whatever form it keeps them in, and those it does not."""
    assert numbers == set(emergency.numbers_of(country))


def test_shortest_first() -> None:
    """So a list is read as people say it."""
    assert emergency.numbers_of("RU")[:4] == ("01", "02", "03", "04")
    assert emergency.numbers_of("GB") == ("112", "999", "18000")


@pytest.mark.parametrize("country", ["TK", "GN"])
def test_where_none_is_known_there_is_none(country: str) -> None:
    """Tokelau has no short codes in the metadata, Guinea no emergency number among them."""
    assert emergency.numbers_of(country) == ()


def test_each_is_a_few_digits() -> None:
    """So that no number abroad fits in among those that nothing may refuse."""
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        numbers = emergency.numbers_of(country)
        assert all(re.fullmatch("[0-9]{2,6}", each) for each in numbers)
        assert len(set(numbers)) == len(numbers)


def test_none_is_an_ordinary_number() -> None:
    """Of those added here, in the country it is added to: nobody is called by mistake."""
    for country, numbers in emergency._ALSO.items():
        for each in numbers:
            assert not phonenumbers.is_valid_number(phonenumbers.parse(each, country))


@pytest.mark.parametrize("country", ["GB", "US", "FR", "AU", "BR"])
def test_none_is_missing(country: str) -> None:
    """All numbers of up to four digits that phonenumbers takes for an emergency are there."""
    every = (f"{each:0{length}}" for length in range(1, 5) for each in range(10**length))
    found = {each for each in every if phonenumbers.is_emergency_number(each, country)}
    assert found <= set(emergency.numbers_of(country))


def test_what_is_no_country_is_refused() -> None:
    """As everywhere in this room."""
    with pytest.raises(ValueError, match="country `ZZ` is not known"):
        emergency.numbers_of("ZZ")
