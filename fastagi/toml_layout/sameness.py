"""Whether two TOML texts say the same: every value, its type, and every comment."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING

from fastagi.toml_layout.values import comments_in, text_of
from fastagi.toml_lines import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def says_the_same(before: str, after: str) -> bool:
    """Whether both hold equal values of equal types, and the same comments.

    The order of keys says nothing in TOML, that of array items does. White space at the end of a
    comment is none of it.
    """
    try:
        one, other = tomllib.loads(before), tomllib.loads(after)
    except (ValueError, RecursionError):  # what is no TOML says nothing
        return False
    return _is_same(one, other) and _comments(before) == _comments(after)


def _is_same(one: object, other: object) -> bool:
    """Compare without recursion, by types too: `1`, `1.0` and `true` are equal in Python."""
    pending = [(one, other)]
    while pending:
        left, right = pending.pop()
        if type(left) is not type(right):
            return False
        if isinstance(left, dict) and isinstance(right, dict):
            if left.keys() != right.keys():
                return False
            pending += [(left[key], right[key]) for key in left]
        elif isinstance(left, list) and isinstance(right, list):
            if len(left) != len(right):
                return False
            pending += zip(left, right, strict=True)
        elif repr(left) != repr(right):  # not `==`: nan is not even itself, 0.0 is -0.0
            return False
    return True


def _comments(text: str) -> Counter[str]:
    return Counter(_words(text))


def _words(text: str) -> Iterator[str]:
    root = tree_of(text.replace("\r\n", "\n"))
    yield from (text_of(each).rstrip() for each in comments_in(root))
