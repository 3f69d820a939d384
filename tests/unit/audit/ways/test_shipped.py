"""The digests are whole."""

from __future__ import annotations

from fastagi.audit.ways.routine import CONTEXTS, DIGITS
from fastagi.audit.ways.shipped import STEPS


def test_each_extension_has_whole_digests() -> None:
    """Of the contexts that make the routine."""
    assert tuple(STEPS) == CONTEXTS
    for extensions in STEPS.values():
        assert all(text and len(text) % DIGITS == 0 for text in extensions.values())
