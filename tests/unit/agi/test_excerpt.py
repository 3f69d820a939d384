"""A peer's bytes in our messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.agi.excerpt import excerpt


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"", "``"),
        (b"agi_type", "`agi_type`"),
        (b"a`b", "`a\\x60b`"),
        (b"\x1b[2J\r\n\\", "`\\x1b[2J\\r\\n\\\\`"),
        ("é".encode(), "`\\xc3\\xa9`"),
        (b"x" * 41, f"`{'x' * 40}…` (41 bytes)"),
    ],
)
def test_what_is_shown(raw: bytes, shown: str) -> None:
    """Everything but printable ASCII is escaped, and what is long is cut."""
    assert excerpt(raw) == shown


@given(st.binary())
def test_nothing_gets_out_of_the_quotes(raw: bytes) -> None:
    """A line of log stays one line, and a quotation stays one quotation."""
    shown = excerpt(raw)
    assert shown.isprintable()
    assert shown.count("`") == 2
