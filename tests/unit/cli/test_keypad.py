"""The keys of the pretend phone."""

from __future__ import annotations

import os
import termios
import threading
import tty
from collections import deque
from typing import TYPE_CHECKING

import pytest

from fastagi.cli import keypad
from fastagi.cli.keypad import Keypad

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKS = Keypad(deque(), asks=True)


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Put a pipe in the place of stdin; return its other end."""
    ours, theirs = os.pipe()
    monkeypatch.setattr(keypad, "STDIN", ours)
    yield theirs
    os.close(ours)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Put a terminal in the place of stdin; return its other end."""
    theirs, ours = os.openpty()
    monkeypatch.setattr(keypad, "STDIN", ours)
    yield theirs
    os.close(ours)
    os.close(theirs)


def test_what_is_given_is_keyed_in_turn() -> None:
    """Then, unless it asks, silence."""
    given = Keypad(deque(["80911#", "1"]), asks=False)
    assert [given.press(9.0) for _ in range(3)] == ["80911#", "1", ""]


def test_in_a_pipe_a_line_is_for_a_prompt(pipe: int) -> None:
    """The end of the pipe is silence."""
    os.write(pipe, b"80911#\n123\n")
    os.close(pipe)
    assert [ASKS.press(9.0) for _ in range(3)] == ["80911#", "123", ""]


def test_a_pipe_in_which_nothing_comes_is_silence(pipe: int) -> None:
    """After as long as Asterisk waits; what came until then is keyed."""
    assert ASKS.press(0.01) == ""
    os.write(pipe, b"80")
    assert ASKS.press(0.01) == "80"
    os.close(pipe)


@pytest.mark.parametrize(
    ("typed", "keyed"), [(b"80911#", "80911#"), (b"80911\n", "80911#"), (b"\n", ""), (b"#", "#")]
)
def test_in_a_terminal_keys_do_not_show(
    terminal: int, capsys: pytest.CaptureFixture[str], typed: bytes, keyed: str
) -> None:
    """Enter stands for `#`, alone it is silence; the terminal is left as it was."""
    before = termios.tcgetattr(keypad.STDIN)
    # Typed once the terminal is ready for it, which the prompt tells.
    waiting = threading.Event()
    typist = threading.Thread(target=lambda: waiting.wait(20) and os.write(terminal, typed))
    typist.start()
    setcbreak = tty.setcbreak

    def ready(descriptor: int) -> None:
        setcbreak(descriptor)
        waiting.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fastagi.cli.keypad.tty.setcbreak", ready)
        assert ASKS.press(20.0) == keyed
    typist.join()
    assert termios.tcgetattr(keypad.STDIN) == before
    assert "not shown" in capsys.readouterr().err
    os.write(keypad.STDIN, b".")
    assert os.read(terminal, 100) == b"."  # and no echo before it


def test_in_a_terminal_silence_ends_a_prompt(terminal: int) -> None:
    """As Asterisk does it."""
    assert ASKS.press(0.01) == ""
