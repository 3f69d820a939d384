"""What is known of texts."""

from __future__ import annotations

import pytest

from fastagi.audit.ways.language import ANYTHING, DIGITS, Language, of_any
from fastagi.audit.ways.values import (
    NOTHING,
    Hole,
    Origin,
    Value,
    as_hole,
    begins,
    constant,
    cut_at,
    each_of,
    either,
    is_wide,
    joined,
    language_of,
    origin_of,
    spelled,
    split,
    stripped,
    text_of,
    unknown,
)

DIALLED: Value = (Hole(ANYTHING, Origin.DIALLED, "EXTEN"),)
NUMBER: Value = (Hole(of_any(DIGITS), Origin.NUMBER, "GUARD_NUMBER"),)


def test_texts_are_joined_and_known() -> None:
    """An empty part is none."""
    assert joined(["a", "", "b", *DIALLED]) == ("ab", *DIALLED)
    assert text_of(NOTHING) == ""
    assert text_of(("a",)) == "a"
    assert text_of(("a", *DIALLED)) is None
    assert language_of(("1", *NUMBER)) == Language((1 << 0x31,), DIGITS)
    assert spelled(("a", *DIALLED, Hole(ANYTHING, Origin.MADE))) == "a${EXTEN}…"


def test_values_are_split() -> None:
    """Outside of brackets and quotes."""
    assert split(("a&", *DIALLED, "b&c"), "&") == [("a",), (*DIALLED, "b"), ("c",)]
    assert split(('a"&"(&)[&]\\&',), "&") == [('a"&"(&)[&]\\&',)]
    assert cut_at(("a/b/c",), "/") == (("a",), ("b/c",))
    assert cut_at((*DIALLED, "@x"), "@") == (DIALLED, ("x",))
    assert cut_at(DIALLED, "@") == (DIALLED, None)
    assert stripped((" a", *DIALLED, "b ")) == ("a", *DIALLED, "b")
    assert begins(DIALLED) == ""
    assert begins(("a",)) == "a"


@pytest.mark.parametrize(
    ("value", "origin"),
    [
        (NUMBER, Origin.NUMBER),
        ((*NUMBER, "1"), Origin.NUMBER),
        ((*NUMBER, *DIALLED), Origin.DIALLED),
        ((*DIALLED, *unknown()), Origin.UNKNOWN),
        (NOTHING, Origin.MADE),
    ],
)
def test_the_least_known_origin_counts(value: Value, origin: Origin) -> None:
    """A part that nobody judged makes all of it such."""
    assert origin_of(value) is origin


def test_one_or_the_other() -> None:
    """Few known texts are remembered, others only by their characters."""
    one = either(("12",), ("3",))
    assert each_of(("a", *one)) == [("a12",), ("a3",)]
    assert language_of(one).shortest == 1
    assert either(("1",), ("1",)) == ("1",)
    assert each_of(either(NUMBER, ("3",))) == [either(NUMBER, ("3",))]
    many: Value = ("0",)
    for number in range(70):
        many = either(many, (str(number),))
    assert each_of(many) == [many]
    some: Value = ("0",)
    for number in range(20):
        some = either(some, (str(number),))
    assert each_of((*some, *some)) == [(*some, *some)]


def test_what_functions_make_keeps_its_origin() -> None:
    """But what is known is known."""
    assert as_hole(DIALLED, Language(())) == NOTHING
    assert as_hole(DIALLED, Language((1 << 0x31,))) == ("1",)
    assert is_wide(as_hole(DIALLED, ANYTHING))
    assert not is_wide(as_hole(DIALLED, of_any(DIGITS)))
    assert not is_wide(unknown())
    assert constant("") == NOTHING
