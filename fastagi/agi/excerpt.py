"""How a peer's bytes appear in our own messages: escaped, and cut."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 40  # bytes shown


def excerpt(raw: bytes) -> str:
    """Return printable ASCII for `raw`, which nobody can mistake for anything else in a log."""
    escaped = raw[:LONGEST].decode("latin-1").encode("unicode_escape").decode("ascii")
    shown = escaped.replace("`", "\\x60")
    return f"`{shown}`" if len(raw) <= LONGEST else f"`{shown}…` ({len(raw)} bytes)"
