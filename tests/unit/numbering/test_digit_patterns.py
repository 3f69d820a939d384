"""`digit_patterns`: what phonenumbers writes is understood, and nothing else is."""

from __future__ import annotations

import re

import pytest

from fastagi.numbering.digit_patterns import All, Any, Digit, Times, parse

TWO = Digit(1 << 2)


def test_what_phonenumbers_writes_is_taken_apart() -> None:
    """Literals, sets, counts, groups, choices."""
    assert parse("22") == All((TWO, TWO))
    assert parse("[2-40]") == All((Digit(0b11101),))
    assert parse(r"(?:2|\d{3,5})") == All(
        (Any((All((TWO,)), All((Times(Digit(0b1111111111), 3, 5),)))),)
    )
    assert parse("2?(2)+$") == All((Times(TWO, 0, 1), Times(All((TWO,)), 1, 17), Digit(0)))
    assert parse("2{4}2{2,}2*") == All((Times(TWO, 4, 4), Times(TWO, 2, 17), Times(TWO, 0, 17)))


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("(?!2)3", "`(?!2)3` is not understood"),
        ("2.", "`.` is not understood"),
        ("(2", "a group is not closed"),
        ("2)3", "a group is closed that never was opened"),
        ("?2", "nothing stands before a count"),
    ],
)
def test_what_is_not_understood_is_refused(pattern: str, what: str) -> None:
    """Rather than taken for something else."""
    with pytest.raises(ValueError, match="^" + re.escape(what)):
        parse(pattern)
