"""What Set and its like do: variables, and what they can start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fastagi.audit.entry import Party
from fastagi.audit.ways.language import ANYTHING, KEYS, Language
from fastagi.audit.ways.moves import FIRST, Begin, Next, Target, parsed
from fastagi.audit.ways.source import call, pieces
from fastagi.audit.ways.state import LOCAL, State
from fastagi.audit.ways.values import Hole, Origin, Value, language_of, text_of, unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.audit.ways.moves import Line, Move
    from fastagi.audit.ways.substitution import Scope

LEADS_ON: Final = frozenset({"TRANSFER_CONTEXT", "FORWARD_CONTEXT"})
LATER: Final = frozenset({"hangup_handler_push", "hangup_handler_wipe"})
KEYED: Final[Value] = (Hole(Language((), KEYS, 1), Origin.DIALLED),)
"""What somebody keys who is asked for an extension."""

ANY_EXTENSION: Final[Value] = (Hole(ANYTHING, Origin.DIALLED),)


@dataclass(frozen=True, slots=True)
class Done:
    """What is known afterwards, and what was started."""

    state: State
    begun: tuple[Begin, ...] = ()


def assigned(state: State, scope: Scope, name: str, text: str) -> Done:
    """Set a variable, as `Set(name=text)` does."""
    value = scope.value(_unquoted(text))
    if name.endswith(")"):
        return _function(state, scope, name, value, text)
    known = scope.text(name)
    if known is None:
        # Nobody knows which: none of those it may be is known any longer.
        may_be = language_of(scope.value(name))
        left = {each: old for each, old in state.known().items() if not may_be.has(each)}
        return Done(state.knowing(frozenset(left.items())))
    bare = known.lstrip("_").strip()
    begun = (
        (Begin(Target(value, ANY_EXTENSION, FIRST), Party.TRANSFER),)
        if bare in LEADS_ON and text_of(value) is not None
        else ()
    )
    if bare not in scope.read:
        return Done(state, begun)
    key = LOCAL + bare if LOCAL + bare in state.known() else bare
    if value == unknown() and key == bare and scope.is_unknown_unset(bare):
        # As if it had not been set: who set it and who did not are one from here on.
        left = {name: old for name, old in state.known().items() if name != bare}
        return Done(state.knowing(frozenset(left.items())), begun)
    return Done(state.having({key: value}), begun)


def _function(state: State, scope: Scope, name: str, value: Value, text: str) -> Done:
    function, inside = call(name)
    match function.upper():
        case "LOCAL":
            known = scope.text(inside)
            return Done(state.having({LOCAL + known: value}) if known else state)
        case "CHANNEL" if inside.lower() in LATER:
            where, *_ = text.partition("(")
            return Done(state, (Begin(parsed(scope, where)),) if where.strip() else ())
        case "ARRAY":
            names = [scope.text(each.strip()) for each in pieces(inside, ",")]
            return Done(state.having({each: unknown(each) for each in names if each}))
        case _:
            return Done(state)


def _unquoted(text: str) -> str:
    """Take the quotes around a whole value away, as MSet and Set do."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    return text


def set_one(line: Line) -> Iterator[Move]:
    """Follow `Set(name=value)`."""
    yield from _assign(line, (line.arguments,))


def set_many(line: Line) -> Iterator[Move]:
    """Follow `MSet(name=value,name=value)`."""
    yield from _assign(line, pieces(line.arguments, ","))


def _assign(line: Line, texts: Sequence[str]) -> Iterator[Move]:
    state, scope = line.state, line.scope
    for text in texts:
        name, equals, value = text.partition("=")
        if equals:
            done = assigned(state, scope, name.strip(), value)
            yield from done.begun
            state = done.state
    yield Next(state)


def read_keys(line: Line) -> Iterator[Move]:
    """Follow `Read(name,…)`: its variable is what somebody keys."""
    name = text_of(line.pieces()[0])
    yield Next(line.state.having({name: KEYED}) if name else line.state)
