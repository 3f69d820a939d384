"""Whose an outside number is, and what it may cost; where it is open, the dearer side."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering import classification
from fastagi.numbering.classification import COSTLIEST_FIRST, leading
from fastagi.numbering.number import Category

AT_HOME_ONLY = {Category.NATIONAL, Category.MOBILE, Category.TOLL_FREE, Category.VOIP}


def classify(number: str, home: str) -> tuple[str, set[str]] | None:
    """Classify a number in E.164, with plain words to compare."""
    found = classification.classify(phonenumbers.parse(number), home)
    return None if found is None else (found[0], set(map(str, found[1])))


@pytest.mark.parametrize(
    ("number", "home", "country", "categories"),
    [
        # The types of the site's own country.
        ("+441212345678", "GB", "GB", {"national"}),
        ("+447400123456", "GB", "GB", {"mobile"}),
        ("+448001234567", "GB", "GB", {"toll-free"}),
        ("+448712345678", "GB", "GB", {"shared-cost"}),
        ("+449012345678", "GB", "GB", {"premium"}),
        ("+39848123456", "IT", "IT", {"shared-cost"}),
        ("+447012345678", "GB", "GB", {"personal"}),
        ("+447640123456", "GB", "GB", {"pager"}),
        ("+445612345678", "GB", "GB", {"voip"}),
        ("+12015550123", "US", "US", {"national"}),  # fixed line or mobile, who knows
        ("+3933101234501", "IT", "IT", {"mobile"}),  # the voice mail of one
        # Company numbers: as fixed lines where a regulator says so, else dearer.
        ("+443001234567", "GB", "GB", {"national"}),
        ("+445512345678", "GB", "GB", {"shared-cost"}),
        ("+33806123456", "FR", "FR", {"national"}),
        ("+31881234567", "NL", "NL", {"national"}),
        ("+31847123456", "NL", "NL", {"shared-cost"}),
        ("+81570123456", "JP", "JP", {"shared-cost"}),
        ("+443001234567", "US", "GB", {"international"}),
        ("+81570123456", "US", "JP", {"international", "shared-cost"}),
        # Abroad, the costly types stay and the cheap ones go.
        ("+390612345678", "GB", "IT", {"international"}),
        ("+393123456789", "GB", "IT", {"international"}),
        ("+39800123456", "GB", "IT", {"international"}),
        ("+395512345678", "GB", "IT", {"international"}),
        ("+39899123456", "GB", "IT", {"international", "premium"}),
        ("+39848123456", "GB", "IT", {"international", "shared-cost"}),
        ("+391781234567", "GB", "IT", {"international", "personal"}),
        ("+447640123456", "US", "GB", {"international", "pager"}),
        # Codes of no country.
        ("+80012345678", "GB", "001", {"international"}),
        ("+80812345678", "GB", "001", {"international", "shared-cost"}),
        ("+870301234567", "GB", "001", {"international", "satellite"}),
        ("+878101234567890", "GB", "001", {"international", "personal"}),
        ("+881612345678", "GB", "001", {"international", "satellite"}),
        ("+8823421234", "GB", "001", {"international", "satellite"}),
        ("+883510012345", "GB", "001", {"international", "satellite"}),
        ("+88812345678901", "GB", "001", {"international", "satellite"}),
        ("+979123456789", "GB", "001", {"international", "premium"}),
        # One calling code, several countries.
        ("+441534123456", "GB", "JE", {"international"}),
        ("+447797712345", "GB", "JE", {"international"}),
        ("+447781123456", "GB", "GG", {"international"}),
        ("+447624123456", "GB", "IM", {"international"}),
        ("+441212345678", "JE", "GB", {"international"}),
        ("+447797712345", "JE", "JE", {"mobile"}),
        ("+77012345678", "RU", "KZ", {"international"}),
        ("+79123456789", "RU", "RU", {"mobile"}),
        ("+79123456789", "KZ", "RU", {"international"}),
        ("+59994351234", "CW", "CW", {"national"}),
        ("+5997151234", "CW", "BQ", {"international"}),
        ("+262692123456", "RE", "RE", {"mobile"}),
        ("+262639012345", "RE", "YT", {"international"}),
        ("+262692123456", "FR", "RE", {"international"}),
        ("+590590201234", "FR", "GP", {"international"}),
        ("+596696201234", "FR", "MQ", {"international"}),
        ("+358181234567", "FI", "AX", {"international"}),
        ("+4779123456", "NO", "SJ", {"international"}),
        # NANP.
        ("+18762101234", "US", "JM", {"international"}),
        ("+18762101234", "JM", "JM", {"mobile"}),
        ("+15062345678", "US", "CA", {"international"}),
        ("+12015550123", "CA", "US", {"international"}),
        ("+17872345678", "US", "PR", {"international"}),
        ("+18002345678", "US", "US", {"toll-free"}),
        ("+18002345678", "CA", "CA", {"toll-free"}),
        ("+18002345678", "JM", "US", {"international"}),
        ("+18002345678", "GB", "US", {"international"}),
        ("+19002345678", "US", "US", {"premium"}),
        ("+19002345678", "CA", "CA", {"premium"}),
        ("+19002345678", "JM", "US", {"international", "premium"}),
        ("+15002345678", "US", "US", {"personal"}),
        ("+16002012345", "CA", "CA", {"satellite"}),
        ("+16002012345", "US", "CA", {"international", "satellite"}),
        ("+12129761234", "US", "US", {"premium"}),
        ("+14169761234", "CA", "CA", {"premium"}),
        ("+12125551212", "US", "US", {"shared-cost"}),
        ("+18005551212", "US", "US", {"toll-free"}),
        ("+18769761234", "JM", "JM", {"national"}),
        # What two countries of one calling code share is at home in both.
        ("+448001234567", "JE", "JE", {"toll-free"}),
        ("+443001234567", "GG", "GG", {"national"}),
        ("+443001234567", "IM", "IM", {"national"}),
        ("+448451234567", "JE", "GB", {"international", "shared-cost"}),
        ("+449012345678", "IM", "GB", {"international", "premium"}),
        ("+78001234567", "RU", "RU", {"toll-free"}),
        ("+78001234567", "KZ", "KZ", {"toll-free"}),
        ("+78001234567", "GB", "RU", {"international"}),
        # Satellites and neighbours' networks within a national plan.
        ("+61147101234", "AU", "AU", {"satellite"}),
        ("+61147101234", "GB", "AU", {"international", "satellite"}),
        ("+79541234567", "RU", "RU", {"satellite"}),
        ("+79541234567", "KZ", "RU", {"international", "satellite"}),
        ("+78401234567", "RU", "001", {"international"}),
        ("+79401234567", "RU", "001", {"international"}),
        ("+79401234567", "GB", "001", {"international"}),
        ("+972561234567", "IL", "PS", {"international"}),
        ("+972592123456", "IL", "PS", {"international"}),
        ("+972592123456", "PS", "IL", {"international"}),
        ("+972502345678", "IL", "IL", {"mobile"}),
    ],
)
def test_country_and_categories(
    number: str, home: str, country: str, categories: set[str]
) -> None:
    """Each number is whose it is, and of all the categories it has from home."""
    assert classify(number, home) == (country, categories)


@pytest.mark.parametrize(
    ("number", "home", "country"),
    [
        ("+447924123456", "GB", "IM"),
        ("+447924123456", "US", "IM"),
        ("+212528812345", "MA", "EH"),
        ("+590590331234", "GP", "BL"),
    ],
)
def test_a_block_that_two_countries_claim_is_abroad(number: str, home: str, country: str) -> None:
    """The metadata names the main country first; a neighbour has the block for itself."""
    assert classify(number, home) == (country, {"international"})


@pytest.mark.parametrize(
    ("number", "main", "neighbour"),
    [
        ("+393123456789", "IT", "VA"),
        ("+61412345678", "AU", "CX"),
        ("+358412345678", "FI", "AX"),
        ("+4741234567", "NO", "SJ"),
        ("+212650123456", "MA", "EH"),
        ("+590690001234", "GP", "BL"),
    ],
)
def test_what_two_countries_share_altogether_is_the_main_ones(
    number: str, main: str, neighbour: str
) -> None:
    """Mobiles that nothing tells apart are mobiles in the main country, and abroad next door."""
    assert classify(number, main) == (main, {"mobile"})
    assert classify(number, neighbour) == (main, {"international"})


def test_the_manx_block_is_manx_at_home() -> None:
    """Who has a block for itself has it at home, too."""
    assert classify("+447924123456", "IM") == ("IM", {"mobile"})


@pytest.mark.parametrize(
    "number",
    [
        "+33596601234",
        "+33262201234",
        "+33508412345",
        "+12125550",
        "+44123",
        "+8881234567890",
    ],
)
def test_what_no_country_could_give_out_is_nobodys(number: str) -> None:
    """Too short, too long, or dialled otherwise."""
    assert classify(number, "GB") is None


@pytest.mark.parametrize(
    ("number", "home", "country", "abroad"),
    [
        ("+442500000000", "GB", "GB", False),
        ("+442500000000", "US", "GB", True),
        ("+442500000000", "JE", "GB", True),  # the main country's, where nothing tells
        ("+390000000000", "GB", "IT", True),
        ("+10000000000", "US", "US", False),
        ("+12425230123", "US", "BS", True),  # the area code tells
        ("+2527012345", "GB", "SO", True),
        ("+8835112345678", "GB", "001", True),
    ],
)
def test_what_no_country_gave_out_is_unallocated(
    number: str, home: str, country: str, abroad: bool
) -> None:
    """Possible is not enough: thieves dial ranges that no country has given out."""
    words = {"unallocated", "international"} if abroad else {"unallocated"}
    assert classify(number, home) == (country, words)


def test_every_main_country_keeps_its_own_numbers() -> None:
    """Only territories that share all numbers of a kind with a larger neighbour lose some."""
    lost = set()
    for country in phonenumbers.SUPPORTED_REGIONS:
        for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE):
            example = phonenumbers.example_number_for_type(country, kind)
            if example is not None:
                found = classification.classify(example, country)
                assert found is not None
                if found[0] != country:
                    lost.add(country)
    assert lost == {"AX", "BL", "CC", "CX", "EH", "MF", "SJ", "VA"}


EVERY_CODE = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)
HOMES = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))


@given(
    code=st.sampled_from(EVERY_CODE) | st.sampled_from([1, 7, 44, 61, 262, 590]),
    digits=st.text("0123456789", min_size=4, max_size=12),
    home=HOMES,
)
def test_the_cheap_words_are_only_said_at_home(code: int, digits: str, home: str) -> None:
    """No number of another country is national, mobile, toll-free or voip, whatever it is."""
    number = phonenumbers.parse(f"+{code}{digits}")
    found = classification.classify(number, home)
    if found is not None:
        country, categories = found
        assert (country == home) == (Category.INTERNATIONAL not in categories)
        assert country == home or not AT_HOME_ONLY & categories
        assert country != home or number.country_code == phonenumbers.country_code_for_region(home)


def test_every_example_is_somebodys() -> None:
    """The cheap words are for home, held for each type of each country."""
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        home = "GB" if country != "GB" else "US"
        for kind in phonenumbers.supported_types_for_region(country):
            example = phonenumbers.example_number_for_type(country, kind)
            if example is not None:
                found = classification.classify(example, home)
                assert found is not None
                assert Category.INTERNATIONAL in found[1] or found[0] == home
                assert found[0] == home or not AT_HOME_ONLY & found[1]


def test_the_costliest_leads() -> None:
    """The one word for a number is the one that hurts most."""
    both = frozenset({Category.INTERNATIONAL, Category.PREMIUM})
    assert leading(both) is Category.PREMIUM
    assert leading(frozenset({Category.INTERNATIONAL})) is Category.INTERNATIONAL
    assert set(COSTLIEST_FIRST) == set(Category)
