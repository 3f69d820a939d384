"""References are four digits, and not given twice in a while."""

from __future__ import annotations

from fastagi.call.reference import RECENT, References


def test_a_reference_is_four_digits() -> None:
    """It can be spoken and keyed."""
    reference = References().next()
    assert len(reference) == 4
    assert reference.isdecimal()


def test_a_reference_does_not_come_again_soon() -> None:
    """Among the recent ones every reference is one call's own."""
    references = References()
    given = [references.next() for _ in range(3 * RECENT)]
    for start in range(0, 2 * RECENT, 97):
        window = given[start : start + RECENT]
        assert len(set(window)) == len(window)
