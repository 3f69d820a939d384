"""How numbers are dialled at a site."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from fastagi.cdr.past_call import PastCall
from fastagi.learning.site import country_of, learn_site, patterns_of
from fastagi.numbering.plan import NumberingPlan

LONDON = ZoneInfo("Europe/London")


def _calls(*dialled: str, of: tuple[str, ...] = ("101", "102")) -> list[PastCall]:
    return [PastCall(place, caller, each) for place, each in enumerate(dialled) for caller in of]


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/London", "GB"), ("America/New_York", "US"), ("Europe/Berlin", "DE"), ("UTC", None)],
)
def test_a_time_zone_has_a_country(zone: str, country: str | None) -> None:
    """But those that are of none."""
    assert country_of(ZoneInfo(zone)) == country


@pytest.mark.parametrize(
    ("country", "dialled", "prefix"),
    [
        ("GB", ["02079460000", "00390612345678", "07400123456"], ""),
        ("GB", ["902079460000", "900390612345678", "907400123456"], "9"),
        ("DE", ["0030123456", "00015123456789", "000390612345678"], "0"),
        ("DE", ["030123456", "015123456789", "00390612345678"], ""),
        ("US", ["912015550123", "9011390612345678"], "9"),
        ("US", ["12015550123", "011390612345678"], ""),
    ],
)
def test_the_prefix_is_what_makes_numbers_of_it(
    country: str, dialled: list[str], prefix: str
) -> None:
    """The shortest that explains as much as any other."""
    site = learn_site(_calls(*dialled), LONDON, country)
    assert (site.outside_prefix, site.understood) == (prefix, 1.0)
    assert site.plan.outside_prefix == site.outside_plan.outside_prefix == prefix


def test_what_is_said_is_not_guessed() -> None:
    """And what it does not explain is told."""
    site = learn_site(_calls("902079460000"), LONDON, "GB", "8")
    assert (site.outside_prefix, site.understood) == ("8", 0.0)


def test_numbers_inside_are_callers_and_what_is_called_like_them() -> None:
    """A group of phones, a code for the mailbox; but nothing that was dialled once by mistake."""
    calls = _calls(*["600"] * 2, *["*97"] * 2, "#7", "77", "902079460000", of=("101", "anna"))
    site = learn_site(calls, LONDON, "GB", "9")
    assert site.internal == ("101", "600", "*97")
    assert site.extensions == ("101", "anna")


def test_an_extension_that_is_an_emergency_number_is_none_inside() -> None:
    """`112` always goes out, whatever a record says."""
    site = learn_site(_calls("02079460000", of=("112", "113")), LONDON, "GB", "")
    assert "112" not in site.internal


def test_five_of_ten_make_a_pattern() -> None:
    """That hides no emergency number, and is no other class's."""
    plan = NumberingPlan("GB", (), "9")
    half = ["203", "200", "201", "202", "204"]
    assert patterns_of(half, plan) == ("20X",)
    assert patterns_of(half[:4], plan) == ("200", "201", "202", "203")
    assert patterns_of(half, plan, taken={"20X"}) == tuple(sorted(half))
    assert patterns_of([f"11{last}" for last in range(8)], plan)[0] == "110"
    assert patterns_of([f"{last}" for last in range(8)], plan)[0] == "0"
    assert patterns_of(["anna", "5001"], plan) == ("anna", "5001")


def test_a_long_name_of_digits_is_no_number_inside() -> None:
    """Some call their phones by whole numbers; nobody dials those inside."""
    site = learn_site(_calls("902079460000", of=("2079460001",)), LONDON, "GB", "9")
    assert (site.internal, site.extensions) == ((), ("2079460001",))
