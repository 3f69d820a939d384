"""One call of the several rows that Asterisk wrote of it.

A row is written for each party that a channel dials. Those of one channel to one number are one
call: the next trunk is tried, several phones ring, or a record was copied. The dialplan asks the
gate once for it, and again for its next trunk.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastagi.cdr.tally import Tally

TOGETHER_S: Final = 300.0
"""Rows that begin within so many seconds of a call's first are of that call: five minutes of
trying. Whoever dials the same number on the same channel later, asks again."""


def folded(
    attempts: Iterable[tuple[Any, ...]], tally: Tally, names: list[str]
) -> Iterator[tuple[Any, ...]]:
    """Give out calls, as plain tuples of `PastCall`, in the order in which they began.

    Args:
        attempts: `Attempt`s as plain tuples, in order of time.
        tally: Counts calls, and rows that belong to another.
        names: What the sources are called.
    """
    waiting: deque[_Call] = deque()
    known: dict[tuple[str, str, str], _Call] = {}
    for attempt in attempts:
        at, call = attempt[0], attempt[7] or attempt[8]
        while waiting and at - waiting[0].at > TOGETHER_S:
            done = waiting.popleft()
            del known[done.key]
            tally.calls += 1
            yield done.past_call(names)
        # What has no name is nobody's other part.
        key = (call or f" {attempt[1]}:{attempt[2]}", attempt[3], attempt[4])
        if (begun := known.get(key)) is None:
            known[key] = begun = _Call(key, attempt)
            waiting.append(begun)
        else:
            tally.folded += 1
            begun.goes_on(attempt)
    for done in waiting:
        tally.calls += 1
        yield done.past_call(names)


class _Call:
    """A call whose rows may not all be there yet."""

    __slots__ = ("answered", "at", "ended", "first", "key", "talked_until", "trunk")

    def __init__(self, key: tuple[str, str, str], attempt: tuple[Any, ...]) -> None:
        self.key = key
        self.first = attempt
        self.at: float = attempt[0]
        self.ended: float = self.at + attempt[5]
        self.talked_until: float = self.ended if attempt[6] else 0.0
        self.answered: float = self.ended - attempt[6]
        self.trunk: str = attempt[10]

    def goes_on(self, attempt: tuple[Any, ...]) -> None:
        """Take another row of it in."""
        ended = attempt[0] + attempt[5]
        self.ended = max(self.ended, ended)
        if attempt[6]:
            answered = ended - attempt[6]
            if not self.talked_until:
                self.answered, self.trunk = answered, attempt[10] or self.trunk
            self.answered = min(self.answered, answered)
            self.talked_until = max(self.talked_until, ended)
        elif not self.talked_until:
            self.trunk = attempt[10] or self.trunk  # nobody answered: the last that was tried

    def past_call(self, names: list[str]) -> tuple[Any, ...]:
        """Return it whole."""
        _, file, row, extension, dialled, _, _, call, _, node, _, address, transport = self.first
        talked = self.talked_until - self.answered if self.talked_until else 0
        rings = (self.answered if self.talked_until else self.ended) - self.at
        place = f"{names[file]}:{row}"
        return (
            *(self.at, extension, dialled, rings, int(talked + 0.5), call, node),
            *(self.trunk, address, transport, place),
        )
