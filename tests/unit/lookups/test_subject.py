"""`subject`: where nobody counts, nothing is."""

from __future__ import annotations

from fastagi.lookups.subject import Kind, NoMeter, Outcome


def test_where_nobody_counts_nothing_is() -> None:
    """And nothing breaks."""
    NoMeter().looked_up(Kind.NUMBER, Outcome.FOUND)
    NoMeter().paused(so=True)
