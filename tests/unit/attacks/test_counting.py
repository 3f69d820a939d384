"""How often each of very many names came, in bounded memory."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.attacks.counting import Frequent


def test_the_frequent_are_named_and_the_rest_counted() -> None:
    """Those that are equal by name; of no name, nothing."""
    counted = Frequent()
    for name in ("b", "a", "c", "c", ""):
        counted.add(name)
    counted.add("d", 4)
    assert counted.top(2) == [("d", 4), ("c", 2)]
    assert counted.beyond(2) == 2
    assert counted.beyond(9) == 0


def test_a_flood_of_names_pushes_no_frequent_one_out() -> None:
    """Whatever an attacker makes up, memory is bounded and nothing is uncounted."""
    counted = Frequent(100)
    for n in range(10_000):
        counted.add(f"made up {n}")
        if n % 10 == 0:
            counted.add("real")
        assert len(counted.names) <= 100
    assert counted.top(1) == [("real", 1000)]
    assert counted.beyond(1) == 10_000


@given(names=st.lists(st.sampled_from("abcdefgh"), max_size=200), most=st.integers(1, 8))
def test_nothing_is_counted_too_often(names: list[str], most: int) -> None:
    """Of each name at most what came, and in all exactly what came."""
    counted = Frequent(most)
    for name in names:
        counted.add(name)
    assert all(count <= names.count(name) for name, count in counted.names.items())
    assert counted.names.total() + counted.dropped == len(names)
