"""Numbers as they are dialled in a country, which stand for all that could be."""

from __future__ import annotations

import phonenumbers
import pytest

from fastagi.numbering.examples import dialled_numbers
from fastagi.numbering.international import InternationalPrefix
from fastagi.numbering.plan import NumberingPlan


@pytest.mark.parametrize("country", ["GB", "US", "JM", "IT", "BR", "AU", "RU", "CO", "NO", "SH"])
def test_each_is_an_outside_number_there(country: str) -> None:
    """All but a few, which are longer than E.164 or fit a longer international prefix."""
    plan = NumberingPlan(country)
    numbers = dialled_numbers(country)
    assert sum(plan.read(each).is_e164 for each in numbers) > 0.95 * len(numbers)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize(
    ("country", "dialled"),
    [
        ("GB", "01212345678"),
        ("GB", "1212345678"),
        ("GB", "00390212345678"),
        ("GB", "00870301234567"),
        ("US", "2015550123"),
        ("US", "011881612345678"),
        ("AU", "0011881612345678"),
        ("RU", "810881612345678"),
        ("BR", "0012881612345678"),
        ("CO", "005881612345678"),
    ],
)
def test_at_home_abroad_and_over_satellites(country: str, dialled: str) -> None:
    """With the national prefix and without, and behind the international one."""
    assert dialled in dialled_numbers(country)


def test_every_country_has_some() -> None:
    """There is one international prefix at least, with which all the world is dialled."""
    for country in phonenumbers.SUPPORTED_REGIONS:
        prefix = InternationalPrefix(country)
        abroad = next(each for each in dialled_numbers(country) if each.endswith("881612345678"))
        assert prefix.strip(abroad)


def test_what_is_no_country_is_refused() -> None:
    """As everywhere in this room."""
    with pytest.raises(ValueError, match="country `ZZ` is not known"):
        dialled_numbers("ZZ")
