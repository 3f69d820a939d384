"""What a caller means by the digits dialled, in the order that the plan promises."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastagi.numbering import metadata, plan
from fastagi.numbering.number import Category, Number
from fastagi.numbering.pattern import Pattern
from fastagi.numbering.plan import NumberingPlan

OFFICE = NumberingPlan(
    "GB", internal=(Pattern("1XX"), Pattern("2XX"), Pattern("*4X")), outside_prefix="9",
    emergency=("2222",),
)  # fmt: skip
HOME = NumberingPlan("GB")


def why(dialled: str, at: NumberingPlan = OFFICE) -> str:
    """Return why something is invalid, and hold that it is invalid in every way."""
    number = at.read(dialled)
    invalid = Category.INVALID
    assert number == Number(dialled, "", "", invalid, frozenset({invalid}), number.why)
    return number.why


# ------------------------------------------------------------------------------ emergency


@pytest.mark.parametrize("number", ["999", "112", "2222"])
@pytest.mark.parametrize("prefix", ["", "9"])
def test_an_emergency_number_is_one_with_and_without_the_prefix(prefix: str, number: str) -> None:
    """The country's and the site's; the trunk gets it bare."""
    emergency = Category.EMERGENCY
    expected = Number(prefix + number, number, "GB", emergency, frozenset({emergency}))
    assert OFFICE.read(prefix + number) == expected


@pytest.mark.parametrize("dialled", ["9990", "99990", "0999", "+999", "9+112", "99112", "999#"])
def test_what_only_resembles_one_is_none(dialled: str) -> None:
    """Emergency calls are never refused, so nothing else may pass for one."""
    assert OFFICE.read(dialled).category is not Category.EMERGENCY


PATTERNS = st.sampled_from(["1XX", "X!", ".", "!", "999", "9999", "[19]XX", "112", "9.", "NXX"])


@given(inside=st.lists(PATTERNS), country=st.sampled_from(["GB", "US", "FR", "AU", "JM"]))
def test_an_emergency_number_is_one_whatever_the_inside_patterns(
    inside: list[str], country: str
) -> None:
    """An administrator's pattern that takes 112 must not cost a life."""
    site = NumberingPlan(country, tuple(map(Pattern, inside)), "9")
    for number in site.emergency_numbers:
        for dialled in (number, f"9{number}"):
            read = site.read(dialled)
            assert read.category is Category.EMERGENCY
            assert read.number in (number, dialled)


def test_the_bare_number_goes_before_the_prefixed_one() -> None:
    """Where `1` and `15` could be read into `115`, the number as it stands is meant."""
    assert NumberingPlan("FR", outside_prefix="1", emergency=("115",)).read("115").number == "115"


def test_the_emergency_numbers_of_a_plan() -> None:
    """Those of the country and of the site, each once, as the dialplan is told."""
    assert OFFICE.emergency_numbers == ("112", "999", "18000", "2222")
    assert NumberingPlan("GB", emergency=("999",)).emergency_numbers == ("112", "999", "18000")


# ------------------------------------------------------------------------------ inside


@pytest.mark.parametrize("dialled", ["101", "299", "*43"])
def test_an_inside_number_stays_inside(dialled: str) -> None:
    """It is of no country, and is what was dialled."""
    internal = Category.INTERNAL
    assert OFFICE.read(dialled) == Number(dialled, dialled, "", internal, frozenset({internal}))


def test_inside_goes_before_outside() -> None:
    """A pattern that begins with the outside prefix is still the site's."""
    site = NumberingPlan("GB", (Pattern("9XX"),), "9")
    assert site.read("901").category is Category.INTERNAL
    assert site.read("999").category is Category.EMERGENCY


@pytest.mark.parametrize("dialled", ["+442079460000", "9+442079460000", "+", "1+1"])
def test_a_plus_is_never_inside(dialled: str) -> None:
    """Not even for a pattern that takes anything: it would be dialled unjudged."""
    site = NumberingPlan("GB", (Pattern("."),), "9")
    assert site.read(dialled).category is not Category.INTERNAL


