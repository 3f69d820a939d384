"""What a line of decisions says, whatever is in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.attacks import fields

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def test_a_line_is_read_or_is_nothing() -> None:
    """Half a line, and what is no decision, is empty."""
    assert fields.read(b'{"site":"office"}\n') == {"site": "office"}
    assert fields.read(b'{"site":"off') == {}
    assert fields.read(b"[1]") == {}
    assert fields.read(b"\xff\xfe") == {}


@given(value=JSON)
def test_whatever_a_field_holds_becomes_words_a_moment_an_amount_or_nothing(value: object) -> None:
    """Never an error, and never text that is not fit to be shown."""
    entry = {"x": value, "time": value}
    shown = fields.short(entry, "x")
    assert shown.isprintable()
    assert len(shown) <= 40
    assert all(each.isprintable() for each in fields.words_of(value))
    fields.moment_of(entry)
    money = fields.money_of(fields.text_of(entry, "x"))
    assert money is None or money >= 0


@pytest.mark.parametrize(
    ("text", "money"),
    [
        ("0.0123", 12_300),
        ("20.00", 20_000_000),
        ("", None),
        ("-1", None),
        ("NaN", None),
        ("Infinity", None),
        ("1e30", None),
        ("much", None),
    ],
)
def test_an_amount_is_read_in_millionths(text: str, money: int | None) -> None:
    """And what is none is not guessed."""
    assert fields.money_of(text) == money


def test_a_moment_is_of_utc() -> None:
    """As the record writes it."""
    assert fields.moment_of({"time": "2026-11-30T12:00:00.000Z"}) == 1_796_040_000.0
    assert fields.moment_of({"time": "soon"}) is None


@pytest.mark.parametrize(
    ("address", "plain", "network"),
    [
        ("203.0.113.7", "203.0.113.7", "203.0.113.0/24"),
        ("2001:DB8:0::1", "2001:db8::1", "2001:db8::/64"),
        ("nobody", "nobody", ""),
    ],
)
def test_an_address_has_one_writing_and_a_network(address: str, plain: str, network: str) -> None:
    """A /24, or a /64; what is none has none."""
    assert fields.plain(address) == plain
    assert fields.network_of(address) == network


def test_days_are_listed_of_utc() -> None:
    """Both ends are in it."""
    noon = 1_796_040_000.0
    assert fields.days_between(noon, noon) == ["2026-11-30"]
    assert fields.days_between(noon - 86_400, noon + 86_400) == [
        *("2026-11-29", "2026-11-30", "2026-12-01"),
    ]
