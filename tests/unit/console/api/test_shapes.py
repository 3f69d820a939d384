"""What the API answers and takes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.call.identify import ENDPOINT
from fastagi.console.api import shapes


@given(
    st.floats(allow_nan=False, allow_infinity=False),
    st.from_regex(ENDPOINT, fullmatch=True),
    st.from_regex(r"[A-Za-z0-9_-]{24}", fullmatch=True),
)
def test_a_place_survives_a_url(since: float, extension: str, id: str) -> None:
    """The next page begins where the one before ended."""
    cursor = shapes.cursor_of((since, extension, id))
    assert re.search(shapes.CURSOR, cursor)
    assert shapes.read_cursor(cursor) == (since, extension, id)


@pytest.mark.parametrize("text", ["A", "AAAA", "YSBiIGM", "bmFuIGEgYg", "MSAy", "_w"])
def test_what_is_no_place_is_refused(text: str) -> None:
    """Somebody made it up."""
    with pytest.raises(ValueError):  # noqa: PT011 - which kind does not matter
        shapes.read_cursor(text)


def test_an_extension_is_what_a_policy_can_name() -> None:
    """The same characters, and as many."""
    assert f"^{ENDPOINT.pattern}$" == shapes.EXTENSION
