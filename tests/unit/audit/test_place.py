"""Places are told as compilers tell them."""

from __future__ import annotations

import pytest

from fastagi.audit.place import Place


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("extensions.conf", 12), "extensions.conf:12"),
        (Place("sub/phones.conf", 0), "sub/phones.conf"),
        (Place("", 0), "the loaded dialplan"),
    ],
)
def test_a_place_says_where_it_is(place: Place, said: str) -> None:
    """File and line, as far as they are known."""
    assert str(place) == said
