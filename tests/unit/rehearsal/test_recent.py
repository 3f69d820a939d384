"""What was asked for last is kept, and never more than twice as much as is meant to be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.rehearsal.recent import Recent


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(1, 5))
def test_the_last_are_kept(keys: list[int], most: int) -> None:
    """What is among the last so many that were asked for is there, and what is there is right."""
    recent: Recent[int, str] = Recent(most)
    asked: list[int] = []
    for key in keys:
        last = list(dict.fromkeys(reversed(asked)))[:most]
        found = recent.get(key)
        assert found == (str(key) if key in last else found)
        assert found in (None, str(key))
        if found is None:
            recent.put(key, str(key))
        asked.append(key)
        assert len(recent) <= 2 * most


def test_what_nobody_asks_for_is_forgotten() -> None:
    """Two generations later it is gone."""
    recent: Recent[str, int] = Recent(2)
    for place, key in enumerate("abcde"):
        recent.put(key, place)
    assert recent.get("a") is None
    assert recent.get("e") == 4
