"""Applications that go on elsewhere on the same channel (pbx_builtins.c, app_stack.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.ways.moves import (
    FIRST,
    Back,
    Drop,
    Enter,
    Jump,
    Move,
    Next,
    Target,
    parsed,
)
from fastagi.audit.ways.source import branches, pieces
from fastagi.audit.ways.values import (
    constant,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.audit.ways.moves import Line


def goto(line: Line) -> Iterator[Move]:
    """Follow `Goto([[context,]extension,]priority)`."""
    yield Jump(line.state, parsed(line.scope, line.arguments))


def goto_if(line: Line) -> Iterator[Move]:
    """Follow `GotoIf(condition?one:other)`."""
    condition, one, other = branches(line.arguments)
    yield from _jumps(line, line.scope.holds(condition), one, other)


def goto_if_time(line: Line) -> Iterator[Move]:
    """Follow `GotoIfTime(hours?one:other)`, at all hours."""
    _, one, other = branches(line.arguments)
    yield from _jumps(line, None, one, other)


def _jumps(line: Line, holds: bool | None, one: str, other: str) -> Iterator[Move]:
    for text, unless in ((one, False), (other, True)):
        if holds is not unless:
            yield Jump(line.state, parsed(line.scope, text)) if text else Next(line.state)


def gosub(line: Line) -> Iterator[Move]:
    """Follow `Gosub([[context,]extension,]priority(arguments))` (apps/app_stack.c)."""
    yield _enter(line, line.arguments)


def gosub_if(line: Line) -> Iterator[Move]:
    """Follow `GosubIf(condition?one:other)`."""
    condition, one, other = branches(line.arguments)
    holds = line.scope.holds(condition)
    for text, unless in ((one, False), (other, True)):
        if holds is not unless:
            yield _enter(line, text) if text else Next(line.state)


def _enter(line: Line, text: str) -> Move:
    parts = pieces(text, ",")
    last, opened, inside = parts[-1].partition("(")
    where = ",".join([*parts[:-1], last])
    given = pieces(inside.removesuffix(")"), ",") if opened and inside != ")" else ()
    arguments = tuple(line.scope.value(each) for each in given)
    return Enter(line.state, parsed(line.scope, where), arguments, "Gosub")


def ael_sub(line: Line) -> Iterator[Move]:
    """Follow `AELSub(routine,arguments)`."""
    name, *given = line.pieces()
    yield Enter(line.state, Target(name, constant("~~s~~"), FIRST), tuple(given), "Gosub")


def macro(line: Line) -> Iterator[Move]:
    """Follow `Macro(name,arguments)` (apps/app_macro.c, until Asterisk 20)."""
    yield _macro_of(line, line.arguments)


def macro_if(line: Line) -> Iterator[Move]:
    """Follow `MacroIf(condition?one:other)`."""
    condition, one, other = branches(line.arguments)
    holds = line.scope.holds(condition)
    for text, unless in ((one, False), (other, True)):
        if holds is not unless:
            yield _macro_of(line, text) if text else Next(line.state)


def _macro_of(line: Line, text: str) -> Enter:
    name, *given = (line.scope.value(each.strip()) for each in pieces(text, ","))
    target = Target(("macro-", *name), constant("s"), FIRST)
    state = line.state.having({"MACRO_EXTEN": line.scope.named("EXTEN")})
    return Enter(state, target, tuple(given), "Macro")


def come_back(line: Line) -> Iterator[Move]:
    """Follow `Return(value)`."""
    value = line.scope.value(line.arguments)
    yield Back(line.state.having({"GOSUB_RETVAL": value}))


def macro_exit(line: Line) -> Iterator[Move]:
    """Follow `MacroExit()`."""
    yield Back(line.state)


def stack_pop(line: Line) -> Iterator[Move]:
    """Follow `StackPop()`."""
    yield Drop(line.state)
