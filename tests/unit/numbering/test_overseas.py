"""French territories overseas are dialled like France, and are other countries."""

from __future__ import annotations

import phonenumbers
import pytest

from fastagi.numbering.overseas import in_e164, is_misplaced


@pytest.mark.parametrize(
    ("dialled", "number", "country"),
    [
        ("0262201234", "+262262201234", "RE"),
        ("0692123456", "+262692123456", "RE"),
        ("0693123456", "+262693123456", "RE"),
        ("0269601234", "+262269601234", "YT"),
        ("0639012345", "+262639012345", "YT"),
        ("0590201234", "+590590201234", "GP"),
        ("0690001234", "+590690001234", "GP"),
        ("0594201234", "+594594201234", "GF"),
        ("0694201234", "+594694201234", "GF"),
        ("0596201234", "+596596201234", "MQ"),
        ("0696201234", "+596696201234", "MQ"),
        ("0508412345", "+508412345", "PM"),
    ],
)
def test_a_number_overseas_has_its_own_calling_code(
    dialled: str, number: str, country: str
) -> None:
    """From France and from any of the territories."""
    assert in_e164(dialled, "FR") == number
    assert in_e164(dialled, "GP") == number
    assert phonenumbers.region_code_for_number(phonenumbers.parse(number)) == country


@pytest.mark.parametrize(
    ("dialled", "country"),
    [
        ("0123456789", "FR"),
        ("0612345678", "FR"),
        ("0596201234", "GB"),
        ("596201234", "FR"),
        ("059620123", "FR"),
        ("05962012345", "FR"),
        ("0596", "FR"),
    ],
)
def test_other_numbers_are_none_of_them(dialled: str, country: str) -> None:
    """Of France itself, dialled elsewhere, or too short or too long."""
    assert in_e164(dialled, country) is None


def test_behind_the_code_of_france_they_are_nobodys() -> None:
    """Also those that phonenumbers takes for French fixed lines."""
    assert is_misplaced("FR", "596601234")
    assert not is_misplaced("FR", "123456789")
    assert not is_misplaced("MQ", "596601234")
