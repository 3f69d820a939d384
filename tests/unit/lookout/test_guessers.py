"""Who guessed lately, and is nobody's friend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.lookout import guessers
from fastagi.lookout.guessers import GUESSES, GUESSES_WITHIN_S, Guessers

if TYPE_CHECKING:
    import pytest


def test_so_many_within_the_hour_are_guessing() -> None:
    """Told of about once a minute, known for an hour; fewer are nothing."""
    made = Guessers()
    assert [made.add(1, at) for at in range(GUESSES)] == [False] * (GUESSES - 1) + [True]
    assert [made.add(1, at) for at in (GUESSES, 60 + GUESSES)] == [False, True]
    assert made.knows(1, GUESSES_WITHIN_S)
    assert not made.knows(1, 2 * GUESSES_WITHIN_S)
    assert not made.knows(2, 0)
    assert not any(made.add(3, at * GUESSES_WITHIN_S) for at in range(2 * GUESSES))


def test_there_are_not_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was not heard of for the longest goes first."""
    monkeypatch.setattr(guessers, "GUESSERS_MOST", 2)
    made = Guessers()
    for place in range(5):
        for at in range(GUESSES):
            made.add(place, at)
    assert len(made) == 2
    assert made.knows(4, GUESSES)
    assert not made.knows(0, GUESSES)
