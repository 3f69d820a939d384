"""The number of a policy's format."""

from __future__ import annotations

import pytest

from fastagi.policy.format import FORMAT, why_not_this_format


@pytest.mark.parametrize("written", [None, 1, FORMAT])
def test_what_is_read(written: object) -> None:
    """A policy without a number is of the first format."""
    assert why_not_this_format(written) is None


@pytest.mark.parametrize(
    ("written", "known", "why"),
    [
        (FORMAT + 1, FORMAT, "upgrade dialguard"),
        (1, 2, "`dialguard migrate` makes it format 2"),
        (None, 2, "this policy is of format 1"),
        (0, 1, "whole number"),
        (True, 1, "whole number"),
        ("1", 1, "whole number"),
    ],
)
def test_what_is_not_read_says_what_to_do(written: object, known: int, why: str) -> None:
    """Upgrade, migrate, or write a number."""
    assert why in str(why_not_this_format(written, known))
