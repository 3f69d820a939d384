"""Prompts can be read as well as heard."""

from __future__ import annotations

from fastagi.prompts.transcript import transcript


def test_a_core_sound_is_spelled_out() -> None:
    """The words are those the caller hears."""
    assert transcript("vm-incorrect") == "Login incorrect."


def test_a_sound_of_the_sites_own_is_named() -> None:
    """Of a custom recording only the name is known."""
    assert transcript("custom/pin") == "[custom/pin]"
