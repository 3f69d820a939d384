"""Ceilings, and that the buffer's follows from the others."""

from __future__ import annotations

from fastagi.agi.limits import Limits


def test_the_buffer_holds_more_than_any_other_limit_lets_through() -> None:
    """What is cut from the buffer would have been refused anyway."""
    limits = Limits()
    assert limits.buffered > limits.environment + limits.line
    assert Limits(usage=10**6).buffered > 10**6
