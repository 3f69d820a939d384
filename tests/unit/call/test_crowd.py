"""One extension cannot hold every prompt."""

from __future__ import annotations

import contextlib

import pytest

from fastagi.call.crowd import Crowd
from fastagi.errors import BusyError


def test_an_extension_has_so_many_places_and_no_more() -> None:
    """The next is refused, another extension is not, and a place left is free again."""
    crowd = Crowd(most=2)
    with contextlib.ExitStack() as asked:
        asked.enter_context(crowd.place("office", "101"))
        with crowd.place("office", "101"):
            with pytest.raises(BusyError, match="`101` is at 2 prompts"):
                asked.enter_context(crowd.place("office", "101"))
            asked.enter_context(crowd.place("office", "102"))
            asked.enter_context(crowd.place("hotel", "101"))
        asked.enter_context(crowd.place("office", "101"))


def test_a_place_is_left_whatever_happens() -> None:
    """A caller who hangs up makes room."""
    crowd = Crowd(most=1)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), crowd.place("office", "101"):
            raise ZeroDivisionError
