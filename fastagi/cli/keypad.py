"""The keys of the pretend phone: given beforehand, or typed while the prompt waits for them."""

from __future__ import annotations

import os
import select
import sys
import termios
import tty
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Iterator

STDIN: Final = 0
"""The descriptor: what Python buffers of it, nothing can wait for."""

ENDS_OF_LINE: Final = {b"", b"\n", b"\r"}


@dataclass(frozen=True, slots=True)
class Keypad:
    """What keys the digits: what was given, else (if it `asks`) whoever sits there.

    Attributes:
        given: What is keyed at each prompt in turn.
    """

    given: deque[str]
    asks: bool

    def press(self, wait_s: float) -> str:
        """Return what is keyed at a prompt, `#` included; nothing is silence.

        Typed in a terminal, keys do not show, and Enter stands for `#`; in a pipe a line is what
        one prompt gets. As at a phone, the prompt is over when no key comes for `wait_s`.
        """
        if self.given:
            return self.given.popleft()
        if not self.asks:
            return ""
        if not os.isatty(STDIN):
            return _typed(wait_s, until=ENDS_OF_LINE)
        sys.stderr.write("  keys (not shown; # or Enter ends, * starts over): ")
        sys.stderr.flush()
        with _key_by_key():
            typed = _typed(wait_s, until={*ENDS_OF_LINE, b"#"})
        sys.stderr.write("\n")
        return typed


def _typed(wait_s: float, *, until: set[bytes]) -> str:
    """Read keys, each of them no later than `wait_s` after the one before."""
    typed = b""
    while select.select([STDIN], [], [], wait_s)[0]:
        key = os.read(STDIN, 1)
        if key in until:
            ended = b"#" in until and (typed or key == b"#")
            return (typed + b"#" if ended else typed).decode(errors="replace").strip()
        typed += key
    return typed.decode(errors="replace").strip()


@contextmanager
def _key_by_key() -> Iterator[None]:
    """Have the terminal hand over every key at once, and show none."""
    before = termios.tcgetattr(STDIN)
    tty.setcbreak(STDIN)
    try:
        yield
    finally:
        termios.tcsetattr(STDIN, termios.TCSADRAIN, before)
