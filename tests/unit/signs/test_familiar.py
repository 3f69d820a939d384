"""From where accounts showed their passwords."""

from __future__ import annotations

import pytest

from fastagi.signs import familiar
from fastagi.signs.familiar import ADDRESSES_MAX, KEPT_S, Familiar


def test_a_place_is_known_until_it_was_used_too_long_ago() -> None:
    """By its account at its site."""
    places = Familiar()
    places.learn("office", "101", 7, 0.0)
    assert places.knows("office", "101", 7, KEPT_S - 1)
    assert not places.knows("office", "101", 7, KEPT_S)
    assert not places.knows("office", "101", 8, 0.0)
    assert not places.knows("office", "102", 7, 0.0)
    assert not places.knows("branch", "101", 7, 0.0)


def test_of_an_account_the_last_places_are_known() -> None:
    """Those that were used last; what comes late makes none older."""
    places = Familiar()
    for each in range(1, ADDRESSES_MAX + 1):
        places.learn("office", "101", each, float(each))
    places.learn("office", "101", 1, 100.0)
    places.learn("office", "101", 1, 0.0)
    places.learn("office", "101", 99, 101.0)
    known = [each for each in range(100) if places.knows("office", "101", each, 101.0)]
    assert known == [1, *range(3, ADDRESSES_MAX + 1), 99]


def test_accounts_without_number_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that showed its password longest ago is forgotten first."""
    monkeypatch.setattr(familiar, "ACCOUNTS_MAX", 2)
    places = Familiar()
    for account in ("101", "102", "101", "103"):
        places.learn("office", account, 7, 0.0)
    assert [places.knows("office", each, 7, 0.0) for each in ("101", "102", "103")] == [
        True, False, True,
    ]  # fmt: skip
    assert len(places) == 2


def test_what_is_known_can_be_kept_elsewhere() -> None:
    """As a text, for when this is gone."""
    places, later = Familiar(), Familiar()
    places.learn("office", "101", 1 << 128, 5.0)
    places.learn("office", "101", 7, 6.0)
    later.take("office", "101", places.text("office", "101"))
    assert later.text("office", "101") == places.text("office", "101")
    assert later.knows("office", "101", 1 << 128, 6.0)
    assert places.text("office", "102") == ""


@pytest.mark.parametrize("text", ["", "[]", "null", '{"x": 1}', '{"7": null}', '{"7": "x"}'])
def test_what_is_no_such_text(text: str) -> None:
    """Is refused, and nothing learnt."""
    places = Familiar()
    with pytest.raises(ValueError, match=r"."):
        places.take("office", "101", text)
    assert len(places) == 0