# ------------------------------------------------------------------------------ outside


@pytest.mark.parametrize(
    ("dialled", "number", "country", "category"),
    [
        ("902079460000", "+442079460000", "GB", Category.NATIONAL),
        ("+442079460000", "+442079460000", "GB", Category.NATIONAL),
        ("9+442079460000", "+442079460000", "GB", Category.NATIONAL),
        ("900442079460000", "+442079460000", "GB", Category.NATIONAL),
        ("907400123456", "+447400123456", "GB", Category.MOBILE),
        ("900390612345678", "+390612345678", "IT", Category.INTERNATIONAL),
        ("+390612345678", "+390612345678", "IT", Category.INTERNATIONAL),
        ("90039899123456", "+39899123456", "IT", Category.PREMIUM),
        ("900881612345678", "+881612345678", "001", Category.SATELLITE),
        ("9118500", "118500", "GB", Category.PREMIUM),
        ("9116123", "116123", "GB", Category.TOLL_FREE),
    ],
)
def test_an_outside_number(dialled: str, number: str, country: str, category: Category) -> None:
    """Behind the prefix or the plus: E.164, the international prefix, short codes, national."""
    read = OFFICE.read(dialled)
    assert (read.number, read.country, read.category) == (number, country, category)
    assert category in read.categories
    assert read.why == ""
    assert read.is_e164 == number.startswith("+")


def test_without_an_outside_prefix_none_is_needed() -> None:
    """Then what is not inside is outside."""
    assert HOME.read("02079460000").number == "+442079460000"
    assert HOME.read("118500").number == "118500"
    assert HOME.read("999").category is Category.EMERGENCY


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("NZ", "105"),  # not known to phonenumbers
        ("GB", "123"),  # known, and dear because nobody states its price
        ("GB", "118500"),  # known to be dear
        ("US", "011"),  # the international prefix
        ("GB", "00"),
    ],
)
def test_a_short_code_of_the_site_is_national(country: str, code: str) -> None:
    """The administrator's word counts, of this one code and in this form."""
    site = NumberingPlan(country, outside_prefix="9", short_codes=(code,))
    national = Category.NATIONAL
    dialled = f"9{code}"
    assert site.read(dialled) == Number(dialled, code, country, national, frozenset({national}))
    assert not site.read(dialled).is_e164
    for other in (code, f"{dialled}0", f"+{code}", f"9+{code}"):
        assert site.read(other).category is not Category.NATIONAL


def test_emergency_and_inside_numbers_go_before_a_short_code() -> None:
    """It is the last thing that digits so short can mean."""
    site = NumberingPlan("GB", (Pattern("1XX"),), short_codes=("999", "105", "222"))
    read = [site.read(each).category for each in ("999", "105", "222")]
    assert read == [Category.EMERGENCY, Category.INTERNAL, Category.NATIONAL]


@pytest.mark.parametrize("code", ["1", "1234567", "*43", "+44", "12\n", "٣٣"])
def test_a_short_code_is_a_few_digits(code: str) -> None:
    """So few that no number abroad, nor in the country, could pass for one."""
    with pytest.raises(ValueError, match="cannot be used; write 2 to 6 digits") as caught:
        NumberingPlan("GB", short_codes=(code,))
    assert str(caught.value).startswith(f"short code `{code}` ")


