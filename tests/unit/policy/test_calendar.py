"""`calendar`: nights, weekends and public holidays hold when they do in the site's country."""

from __future__ import annotations

from datetime import datetime

import pytest

from fastagi.policy.calendar import (
    BUILT_IN,
    HOLIDAY,
    NIGHT,
    NIGHT_BEGINS,
    NIGHT_ENDS,
    WEEKEND,
    Calendar,
    has_holidays,
    regions,
)


@pytest.mark.parametrize(
    ("clock", "holds"),
    [("21:59:59", False), ("22:00", True), ("00:00", True), ("05:59:59", True), ("06:00", False)],
)
def test_a_night_is_from_ten_to_six(clock: str, holds: bool) -> None:
    """By the clock on the wall."""
    local = datetime.fromisoformat(f"2026-01-05T{clock}")
    assert (NIGHT in Calendar("GB").holding(local)) is holds


@pytest.mark.parametrize(
    ("country", "region", "day", "words"),
    [
        ("GB", "", "2026-01-05", set()),
        ("GB", "", "2026-01-03", {WEEKEND}),
        ("GB", "", "2026-12-25", {HOLIDAY}),
        ("GB", "", "2026-12-26", {HOLIDAY, WEEKEND}),
        ("GB", "ENG", "2026-04-06", {HOLIDAY}),  # Easter Monday, but not in Scotland
        ("GB", "SCT", "2026-04-06", set()),
        ("GB", "SCT", "2026-11-30", {HOLIDAY}),
        ("DE", "BY", "2027-01-06", {HOLIDAY}),
        ("DE", "", "2027-01-06", set()),
        ("SA", "", "2026-01-02", {WEEKEND}),  # a Friday
        ("SA", "", "2026-01-04", set()),
        ("TA", "", "2026-12-25", set()),  # of which nothing is known
        ("TA", "", "2026-12-26", {WEEKEND}),
    ],
)
def test_weekends_and_holidays_are_those_of_the_country(
    country: str, region: str, day: str, words: set[str]
) -> None:
    """And of the region, if one is named; year after year."""
    noon = datetime.fromisoformat(f"{day}T12:00")
    assert Calendar(country, region).holding(noon) == words


def test_only_what_is_asked_for_is_told() -> None:
    """What a policy defines itself, or does not speak of, is not looked at."""
    christmas_night = datetime.fromisoformat("2027-12-25T23:00")
    for words in (set(), {NIGHT}, {WEEKEND}, {HOLIDAY}, BUILT_IN):
        calendar = Calendar("GB", words=frozenset(words))
        calendar.prepare()
        assert calendar.holding(christmas_night) == words
        assert bool(calendar.clocks) is (NIGHT in words)
    assert Calendar("GB").clocks == {NIGHT_BEGINS, NIGHT_ENDS}


def test_regions_are_known_by_code_and_by_name() -> None:
    """Of a country that has some with holidays of their own."""
    assert regions("GB")["England"] == regions("GB")["ENG"] == "ENG"
    assert not regions("PR")
    assert not regions("TA")
    assert not has_holidays("TA")
