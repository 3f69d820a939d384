"""No extension that may fit is left out."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.ways.index import PLACES, Index, places
from fastagi.audit.ways.language import Language, of_pattern, of_text

PATTERNS = ("_X.", "_1XX", "_12!", "_[0-5]X", "_NXXXXXXXXXXXXXX", "_XXXXXXXXXXXXX9.", "_!", "_[1")
EXTENSIONS = [*map(of_pattern, PATTERNS), *map(of_text, ("", "112", "s", "12"))]

languages = st.builds(
    Language,
    st.lists(st.sampled_from([1 << 0x31, 1 << 0x32, 0x3FF << 48, 1 << 0x73]), max_size=16).map(
        tuple
    ),
    st.sampled_from([0, 0x3FF << 48, (1 << 256) - 1]),
)


@given(languages)
def test_whatever_has_a_text_in_common_is_in_the_set(asked: Language) -> None:
    """And of those that differ in their first characters, or in length, none."""
    found = set(places(Index(EXTENSIONS).meeting(asked)))
    meeting = {
        place for place, each in enumerate(EXTENSIONS) if each is not None and each.meets(asked)
    }
    assert meeting <= found
    if len(asked.begin) <= PLACES:
        assert found == meeting


def test_a_text_is_only_what_it_may_be() -> None:
    """A torn pattern never is."""
    found = Index(EXTENSIONS).meeting(of_text("112"))
    names = [*PATTERNS, "", "112", "s", "12"]
    assert [names[place] for place in places(found)] == ["_X.", "_1XX", "_!", "112"]


def test_places_are_told_in_their_order() -> None:
    """Of a large set, too."""
    found = list(places(1 << 5000 | 1 << 64 | 5))
    assert found == [0, 2, 64, 5000]
    assert all(one < other for one, other in pairwise(found))
    assert list(places(0)) == []
