"""`configuration.values`: what a setting says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.conf import Section, Setting
from fastagi.audit.configuration.values import (
    every,
    is_false,
    is_true,
    last,
    listed,
    number,
    told,
    value,
)
from fastagi.audit.place import Place

HERE = Place("a.conf", 1)


def section(*settings: tuple[str, str]) -> Section:
    """Make a section."""
    made = tuple(Setting(name, text, HERE, arrow=False) for name, text in settings)
    return Section("a", made, HERE, is_template=False)


def test_the_last_setting_of_a_name_counts() -> None:
    """Names are compared without case, and blanks around a value are none of it."""
    both = section(("Context", "one"), ("context", " two "), ("other", "x"))
    assert value(both, "context") == "two"
    assert [each.value for each in every(both, "context")] == ["one", " two "]
    assert last(both, "none") is None
    assert value(both, "none", "usual") == "usual"
    assert value(section(("context", "")), "context", "usual") == ""


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("yes", True, False),
        (" On ", True, False),
        ("1", True, False),
        ("no", False, True),
        ("F", False, True),
        ("maybe", False, False),
        ("", False, False),
    ],
)
def test_yes_and_no_are_asterisks(text: str, *, yes: bool, no: bool) -> None:
    """What is neither is neither."""
    assert (is_true(text), is_false(text)) == (yes, no)


@pytest.mark.parametrize(
    ("text", "what"),
    [("1", 1), (" 12 ", 12), ("", 0), ("x", 0), ("-1", 0), ("²", 0), ("9" * 5000, 0)],
)
def test_what_is_no_number_is_nought(text: str, what: int) -> None:
    """Numbers that no setting has are none either."""
    assert number(text) == what


def test_lists_leave_out_what_is_empty() -> None:
    """Commas at the ends make no words."""
    assert listed(" a, ,b,") == ("a", "b")
    assert listed("a&b", "&") == ("a", "b")


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ([], ""),
        (["1"], "`1`"),
        (["1", "2"], "`1` and `2`"),
        (["1", "2", "3", "1"], "`1`, `2` and `3`"),
        (["1", "2", "3", "4"], "`1`, `2`, `3` and 1 other"),
        (list("123456"), "`1`, `2`, `3` and 3 others"),
    ],
)
def test_names_are_told_in_few_words(names: list[str], text: str) -> None:
    """Each once, three at most."""
    assert told(names) == text


@given(st.text())
def test_any_text_has_a_meaning(text: str) -> None:
    """Nothing that is written breaks it."""
    assert not (is_true(text) and is_false(text))
    assert number(text) >= 0
    assert all(listed(text))
