"""What `$[…]` comes to, as far as it can be known (main/ast_expr2.y)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from fastagi.audit.ways.language import DIGITS, characters
from fastagi.audit.ways.values import (
    NOTHING,
    Hole,
    Value,
    constant,
    either,
    joined,
    language_of,
    made,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.audit.ways.values import Part

WHOLE: Final = re.compile(r"\s*-?\d+\s*")
NUMBER: Final = re.compile(r"\s*-?\d+(\.\d+)?\s*")
OPERATORS: Final = ("::", "!=", "<=", ">=", "=~", "~~", *"|&=<>+-*/%?:!()")
LEVELS: Final[Sequence[frozenset[str]]] = (
    frozenset({"|"}),
    frozenset({"&"}),
    frozenset({"=", "!=", "<", ">", "<=", ">="}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "%"}),
    frozenset({"=~", ":", "~~"}),
)
TRUE: Final = constant("1")
FALSE: Final = constant("0")
BOOLEAN: Final = made(characters("01"))
COUNT: Final = made(DIGITS | characters("-."))

KEPT: Final = 1 << 14
"""How many expressions are worked out once only: many lines ask the same of the same."""

Piece: TypeAlias = "str | Value"
"""An operator, or an operand."""


def truth(value: Value) -> bool | None:
    """Whether a condition holds (main/pbx.c, pbx_checkcondition); None where it may or may not."""
    text = text_of(value)
    if text is None:
        language = language_of(value)
        only_digits = not language.alphabet() & ~DIGITS
        never_nought = language.shortest and any(
            not each & 1 << ord("0") for each in language.begin
        )
        return True if only_digits and never_nought else None
    if WHOLE.fullmatch(text):
        return int(text) != 0
    return bool(text)


@lru_cache(maxsize=KEPT)
def evaluate(value: Value) -> Value:
    """Work an expression out, of which the variables are substituted already."""
    tokens = _tokens(value)
    reader = _Reader(tokens)
    found = reader.whole() if tokens else NOTHING
    if reader.is_torn:
        # To Asterisk it is an error, and comes to nothing: `$[ != ALLOW]`.
        return NOTHING
    if truth(found) and any(not language_of(x).shortest for x in tokens if isinstance(x, tuple)):
        # What is not quoted, and may be nothing, may make an error of it, too.
        found = either(found, NOTHING)
    return found if reader.is_done() else made((1 << 256) - 1)


def _tokens(value: Value) -> list[Piece]:
    found: list[Piece] = []
    word: list[Part] = []
    quoted = False

    def end() -> None:
        if word:
            found.append(joined(word))
            word.clear()

    for part in value:
        if isinstance(part, Hole):
            word.append(part)
            continue
        place = 0
        while place < len(part):
            letter = part[place]
            if letter == '"':
                quoted = not quoted
                word.append('"')
            elif quoted:
                word.append(letter)
            elif letter.isspace():
                end()
            elif operator := next((x for x in OPERATORS if part.startswith(x, place)), ""):
                end()
                found.append("op" + operator)
                place += len(operator) - 1
            else:
                word.append(letter)
            place += 1
    end()
    return found


class _Reader:
    """A line of tokens, read by precedence."""

    def __init__(self, tokens: Sequence[Piece]) -> None:
        self._tokens, self._place = tokens, 0
        self.is_torn = False

    def is_done(self) -> bool:
        """Whether nothing is left."""
        return self._place == len(self._tokens)

    def _operator(self, among: frozenset[str]) -> str:
        if self._place < len(self._tokens):
            token = self._tokens[self._place]
            if isinstance(token, str) and token[2:] in among:
                self._place += 1
                return token[2:]
        return ""

    def whole(self) -> Value:
        """Read all of an expression, or what stands in parentheses."""
        condition = self.level(0)
        if not self._operator(frozenset("?")):
            return condition
        one = self.level(0)
        other = self.whole() if self._operator(frozenset({"::", ":"})) else NOTHING
        holds = truth(_bare(condition))
        if holds is None:
            return either(_bare(one), _bare(other))
        return one if holds else other

    def level(self, depth: int) -> Value:
        """Read operators of one precedence, and what binds closer."""
        if depth == len(LEVELS):
            return self.single()
        left = self.level(depth + 1)
        while operator := self._operator(
            LEVELS[depth] if not self._is_else(depth) else frozenset({"=~"})
        ):
            left = _worked(operator, left, self.level(depth + 1))
        return left

    def _is_else(self, depth: int) -> bool:
        """Whether a `:` here is that of a `?`, rather than a match."""
        return depth == len(LEVELS) - 1 and "op?" in self._tokens[: self._place]

    def single(self) -> Value:
        """Read one operand."""
        if self._operator(frozenset("!")):
            holds = truth(_bare(self.single()))
            return BOOLEAN if holds is None else FALSE if holds else TRUE
        if self._operator(frozenset("-")):
            text = text_of(self.single())
            return constant(f"-{text}") if text and WHOLE.fullmatch(text) else COUNT
        if self._operator(frozenset("(")):
            inside = self.whole()
            self._operator(frozenset(")"))
            return inside
        if self._place < len(self._tokens) and isinstance(
            token := self._tokens[self._place], tuple
        ):
            self._place += 1
            # A word that follows without an operator is an error to Asterisk.
            return token
        self.is_torn = True
        return NOTHING


def _bare(value: Value) -> Value:
    """Take quotes away."""
    return joined(part.replace('"', "") if isinstance(part, str) else part for part in value)


def _worked(operator: str, left: Value, right: Value) -> Value:
    one, other = truth(_bare(left)), truth(_bare(right))
    match operator:
        case "&":
            if one is False or other is False:
                return FALSE
            return BOOLEAN if one is None or other is None else right
        case "|":
            if one or other:
                return TRUE
            return BOOLEAN if one is None or other is None else FALSE
        case "=" | "!=":
            same = _same(left, right)
            return BOOLEAN if same is None else TRUE if same == (operator == "=") else FALSE
        case "<" | ">" | "<=" | ">=":
            return _compared(operator, text_of(left), text_of(right))
        case "=~" | ":" | "~~":
            return made((1 << 256) - 1)
        case _:
            return _counted(operator, text_of(left), text_of(right))


def _same(left: Value, right: Value) -> bool | None:
    one, other = text_of(left), text_of(right)
    if one is not None and other is not None:
        if one == other:
            return True
        # Quoted or not counts for Asterisk, and `1` equals `1.0`: who writes such is not judged.
        if one.strip('"') == other.strip('"'):
            return None
        if NUMBER.fullmatch(one) and NUMBER.fullmatch(other):
            return float(one) == float(other)
        return False
    return None if language_of(_bare(left)).both(language_of(_bare(right))) else False


def _compared(operator: str, one: str | None, other: str | None) -> Value:
    if one is None or other is None or not (WHOLE.fullmatch(one) and WHOLE.fullmatch(other)):
        return BOOLEAN
    left, right = int(one), int(other)
    holds = {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}
    return TRUE if holds[operator] else FALSE


def _counted(operator: str, one: str | None, other: str | None) -> Value:
    if one is None or other is None or not (WHOLE.fullmatch(one) and WHOLE.fullmatch(other)):
        return COUNT
    left, right = int(one), int(other)
    match operator:
        case "+":
            return constant(str(left + right))
        case "-":
            return constant(str(left - right))
        case "*":
            return constant(str(left * right))
        case _:
            return COUNT
