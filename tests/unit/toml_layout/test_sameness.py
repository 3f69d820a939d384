"""Whether two texts say the same."""

from __future__ import annotations

import pytest

from fastagi.toml_layout.sameness import says_the_same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1\nb = 2 # c", "b=2\n  # c  \na = 1"),
        ("a = nan", "a = nan"),
        ("a = [{ b = 1 }]", "[[a]]\nb = 1"),
        ("a = '''\r\nb\r\n'''", 'a = "b\\n"'),
    ],
)
def test_what_is_the_same(one: str, other: str) -> None:
    """Order of keys and white space say nothing."""
    assert says_the_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a = 1", "a = 1.0"),
        ("a = 1", "a = true"),
        ("a = 0.0", "a = -0.0"),
        ("a = 1", "b = 1"),
        ("a = [1, 2]", "a = [2, 1]"),
        ("a = [1]", "a = [1, 1]"),
        ("a = 1 # b", "a = 1"),
        ("# b\n# b", "# b"),
        ("a = 1", "a = = 1"),
        ("a = 07:32:00", "a = '07:32:00'"),
    ],
)
def test_what_is_not(one: str, other: str) -> None:
    """Neither a value, its type, nor a comment may change."""
    assert not says_the_same(one, other)
