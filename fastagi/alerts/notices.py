"""What the service's log says, out of every process into the one that tells, through a pipe.

Whoever logs never waits: the pipe does not block, and what does not fit is counted and said with
the next line. Of one word and site no more than `PER_S` a second are handed over by one process,
so that a flood of them leaves room for the others. A line is shorter than what a pipe takes whole
(`PIPE_BUF`, pipe(7)), so that those of several processes do not mix. While the process that tells
is started anew, lines wait in the pipe.
"""

from __future__ import annotations

import json
import os
import select
import time
from typing import TYPE_CHECKING, Final

from fastagi.alerts.heard import ENTERED, HEARD

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PER_S: Final = 5
"""Of one word and site, by one process: the rest is counted."""

VALUE_MOST: Final = 200
"""Characters of one value."""

LINE_MOST: Final = min(select.PIPE_BUF, 4096)
"""Bytes of one line; a longer one keeps only what every word has."""

UNTOLD: Final = "_untold"
"""How many words were not handed over before this one."""


class Notices:
    """The writing end, in one process; also of threads: a line more or less is no harm."""

    def __init__(self, pipe: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._pipe = pipe
        self._clock = clock
        self._second = 0
        self._said: dict[tuple[str, str], int] = {}
        self._untold = 0
        os.set_blocking(pipe, False)

    def __call__(self, said: Mapping[str, object]) -> None:
        """Hand a word over, if it matters; never waits, never raises."""
        event = said.get("event")
        if event not in HEARD and not (event == ENTERED and said.get("deed") == "entered"):
            return
        second = int(self._clock())
        if second != self._second:
            self._second, self._said = second, {}
        of = (str(event), str(said.get("site", "")))
        count = self._said[of] = self._said.get(of, 0) + 1
        if count > PER_S:
            self._untold += 1
            return
        try:
            os.write(self._pipe, _line(said, self._untold))
        except OSError:  # it is full, or nobody is there to read
            self._untold += 1
        else:
            self._untold = 0


def notices_into(word: str) -> Callable[[Mapping[str, object]], None]:
    """Return the writing end, of the word that a process is started with; empty for none."""
    return Notices(int(word)) if word else lambda _: None


def _line(said: Mapping[str, object], untold: int) -> bytes:
    fields: dict[str, object] = {
        name: value if isinstance(value, int | float) else str(value)[:VALUE_MOST]
        for name, value in said.items()
        if not name.startswith("exc")
    }
    if untold:
        fields[UNTOLD] = untold
    line = json.dumps(fields).encode() + b"\n"
    if len(line) <= LINE_MOST:
        return line
    kept = ("event", "time", "worker", "process", UNTOLD)
    return json.dumps({name: fields[name] for name in kept if name in fields}).encode() + b"\n"


class Reader:
    """Takes lines apart, however the pipe delivers them."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, read: bytes) -> Iterator[dict[str, object]]:
        """Take in what was read; return each line that is whole, and no nonsense."""
        *lines, self._rest = (self._rest + read).split(b"\n")
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue
            if isinstance(said, dict):
                yield said
