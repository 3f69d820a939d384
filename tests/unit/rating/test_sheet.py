"""The price of the longest prefix in force is found, and a sheet stays small."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.rating.sheet import (
    ALWAYS,
    BLOCKED,
    ENDED,
    PRICED,
    Entry,
    RateSheet,
    compiled,
    key_of,
)
from fastagi.rating.tariff import Tariff

TARIFFS = [Tariff(60, cost, 60, cost) for cost in range(5)]
NOW = 1_800_000_000


def sheet_of(*entries: tuple[str, int, int]) -> RateSheet:
    """Return a sheet of (prefix, moment, term)."""
    packed = sorted((key_of(prefix), moment, term) for prefix, moment, term in entries)
    return RateSheet(compiled(packed, TARIFFS))


def priced(prefix: str, cost: int, since: int = ALWAYS) -> tuple[str, int, int]:
    """Return an entry with a price."""
    return prefix, since, PRICED + cost


def test_the_longest_prefix_has_the_price() -> None:
    """Of all prefixes that begin a number, the longest counts, with a plus or without."""
    sheet = sheet_of(priced("39", 1), priced("393", 2), priced("39312", 3), priced("44", 4))
    assert sheet.tariff("+393331234567", NOW) == TARIFFS[2]
    assert sheet.tariff("393121234567", NOW) == TARIFFS[3]
    assert sheet.tariff("390612345678", NOW) == TARIFFS[1]
    assert sheet.tariff("39", NOW) == TARIFFS[1]
    assert sheet.tariff("3", NOW) is None
    assert sheet.tariff("33123456789", NOW) is None
    assert sheet.tariff("999999999999999999", NOW) is None
    assert sheet.find("+393331234567", NOW) == Entry("393", TARIFFS[2], ALWAYS)
    assert sheet.find("33", NOW) is None


@pytest.mark.parametrize("text", ["", "+", "alice", "٣٩", "39 06", "++39", "-39"])
def test_what_is_no_number_has_no_price(text: str) -> None:
    """Only ASCII digits are looked up."""
    assert sheet_of(priced("3", 1)).tariff(text, NOW) is None


def test_a_price_comes_into_force_by_itself() -> None:
    """What was announced ahead holds from its moment on, and not before."""
    sheet = sheet_of(priced("39", 1), priced("39", 2, NOW), priced("3906", 3, NOW + 10))
    assert sheet.tariff("390612", NOW - 1) == TARIFFS[1]
    assert sheet.tariff("390612", NOW) == TARIFFS[2]
    assert sheet.tariff("390612", NOW + 9.9) == TARIFFS[2]
    assert sheet.tariff("390612", NOW + 10) == TARIFFS[3]
    assert sheet.changes_after(NOW) == {NOW + 10: 1}
    assert list(sheet.announced(NOW)) == [(Entry("3906", TARIFFS[3], NOW + 10), False)]
    assert [each.prefix for each in sheet.in_force(NOW)] == ["39"]
    assert list(sheet.in_force(NOW + 10)) == [
        Entry("39", TARIFFS[2], NOW),
        Entry("3906", TARIFFS[3], NOW + 10),
    ]


def test_what_ended_leaves_its_numbers_to_the_shorter_prefix() -> None:
    """As the carrier does: its own older price does not come back."""
    sheet = sheet_of(priced("39", 1), priced("393", 2), ("393", NOW, ENDED), priced("3931", 3))
    assert sheet.tariff("39331", NOW - 1) == TARIFFS[2]
    assert sheet.tariff("39331", NOW) == TARIFFS[1]
    assert sheet.tariff("3931", NOW) == TARIFFS[3]
    assert [each.prefix for each in sheet.in_force(NOW)] == ["39", "3931"]
    assert sheet_of(priced("39", 1), ("39", NOW, ENDED)).tariff("393", NOW) is None


def test_what_is_blocked_has_no_price_of_a_shorter_prefix() -> None:
    """A prefix that is not served is not taken for its cheaper country."""
    sheet = sheet_of(priced("39", 1), ("393", ALWAYS, BLOCKED))
    assert sheet.tariff("39331", NOW) is None
    assert sheet.find("39331", NOW) == Entry("393", None, ALWAYS)


DIGITS = st.text("012", min_size=1, max_size=7).map(lambda rest: f"1{rest}")
ENTRIES = st.dictionaries(st.tuples(DIGITS, st.integers(0, 3)), st.integers(0, 6), max_size=40)


@given(ENTRIES, DIGITS, st.integers(0, 3))
def test_a_look_up_is_what_the_plain_reading_says(
    entries: dict[tuple[str, int], int], number: str, at: int
) -> None:
    """The table finds what one finds who reads every row."""
    latest = {
        prefix: max(moment for other, moment in entries if other == prefix and moment <= at)
        for prefix, since in entries
        if since <= at
    }
    terms = {prefix: entries[prefix, moment] for prefix, moment in latest.items()}
    held = {prefix: term for prefix, term in terms.items() if term != ENDED}
    longest = max((each for each in held if number.startswith(each)), key=len, default=None)
    sheet = sheet_of(*((prefix, moment, term) for (prefix, moment), term in entries.items()))
    found = sheet.find(number, at)
    assert (found.prefix if found else None) == longest
    if longest is not None and held[longest] >= PRICED:
        assert sheet.tariff(number, at) == TARIFFS[held[longest] - PRICED]
    else:
        assert sheet.tariff(number, at) is None
    assert {each.prefix for each in sheet.in_force(at)} == set(held)


def test_a_sheet_is_small_and_travels() -> None:
    """Twenty bytes a price, beside what an empty sheet has; a repr prints no million lines."""
    empty = len(sheet_of().buffer)
    sheet = sheet_of(*(priced(f"39{n:04}", n % 5) for n in range(1000)))
    assert len(sheet.buffer) == empty + 20 * 1000
    again = pickle.loads(pickle.dumps(sheet))  # noqa: S301 - our own
    assert bytes(again.buffer) == bytes(sheet.buffer)
    assert repr(again) == "<RateSheet of 1000 prices>"
    assert sheet.prices() == dict.fromkeys(TARIFFS, 200)


def test_prices_that_change_nothing_are_counted() -> None:
    """A prefix with the price of the next shorter one could be left out."""
    assert sheet_of(priced("39", 1), priced("393", 1), priced("3931", 2)).redundant() == 1


@pytest.mark.parametrize("buffer", [b"", b"x" * 60_000, bytes(sheet_of().buffer)[:-1]])
def test_what_is_no_sheet_is_refused(buffer: bytes) -> None:
    """A file that was cut, or of another format, is never looked into."""
    with pytest.raises(ValueError, match="no compiled rate sheet"):
        RateSheet(buffer)


def test_more_tariffs_than_are_kept_are_found_all_the_same() -> None:
    """Memory is bounded by tariffs kept as objects; prices are not."""
    tariffs = [Tariff(60, cost, 60, cost) for cost in range(5000)]
    entries = [(key_of(f"{10000 + n}"), ALWAYS, PRICED + n) for n in range(5000)]
    sheet = RateSheet(compiled(entries, tariffs))
    for _ in range(2):
        assert [sheet.tariff(f"{10000 + n}", NOW) for n in range(5000)] == tariffs