# ------------------------------------------------------------------------------ invalid


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        ("", "nothing was dialled"),
        ("9", "nothing follows the outside prefix `9`"),
        ("malformed", "holds something else than digits, `*`, `#` and `+`"),
        ("902079460000&Local/1", "holds something else than digits, `*`, `#` and `+`"),
        ("9020 7946 0000", "holds something else than digits, `*`, `#` and `+`"),
        ("902079460000\n", "holds something else than digits, `*`, `#` and `+`"),
        ("\x00", "holds something else than digits, `*`, `#` and `+`"),
        ("\ud800", "holds something else than digits, `*`, `#` and `+`"),
        ("٩٩٩", "holds something else than digits, `*`, `#` and `+`"),
        ("90２079460000", "holds something else than digits, `*`, `#` and `+`"),
        ("1800FLOWERS", "holds something else than digits, `*`, `#` and `+`"),
        ("02079460000", "dialled without the outside prefix `9`"),
        ("301", "dialled without the outside prefix `9`"),
        ("*67", "`*` and `#` are only dialled inside, and no pattern takes it"),
        ("902079460000#", "`*` and `#` are only dialled inside, and no pattern takes it"),
        ("+44+20", "a `+` can only stand before everything else"),
        ("9++442079460000", "a `+` can only stand before everything else"),
        ("902079+460000", "a `+` can only stand before everything else"),
        ("+", "too short for any number"),
        ("+4", "too short for any number"),
        ("91", "too short for any number"),
        ("900", "too short for any number"),
        ("9000442079460000", "too long for a number of `GB`"),
        ("+999123456789", "no country or network has this calling code"),
        ("900999123456789", "no country or network has this calling code"),
        ("90" + "1" * 30, "too long for any number"),
        ("+44123", "too short for a number of `GB`"),
        ("902079460000000", "too long for a number of `GB`"),
        ("9+33596601234", "no such number is allocated in `FR`"),
        ("979460000", "a local number; it has to be dialled with area code"),
        ("+8881234567890", "too short for a number of `+888`"),
        ("+1212555", "too short for a number of `US`"),
        ("+39081", "too short for a number of `IT`"),
    ],
)
def test_what_means_nothing_says_why(dialled: str, expected: str) -> None:
    """The reason is for the operator, in words, and repeats nothing that was dialled."""
    assert why(dialled) == expected


def test_an_unallocated_number_is_one_that_a_trunk_could_be_given() -> None:
    """With its country, as far as can be told, and why it is thought to be nobody's."""
    unallocated = Category.UNALLOCATED
    assert OFFICE.read("902500000000") == Number(
        "902500000000",
        "+442500000000",
        "GB",
        unallocated,
        frozenset({unallocated}),
        "no such number is allocated in `GB`",
    )
    abroad = OFFICE.read("900252701234")
    assert abroad.categories == {unallocated, Category.INTERNATIONAL}
    assert (abroad.number, abroad.country) == ("+252701234", "SO")


def test_a_number_that_a_trunk_would_read_as_another_one_is_none() -> None:
    """Nought upon nought before a national number: +44 0001… is taken for +44 001… when read."""
    jersey = NumberingPlan("JE")
    assert jersey.read("00001901234").category is Category.INVALID
    assert jersey.read("00001901234").why == "no such number is allocated in `GB`"


@pytest.mark.parametrize(
    ("country", "dialled", "prefix"),
    [
        ("GB", "914102079460000", "141"),
        ("US", "9*672015550123", "*67"),
        ("US", "*672015550123", "*67"),
        ("DE", "901033030123456", "01033"),
    ],
)
def test_a_prefix_for_caller_id_is_named(country: str, dialled: str, prefix: str) -> None:
    """It is not taken off, but the operator can tell the caller what to leave out."""
    expected = f"`{prefix}` is a prefix for caller ID or a carrier; dial the number without it"
    assert why(dialled, NumberingPlan(country, outside_prefix="9")) == expected


def test_lengths_between_two_possible_ones() -> None:
    """Some countries have long numbers and short ones and none between."""
    assert why("+22022222222") == "no number of `GM` has so many digits"


def test_a_number_longer_than_e164_is_refused() -> None:
    """Germany gave out some, and no trunk need take them."""
    longest = "+4930" + "1" * 13
    parsed = phonenumbers.parse(longest)
    assert phonenumbers.is_valid_number(parsed)
    assert why(longest) == "longer than the 15 digits of E.164"


def test_of_an_endless_number_the_beginning_is_kept() -> None:
    """9 KiB of digits cost no more than a glance, and fill no log."""
    number = OFFICE.read("9" * 9216)
    assert number.dialled == "9" * 79 + "…"
    assert number.why == "longer than the 79 characters of Asterisk"
    assert number.category is Category.INVALID


