"""Loops of the dialplan (apps/app_while.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.ways.moves import (
    Jump,
    Move,
    Next,
    Target,
)
from fastagi.audit.ways.values import (
    constant,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.ways.moves import Line


def while_true(line: Line) -> Iterator[Move]:
    """Follow `While(condition)` (apps/app_while.c)."""
    holds = line.scope.holds(line.arguments)
    if holds is not False:
        yield Next(line.state)
    if holds is not True:
        yield from _behind_loop(line)


def end_while(line: Line) -> Iterator[Move]:
    """Follow `EndWhile()` and `ContinueWhile()`: back to the condition."""
    yield from _to(line, _matching(line, "endwhile", "while", -1))


def exit_while(line: Line) -> Iterator[Move]:
    """Follow `ExitWhile()`."""
    yield from _behind_loop(line)


def _behind_loop(line: Line) -> Iterator[Move]:
    end = _matching(line, "while", "endwhile", 1)
    yield from _to(line, end + 1 if end else 0)


def _to(line: Line, priority: int) -> Iterator[Move]:
    if priority:
        yield Jump(line.state, Target(None, None, constant(str(priority))))


def _matching(line: Line, opening: str, closing: str, by: int) -> int:
    """Return the priority of a loop's other end (apps/app_while.c); 0 where it has none."""
    here = line.site.lookup.compiled(line.within)
    name = line.step.extension.lower()
    them = {
        step.priority: step.application.lower()
        for step in here.context.steps
        if step.extension.lower() == name and step.caller_id == line.step.caller_id
    }
    depth, priority = 1, line.step.priority + by
    while priority in them:
        depth += (them[priority] == opening) - (them[priority] == closing)
        if not depth:
            return priority
        priority += by
    return 0
