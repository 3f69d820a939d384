"""The line is bounded, and nobody fills it for others."""

from __future__ import annotations

import pytest

from fastagi.lookups import waiting as room
from fastagi.lookups.subject import Kind, Subject
from fastagi.lookups.waiting import Waiting


def number(digits: int) -> Subject:
    """Return a number."""
    return Subject(Kind.NUMBER, str(digits))


def test_first_come_first_served_and_each_once() -> None:
    """Whoever asks for what waits already has it looked up for both."""
    line = Waiting()
    for digits, extension in ((1, "101"), (2, "102"), (1, "103")):
        assert line.put(number(digits), "office", extension) is None
    assert len(line) == 2
    assert number(1) in line
    assert [line.take(), line.take()] == [number(1), number(2)]
    with pytest.raises(KeyError):
        line.take()


def test_who_has_most_in_a_full_line_loses_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others' stay, and the number that was dialled last is looked up."""
    monkeypatch.setattr(room, "MOST", 4)
    line = Waiting()
    line.put(number(1), "office", "101")
    dropped = [line.put(number(digits), "office", "666") for digits in range(10, 20)]
    assert dropped == [None] * 3 + [number(each) for each in range(10, 17)]
    assert line.put(number(2), "office", "102") == number(17)
    assert [line.take() for _ in range(4)] == [number(each) for each in (1, 18, 19, 2)]
    assert len(line) == 0


def test_sites_take_turns_and_lose_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Extensions of two sites may have one name; a flood at one pushes out what is its own."""
    monkeypatch.setattr(room, "MOST", 4)
    line = Waiting()
    dropped = [line.put(number(digits), "office", "101") for digits in range(10, 14)]
    assert dropped == [None] * 4
    assert line.put(number(1), "hotel", "101") == number(10)
    assert [line.take() for _ in range(4)] == [number(each) for each in (11, 1, 12, 13)]