DIALLED = st.one_of(
    st.text(),
    st.text("0123456789", max_size=20),
    st.text("0123456789*#+", max_size=90),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "9", "+", "900", "9011", "00", "91"]),
        st.sampled_from(sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)),
        st.text("0123456789", max_size=12),
    ),
)
SITES = st.sampled_from(
    [OFFICE, HOME, NumberingPlan("US", outside_prefix="9"), NumberingPlan("IT")]
)


@given(DIALLED, SITES)
@example("9" * 9216, OFFICE)
def test_every_text_is_some_number(dialled: str, site: NumberingPlan) -> None:
    """Reading is total, and what it returns holds together."""
    number = site.read(dialled)
    assert number.category in number.categories
    assert (number.category is Category.INVALID) == (number.number == "")
    assert bool(number.why) == (number.category in {Category.INVALID, Category.UNALLOCATED})
    assert re.fullmatch(r"|\+[1-9][0-9]{3,14}|[0-9*#]{1,79}", number.number)
    assert re.fullmatch(r"|001|[A-Z]{2}", number.country)


@given(DIALLED, SITES)
def test_reading_what_was_read_changes_nothing(dialled: str, site: NumberingPlan) -> None:
    """The number that the trunk is given is, dialled itself, the same number."""
    number = site.read(dialled)
    if number.is_e164:
        again = site.read(number.number)
        assert (again.number, again.country) == (number.number, number.country)
        assert again.categories == number.categories


@given(DIALLED, SITES)
def test_a_foreign_number_is_never_called_cheap(dialled: str, site: NumberingPlan) -> None:
    """So a rule that allows `mobile` lets no foreign mobile through."""
    number = site.read(dialled)
    cheap = {Category.NATIONAL, Category.MOBILE, Category.TOLL_FREE, Category.VOIP}
    if cheap & number.categories:
        assert number.country == site.country
    if number.country not in ("", site.country):
        assert Category.INTERNATIONAL in number.categories


# ------------------------------------------------------------------------------ making a plan


@pytest.mark.parametrize(
    ("prefix", "emergency", "what"),
    [
        ("9,", (), "outside prefix `9,` cannot be used; write up to 8 digits"),
        ("*9", (), "outside prefix `*9` cannot be used; write up to 8 digits"),
        ("9\n", (), "outside prefix `9\n` cannot be used; write up to 8 digits"),
        ("1" * 9, (), "outside prefix `111111111` cannot be used; write up to 8 digits"),
        ("", ("9",), "emergency number `9` cannot be used; write 2 to 15 digits"),
        ("", ("+999",), "emergency number `+999` cannot be used; write 2 to 15 digits"),
        ("", ("999", "٩٩٩"), "emergency number `٩٩٩` cannot be used; write 2 to 15 digits"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    prefix: str, emergency: tuple[str, ...], what: str
) -> None:
    """With what was written and what to write instead."""
    with pytest.raises(ValueError, match=re.escape(what)) as caught:
        NumberingPlan("GB", outside_prefix=prefix, emergency=emergency)
    assert str(caught.value) == what


def test_a_plan_needs_a_country() -> None:
    """One of ISO 3166-1."""
    with pytest.raises(ValueError, match="country `UK` is not known"):
        NumberingPlan("UK")


def test_a_plan_is_a_value() -> None:
    """Two plans of the same site are equal, and a repr shows what was asked for, no tables."""
    assert NumberingPlan("GB", outside_prefix="9") == NumberingPlan("GB", outside_prefix="9")
    assert NumberingPlan("GB") != NumberingPlan("US")
    assert repr(HOME) == (
        "NumberingPlan(country='GB', internal=(), outside_prefix='', emergency=(), short_codes=())"
    )


def test_metadata_can_be_had_beforehand() -> None:
    """Whoever makes plans finds the means to load all metadata beside them."""
    assert plan.preload is metadata.preload
