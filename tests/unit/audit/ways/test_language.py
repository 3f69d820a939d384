"""What Asterisk's patterns match, and which of them goes first."""

from __future__ import annotations

import pytest

from fastagi.audit.ways.language import (
    ALL,
    ANYTHING,
    DIGITS,
    EMPTY,
    Language,
    characters,
    of_any,
    of_pattern,
    of_text,
    order,
    plain,
)


def pattern(text: str) -> Language:
    """Return the language of a pattern that is none of the torn ones."""
    language = of_pattern(text)
    assert language is not None
    return language


@pytest.mark.parametrize(
    ("text", "fits", "not_fits"),
    [
        ("_X", "0 9", "a 12 *"),
        ("_ZN", "12 99", "02 11"),
        ("_zn", "12", "02"),
        ("_1X.", "120 12x", "12 1"),
        ("_1!", "1 1& 1999", "2"),
        ("_[13-5a]", "1 3 5 a", "2 6 b"),
        ("_[a-]", "a -", "b"),
        ("_[]X", "1", "x"),
        ("_X-X", "12", "1-2"),
        ("_X/5", "1", "15"),
        ("_+X", "+1", "1"),
    ],
)
def test_a_pattern_matches_as_in_asterisk(text: str, fits: str, not_fits: str) -> None:
    """Sets, ranges, wildcards; its `-` is overlooked, but in sets."""
    language = pattern(text)
    assert [each for each in fits.split() if not language.has(each)] == []
    assert [each for each in not_fits.split() if language.has(each)] == []


def test_a_torn_pattern_matches_nothing() -> None:
    """`_[12` is an error to Asterisk, and goes last."""
    assert of_pattern("_[12") is None
    assert order("_[12") > order("_.")
    assert plain("1-2") == "12"


def test_the_most_specific_pattern_goes_first() -> None:
    """The fewer characters the earlier; wildcards last; of two alike the lower characters."""
    patterns = ["_!", "_.", "_X.", "_XX", "_ZX", "_NX", "_[13]X", "_[12]X", "_1X", "_1!", "_1"]
    assert sorted(patterns, key=order) == [
        "_1X", "_1!", "_1", "_[12]X", "_[13]X", "_NX", "_ZX", "_XX", "_X.", "_.", "_!",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("_1X", "_X2", "_12"),
        ("_1X", "_2X", None),
        ("_X.", "_1X", "_1X"),
        ("_X", "_XX", None),
        ("_XX.", "_1", None),
        ("_1", "_XX.", None),
        ("_X!", "_1!", "_1!"),
        ("_!", "_.", "_."),
    ],
)
def test_what_is_in_both(one: str, other: str, both: str | None) -> None:
    """A language again, or nothing."""
    assert pattern(one).both(pattern(other)) == (None if both is None else pattern(both))


def test_what_is_in_both_may_have_no_room() -> None:
    """Tails without a common character."""
    letters, digits = of_any(characters("ab")), of_any(DIGITS)
    assert letters.both(digits) == EMPTY
    assert Language((), DIGITS, 1).both(letters) is None


def test_what_was_taken_is_gone() -> None:
    """Texts and languages, and what is left may be nothing."""
    left = pattern("_XX").without(texts=frozenset({"11"}), less=pattern("_2X"))
    assert not left.has("11")
    assert not left.has("25")
    assert left.has("12")
    assert not left.is_empty()
    assert left.both(pattern("_2X")) is None
    assert of_text("11").without(texts=frozenset({"11"})).is_empty()


@pytest.mark.parametrize(
    ("one", "other", "is_within"),
    [
        ("_1X", "_XX", True),
        ("_XX", "_1X", False),
        ("_XX", "_X.", True),
        ("_X.", "_XX", False),
        ("_X", "_X.", False),
        ("_XXX", "_XX", False),
        ("_1X.", "_X!", True),
        ("_!", "_.", False),
    ],
)
def test_what_is_surely_within(one: str, other: str, is_within: bool) -> None:
    """As patterns that shadow each other."""
    assert pattern(one).within(pattern(other)) is is_within


def test_texts_are_cut_and_put_together() -> None:
    """Never less than it may be."""
    assert of_text("ab").then(of_text("c")) == of_text("abc")
    assert of_any(DIGITS).then(of_text("a")) == Language((), DIGITS | characters("a"), 1)
    assert pattern("_12X.").cut(1) == pattern("_2X.")
    assert pattern("_1.").cut(3) == Language((), ALL)
    assert pattern("_123").last(2) == of_text("23")
    assert pattern("_1!").last(2) == Language((), ALL)
    assert pattern("_12!").first(1) == of_text("1")
    assert pattern("_1!").first(2) == Language((), ALL)
    assert of_text("1").first(2) == of_text("1")
    assert of_text("12").only() == "12"
    assert ANYTHING.only() is None
