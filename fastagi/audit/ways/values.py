"""What is known of a text: the constant parts, and what may stand between them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.audit.ways.language import (
    ANYTHING,
    EMPTY,
    SPLITTING,
    Language,
    of_any,
    of_text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class Origin(Enum):
    """Whose text it is."""

    __hash__ = object.__hash__  # each is one object; Enum's own hashes the name at every line

    UNKNOWN = "unknown"
    """A variable of the channel, a file, a database."""
    DIALLED = "dialled"
    """The digits of whoever calls."""
    NUMBER = "number"
    """`GUARD_NUMBER`, or its digits: what was judged."""
    BINDING = "binding"
    """`GUARD_DIAL`."""
    MADE = "made"
    """A result of Asterisk's own, of which nothing but its characters is known."""


@dataclass(frozen=True, slots=True)
class Hole:
    """Part of a text that is not known.

    Attributes:
        language: What it may be.
        name: The variable it was read from; empty for others.
        among: The known texts of which it is one, where these are few.
    """

    language: Language
    origin: Origin
    name: str = ""
    among: tuple[Value, ...] = ()


Part: TypeAlias = "str | Hole"
Value: TypeAlias = "tuple[Part, ...]"
"""Parts one behind the other; no part is an empty text, nor are two texts neighbours."""

FEW: Final = 64
"""How many values are told apart."""

MANY: Final = 256

NOTHING: Final[Value] = ()


def constant(text: str) -> Value:
    """Return the value of a known text."""
    return (text,) if text else ()


def unknown(name: str = "") -> Value:
    """Return what may be anything."""
    return (Hole(ANYTHING, Origin.UNKNOWN, name),)


def made(alphabet: int) -> Value:
    """Return a result of Asterisk's own."""
    return (Hole(of_any(alphabet), Origin.MADE),)


def joined(parts: Iterable[Part]) -> Value:
    """Put parts behind each other."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        elif part != "":
            found.append(part)
    return tuple(found)


def text_of(value: Value) -> str | None:
    """Return the text, if it is known."""
    if not value:
        return ""
    if len(value) == 1 and isinstance(value[0], str):
        return value[0]
    return None


def language_of(value: Value) -> Language:
    """Return what a value may be."""
    if len(value) == 1 and isinstance(value[0], Hole):
        return value[0].language
    found = EMPTY
    for part in value:
        found = found.then(of_text(part) if isinstance(part, str) else part.language)
    return found


def holes(value: Value) -> tuple[Hole, ...]:
    """Return what is not known of it."""
    return tuple(part for part in value if isinstance(part, Hole))


def is_wide(value: Value) -> bool:
    """Whether whoever dials may write into it what splits arguments."""
    return any(
        hole.origin is Origin.DIALLED and hole.language.alphabet() & SPLITTING
        for hole in holes(value)
    )


def origin_of(value: Value) -> Origin:
    """Return whose text it is, all in all: the least that is known."""
    origins = {hole.origin for hole in holes(value)}
    for each in (Origin.UNKNOWN, Origin.DIALLED, Origin.MADE):
        if each in origins:
            return each
    return Origin.NUMBER if Origin.NUMBER in origins else Origin.MADE


def either(one: Value, other: Value) -> Value:
    """Return what is one or the other."""
    if one == other:
        return one
    among = tuple(dict.fromkeys((*_few(one), *_few(other))))
    if len(among) > FEW or any(text_of(each) is None for each in among):
        among = ()
    language = language_of(one), language_of(other)
    origins = {origin_of(each) for each in (one, other) if each}
    origin = next(
        each
        for each in (Origin.UNKNOWN, Origin.DIALLED, Origin.MADE, Origin.NUMBER)
        if each in origins
    )
    alphabet = language[0].alphabet() | language[1].alphabet()
    least = min(language[0].shortest, language[1].shortest)
    return (Hole(Language((), alphabet, least), origin, "", among),)


def _few(value: Value) -> tuple[Value, ...]:
    """Return the values of which it is one."""
    if len(value) == 1 and isinstance(value[0], Hole) and value[0].among:
        return value[0].among
    return (value,)


def each_of(value: Value) -> list[Value]:
    """Return all that a value may be, as far as few are known for one of its parts."""
    if not any(isinstance(part, Hole) and part.among for part in value):
        return [value]
    found: list[Value] = [NOTHING]
    for part in value:
        among = part.among if isinstance(part, Hole) and part.among else ((part,),)
        if len(found) * len(among) > MANY:
            return [value]
        found = [joined((*one, *other)) for one in found for other in among]
    return found


def as_hole(value: Value, language: Language, origin: Origin | None = None) -> Value:
    """Return what was made of a value by a function: its origin, and another language."""
    if not language.begin and not language.tail:
        return NOTHING
    if (text := language.only()) is not None:
        return constant(text)
    return (Hole(language, origin or origin_of(value)),)


def split(value: Value, letters: str) -> list[Value]:
    r"""Split at letters that stand in the known parts, outside of parentheses and quotes.

    As app.c does (__ast_app_separate_args): `\` takes the next letter as it is.
    """
    found: list[Value] = []
    parts: list[Part] = []
    depth, quoted, escaped = 0, False, False
    for part in value:
        if isinstance(part, Hole):
            parts.append(part)
            continue
        text = ""
        for letter in part:
            if escaped:
                escaped = False
            elif letter == "\\":
                escaped = True
            elif letter == '"':
                quoted = not quoted
            elif not quoted and letter in "([{":
                depth += 1
            elif not quoted and letter in ")]}":
                depth = max(0, depth - 1)
            elif letter in letters and not quoted and not depth:
                found.append(joined([*parts, text]))
                parts, text = [], ""
                continue
            text += letter
        parts.append(text)
    found.append(joined(parts))
    return found


def stripped(value: Value) -> Value:
    """Return it without blanks around it."""
    parts = list(value)
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return joined(parts)


def cut_at(value: Value, letter: str) -> tuple[Value, Value | None]:
    """Split at the first such letter of the known parts; nothing behind where there is none."""
    for place, part in enumerate(value):
        if isinstance(part, str) and letter in part:
            before, _, after = part.partition(letter)
            return joined([*value[:place], before]), joined([after, *value[place + 1 :]])
    return value, None


def begins(value: Value) -> str:
    """Return the known text it begins with."""
    return value[0] if value and isinstance(value[0], str) else ""


def spelled(value: Value) -> str:
    """Say it to people: what is not known as the variable it comes from."""
    return "".join(
        part if isinstance(part, str) else f"${{{part.name}}}" if part.name else "…"
        for part in value
    )
