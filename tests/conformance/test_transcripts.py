"""What Asterisk says is understood, what attackers say is not, however the bytes arrive."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from fastagi.agi.command import Command
from tests.conformance.transcript import HOSTILE, RECORDED, play, read

if TYPE_CHECKING:
    from pathlib import Path

ALL = [*RECORDED, *HOSTILE]


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def whole(data: bytes) -> list[bytes]:
    """Leave the bytes together."""
    return [data]


def byte_by_byte(data: bytes) -> list[bytes]:
    """Cut after every byte."""
    return [data[at : at + 1] for at in range(len(data))]


def in_two(data: bytes, at: int) -> list[bytes]:
    """Cut at one place, if the bytes reach so far."""
    return [piece for piece in (data[:at], data[at:]) if piece]


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_whole(path: Path) -> None:
    """A conversation in as few pieces as can be comes to what its header says."""
    transcript = read(path)
    assert play(transcript.steps, whole) == list(transcript.events)


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_byte_by_byte(path: Path) -> None:
    """One byte at a time it comes to the same."""
    transcript = read(path)
    assert play(transcript.steps, byte_by_byte) == list(transcript.events)


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_every_split(path: Path) -> None:
    """Cut in two at any one place it comes to the same."""
    transcript = read(path)
    longest = max(len(step) for step in transcript.steps if isinstance(step, bytes))
    for at in range(1, min(longest, 2100)):
        happened = play(transcript.steps, partial(in_two, at=at))
        assert happened == list(transcript.events), f"cut at byte {at}"


@pytest.mark.parametrize("path", RECORDED, ids=_name)
@pytest.mark.parametrize("junk", [b"\n", b"junk\n", b"200 result=0\n", b"\xff" * 5000])
def test_trailing_junk(path: Path, junk: bytes) -> None:
    """Whatever follows a conversation that is over is odd."""
    transcript = read(path)
    happened = play([*transcript.steps, junk], whole)
    assert happened[-1].startswith("odd: ")
    assert happened[: len(transcript.events)] == list(transcript.events)


@pytest.mark.parametrize("path", HOSTILE, ids=_name)
def test_no_attack_is_heard_out(path: Path) -> None:
    """A hostile conversation never comes to the end that an honest one has."""
    assert not {"hung up", "closed"} <= set(read(path).events)


def test_both_asterisks_say_the_same() -> None:
    """Asterisk 16 and 22 differ in nothing that we look at."""
    scenes = {
        path.stem.partition("-")[2]: read(path) for path in RECORDED if path.stem[:2] == "16"
    }
    for path in RECORDED:
        twin = scenes[path.stem.partition("-")[2]]
        assert twin.events == read(path).events
        assert [each for each in twin.steps if isinstance(each, Command)] == [
            each for each in read(path).steps if isinstance(each, Command)
        ]
    assert len(RECORDED) == 2 * len(scenes)
