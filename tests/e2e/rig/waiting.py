"""Waiting for what other processes bring about."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: It does not, in time.
    """
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, f"does not hold within {within_s} s"
        time.sleep(0.05)
