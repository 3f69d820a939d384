"""Windows in memory: what counts, and until when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastagi.rehearsal.windows import Items, Sum

CHARGES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 20)), max_size=30)


@given(CHARGES, st.integers(0, 30))
def test_a_sum_is_what_still_counts(charges: list[tuple[int, int]], now: int) -> None:
    """Charges count until their end, in whatever order they come."""
    window = Sum()
    for amount, until in charges:
        window.reserve(amount)
        window.settle(amount, amount, float(until))
    assert window.used(now) == sum(amount for amount, until in charges if now < until)
    assert window.is_over(99.0)


def test_what_is_reserved_counts_until_it_is_settled() -> None:
    """A live call counts whole; once it is over, what it used, for as long as the window is."""
    window = Sum()
    window.reserve(60)
    assert window.used(1e9) == 60
    window.reserve(30)
    window.settle(90, 20, 100.0)
    assert window.used(99.0) == 20
    assert not window.is_over(99.0)
    assert window.used(100.0) == 0
    assert window.is_over(100.0)


def test_what_came_to_nothing_counts_for_nothing() -> None:
    """A call that nobody answered leaves no charge."""
    window = Sum()
    window.reserve(60)
    window.settle(60, 0, 100.0)
    assert window.is_over(0.0)


ADDED = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 20)), max_size=30)


@given(ADDED, st.integers(0, 30))
def test_items_count_until_the_latest_end(added: list[tuple[str, int]], now: int) -> None:
    """Of one item that is added again the later end counts."""
    items = Items()
    for item, until in added:
        items.add(item, float(until))
    wanted = {item for item, until in added if now < until}
    assert items.used(now) == len(wanted)
    assert {each for each in "abc" if items.has(each)} == wanted
    assert items.is_over(99.0)
