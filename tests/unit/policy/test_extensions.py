"""`extensions`: what a pattern stands for, counted and compared."""

from __future__ import annotations

from itertools import islice

import pytest

from fastagi.numbering.pattern import Pattern
from fastagi.numbering.plan import NumberingPlan
from fastagi.policy.extensions import (
    EXTENSIONS_MAX,
    extensions,
    meant_by,
    outside_number_in,
    overlap,
    positions,
)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("101", ("1", "0", "1")),
        ("alice", ("a", "l", "i", "c", "e")),
        ("1XZ", ("1", "0123456789", "123456789")),
        ("_[2-4]N-#", ("234", "23456789", "#")),
        ("1.", None),
        ("*8!", None),
    ],
)
def test_a_pattern_takes_keys_by_position(text: str, keys: tuple[str, ...] | None) -> None:
    """A name takes itself; what has no end cannot be counted."""
    assert positions(Pattern(text)) == keys


@pytest.mark.parametrize("text", ["alice", "2[5-7]X", "*8Z", "_10-X"])
def test_its_extensions_are_those_that_it_matches(text: str) -> None:
    """Each of them, once."""
    pattern = Pattern(text)
    found = list(extensions(pattern))
    assert found
    assert len(set(found)) == len(found)
    assert all(map(pattern.matches, found))


def test_not_all_extensions_are_counted() -> None:
    """Of a long pattern the first, of one without end none."""
    assert sum(1 for _ in extensions(Pattern("XXXXXXX"))) == EXTENSIONS_MAX
    assert list(extensions(Pattern("X."))) == []
    assert list(islice(extensions(Pattern("2XX")), 2)) == ["200", "201"]


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ("[12]X5", "1[0-5]X", "105"),
        ("[12]XX", "1[0-5]X", None),
        ("1XX", "100", None),
        ("100", "1XX", None),
        ("1XX", "2XX", None),
        ("1XX", "1XXX", None),
        ("1XX", "1.", None),
        ("1.", "1XX", None),
    ],
)
def test_patterns_that_cross_share_an_extension(one: str, other: str, shared: str | None) -> None:
    """Where neither covers the other; an exception within a rule is no crossing."""
    assert overlap(Pattern(one), Pattern(other)) == shared


@pytest.mark.parametrize(
    ("country", "outside_prefix", "text", "found"),
    [
        ("US", "", "XXXXXXXXXX", True),
        ("US", "9", "XXXXXXXXXX", False),
        ("US", "", "2XXX", False),
        ("GB", "9", "9XXXXXXXXXX", True),
        ("GB", "", "X.", False),
        # Behind an international prefix chance finds nothing.
        ("US", "", "0XXXXXXXXXXXXXX", True),
        ("US", "", "011881XXXXXXXXX", True),
        ("US", "9", "9XXXXXXXXXXXXXXX", True),
        ("GB", "", "00870XXXXXXXXX", True),
        ("GB", "", "0088161234567X", True),
        ("AU", "", "0011XXXXXXXXXXX", True),
        # Within the country: mobiles, premium numbers, one hundred numbers of Birmingham.
        ("GB", "", "07XXXXXXXXX", True),
        ("GB", "", "090XXXXXXXX", True),
        ("GB", "", "012123456XX", True),
        ("GB", "", "01212345678", True),
        ("GB", "", "alice", False),
        ("GB", "9", "2XXXXXXXXX", False),
    ],
)
def test_an_inside_pattern_can_hold_outside_numbers(
    country: str, outside_prefix: str, text: str, found: bool
) -> None:
    """Which it does depends on how outside numbers are dialled there."""
    plan = NumberingPlan(country, outside_prefix=outside_prefix)
    number = outside_number_in(Pattern(text), plan)
    assert (number is not None) is found
    assert number is None or plan.read(number).is_e164


def test_what_is_found_is_an_extension_of_the_pattern() -> None:
    """And always the same one, so that a policy does not load on one day and fail on the next."""
    plan = NumberingPlan("US")
    pattern = Pattern("0[0-5]XXXXXXXXXXXXX")
    found = outside_number_in(pattern, plan)
    assert found is not None
    assert pattern.matches(found)
    assert all(outside_number_in(pattern, plan) == found for _ in range(3))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1OX", "10X"),
        ("2o1", "201"),
        ("l01", "101"),
        ("3IX", "31X"),
        ("10X", None),
        ("NXZ", None),
        ("alice", None),
        ("Olli", None),
        ("1OX-new", None),
    ],
)
def test_a_letter_in_the_place_of_a_digit_is_seen(typed: str, meant: str | None) -> None:
    """And a name is left alone."""
    assert meant_by(Pattern(typed)) == meant
