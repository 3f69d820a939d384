"""`languages`: an automaton takes what `re` does, and cuts fall where that changes."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fastagi.numbering.languages import SURE, Bundle, Language

SETS = st.sampled_from([r"\d", "[2-5]", "[08]", "1", "7"])
COUNTED = st.builds(
    lambda each, times: each + times, SETS, st.sampled_from(["", "?", "{2}", "{1,3}"])
)
PATTERNS = st.recursive(
    COUNTED,
    lambda parts: (
        st.lists(parts, min_size=1, max_size=3).map("".join)
        | st.lists(parts, min_size=1, max_size=3).map(lambda some: f"(?:{'|'.join(some)})")
    ),
    max_leaves=6,
)
DIGITS = st.text("0123456789", max_size=6)


@given(PATTERNS, DIGITS)
def test_a_language_takes_what_the_expression_does(pattern: str, digits: str) -> None:
    """As a whole, or at the beginning."""
    assert Language(pattern).takes(digits) is bool(re.fullmatch(pattern, digits))
    assert Language(pattern, begins=True).takes(digits) is bool(re.match(pattern, digits))


@given(PATTERNS, DIGITS, DIGITS)
def test_digits_may_be_read_beforehand(pattern: str, before: str, digits: str) -> None:
    """What is asked then is the rest."""
    language = Language(pattern, after=before)
    assert language.takes(digits) is bool(re.fullmatch(pattern, before + digits))


@given(PATTERNS, PATTERNS, DIGITS, st.integers(0, 5))
def test_a_beginning_of_some_length_may_be_asked_for(
    pattern: str, rest: str, digits: str, length: int
) -> None:
    """And that what follows it is of another language."""
    begins = len(digits) >= length and bool(re.fullmatch(pattern, digits[:length]))
    assert Language(pattern, at=length).takes(digits) is begins
    both = Language(pattern, at=length, then=Language(rest))
    assert both.takes(digits) is (begins and bool(re.fullmatch(rest, digits[length:])))
    sure = Language(pattern, at=length, then=Language(rest, begins=True))
    assert sure.takes(digits) is (begins and bool(re.match(rest, digits[length:])))


def test_what_is_settled_stays_so() -> None:
    """Whatever follows."""
    language = Language("12", begins=True)
    state = language.step(language.step(language.start, 1), 2)
    assert state == SURE == language.step(state, 9)
    assert language.step(0, 1) == 0


def test_the_lengths_of_what_is_taken_are_known() -> None:
    """Up to the most that is asked for."""
    assert list(Language(r"1\d{2,4}|7").lengths(4)) == [1, 3, 4]


@given(st.lists(PATTERNS, min_size=1, max_size=4), st.integers(0, 4), st.integers(0, 9999))
def test_between_cuts_nothing_changes(patterns: list[str], length: int, number: int) -> None:
    """Of any text of a length, the cut before it says what takes it."""
    cuts = Bundle([Language(each) for each in patterns]).cuts(length)
    number %= 10**length
    digits = f"{number:0{length}}" if length else ""
    firsts = [first for first, _ in cuts]
    _, signature = cuts[bisect_right(firsts, number) - 1]
    taking = {place for place, each in enumerate(patterns) if re.fullmatch(each, digits)}
    assert signature == taking
    assert firsts[0] == 0
    assert firsts == sorted(set(firsts))
    assert all(one[1] != other[1] for one, other in pairwise(cuts))
