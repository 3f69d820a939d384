"""Two states are one if the same is known."""

from __future__ import annotations

from fastagi.audit.ways.language import of_text
from fastagi.audit.ways.state import Frame, State, joined_variables, language_of_dialled


def test_states_and_frames_are_told_apart_by_what_is_known() -> None:
    """However often their hash was asked for."""
    one, other = State("a", "1", 1), State("a", "1", 1)
    assert {one, one, other} == {other}
    assert one.having({"x": ("1",)}) not in {one}
    assert one.at("a", "1", 2).at("a", "1", 1) == one
    assert {Frame("Gosub", one)} == {Frame("Gosub", other)}
    assert language_of_dialled("12") == of_text("12")


def test_variables_that_one_lacks_are_not_known() -> None:
    """Those that both have are."""
    one, other = State("a", "1", 1).having({"x": ("1",), "y": ("1",)}), State("a", "1", 1)
    both = joined_variables(one.variables, other.having({"x": ("1",)}).variables)
    assert both == frozenset({("x", ("1",))})
