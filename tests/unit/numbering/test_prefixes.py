"""The longest prefix is found, whatever the table, and a large table stays small."""

from __future__ import annotations

import random
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering.prefixes import PrefixTable, covering


def test_the_longest_prefix_wins() -> None:
    """Of all prefixes that begin a number, the longest is told."""
    table = PrefixTable(["39", "3906", "390612", "+44", "0"])
    assert table.longest("390612345678") == "390612"
    assert table.longest("390699999999") == "3906"
    assert table.longest("393331234567") == "39"
    assert table.longest("44") == "44"
    assert table.longest("0") == "0"
    assert table.longest("4") is None
    assert table.longest("33123456789") is None


def test_the_plus_makes_no_difference() -> None:
    """E.164 with its plus is the same number, in the table and at the question."""
    assert PrefixTable(["+39"]).longest("+390612345678") == "39"


def test_leading_zeros_count() -> None:
    """`0`, `00` and `000` are three prefixes, although they are one integer."""
    table = PrefixTable(["0", "000"])
    assert table.longest("0012") == "0"
    assert table.longest("0001") == "000"
    assert len(table) == 2


@pytest.mark.parametrize("text", ["", "+", "alice", "٣٩", "39 06", "++39", "-39", "39\n"])
def test_what_is_no_number_has_no_prefix(text: str) -> None:
    """Only ASCII digits are looked up: Python would read other scripts' digits as well."""
    assert PrefixTable(["3", "39"]).longest(text) is None


@pytest.mark.parametrize("prefix", ["", "+", "39a", "٣٩", "++39", " 39", "1234567890123456"])
def test_what_is_no_prefix_is_refused(prefix: str) -> None:
    """A list with a line that is no prefix is not used in silence."""
    what = f"`{prefix}` is no prefix of E.164; write 1 to 15 digits"
    with pytest.raises(ValueError, match=re.escape(what)):
        PrefixTable(["44", prefix])


def test_a_table_counts_and_shows_itself() -> None:
    """A prefix that stands twice counts once, and a repr does not print a million lines."""
    table = PrefixTable(["44", "39", "44", "+44"])
    assert len(table) == 2
    assert repr(table) == "<PrefixTable of 2 prefixes>"
    assert len(PrefixTable([])) == 0
    assert PrefixTable([]).longest("44") is None


PREFIX = st.text("0123", min_size=1, max_size=6)


@given(prefixes=st.lists(PREFIX, max_size=30), digits=st.text("0123", max_size=9))
def test_look_up_agrees_with_brute_force(prefixes: list[str], digits: str) -> None:
    """The table says what trying every prefix says."""
    fitting = [each for each in prefixes if digits.startswith(each)]
    assert PrefixTable(prefixes).longest(digits) == max(fitting, key=len, default=None)


def test_many_prefixes_take_eight_bytes_each() -> None:
    """100,000 prefixes take under a megabyte once they are in (so a million some 8 MB)."""
    chance = random.Random(1)  # noqa: S311 - the same list in every run
    prefixes = [str(chance.randrange(10**3, 10**10)) for _ in range(100_000)]
    tracemalloc.start()
    try:
        table = PrefixTable(prefixes)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(table) > 99_000
    assert kept < 1_000_000
    assert all(table.longest(each) for each in prefixes)


def test_a_table_tells_its_prefixes() -> None:
    """Each once, with leading zeros, the longest first."""
    assert list(PrefixTable(["+39", "0044", "7", "39"])) == ["0044", "39", "7"]


@given(st.integers(1000, 9999), st.integers(1000, 9999))
def test_a_range_is_covered_exactly_and_by_the_fewest(one: int, other: int) -> None:
    """Every number of it begins with one of its prefixes, and no other number does."""
    first, last = sorted((one, other))
    prefixes = list(covering(str(first), str(last)))
    table = PrefixTable(prefixes)
    inside = {number for number in range(1000, 10000) if table.longest(str(number))}
    assert inside == set(range(first, last + 1))
    whole = {each[:-1] for each in prefixes if len(each) > 1}
    assert not any({f"{each}{digit}" for digit in range(10)} <= set(prefixes) for each in whole)


def test_numbers_of_prefixes_are_ranges() -> None:
    """Those that overlap or touch are one; longer prefixes begin no shorter number."""
    table = PrefixTable(["290", "2905", "291", "39", "3906123"])
    assert table.ranges(5) == ([29000, 39000], [29200, 40000])
    assert table.ranges(2) == ([39], [40])
    assert table.ranges(1) == ([], [])
