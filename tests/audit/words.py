"""What a line of a dialplan says once its variables are put in.

`${X}`, `${X:offset:length}`, a few functions, and `$[ ]` with `|`, `&`, comparisons and `+`, as
main/pbx_variables.c and main/ast_expr2.y have them. Quotes are part of a value there: so
`$["10" = 10]` is 0, and `$["" | 5]` is `""`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from tests.audit.extensions import split

Known = Callable[[str], str]
"""What a variable holds; empty where it holds nothing."""

_TOKEN: Final = re.compile(r'\s*("[^"]*"|[|&()]|!=|<=|>=|[=<>!+]|[^\s"|&()=<>!+]+)')
_NUMBER: Final = re.compile(r"-?\d+")
_COMPARISONS: Final = {"=", "!=", "<", ">", "<=", ">="}


class CannotWalkError(Exception):
    """The dialplan holds something that the walker does not speak."""


def said(text: str, known: Known) -> str:
    """Return a text with its variables and expressions put in, innermost first."""
    done, rest = "", text
    while True:
        starts = [at for at in (rest.find("${"), rest.find("$[")) if at >= 0]
        if not starts:
            return done + rest
        start = min(starts)
        end = _closing(rest, start + 1)
        inside = said(rest[start + 2 : end], known)
        value = _variable(inside, known) if rest[start + 1] == "{" else _expression(inside)
        done, rest = done + rest[:start] + value, rest[end + 1 :]


def _closing(text: str, opening: int) -> int:
    """Return where what is opened there is closed."""
    opens, closes = text[opening], {"{": "}", "[": "]"}[text[opening]]
    depth = 0
    for place in range(opening, len(text)):
        depth += (text[place] == opens) - (text[place] == closes)
        if depth == 0:
            return place
    return len(text)


def _variable(inside: str, known: Known) -> str:
    function = re.match(r"([A-Z_]+)\((.*)\)(.*)$", inside, re.DOTALL)
    if function is not None:
        name, arguments, part = function.groups()
        return _part(_function(name, arguments, known), part)
    name, colon, part = inside.partition(":")
    return _part(known(name), colon + part)


def _function(name: str, arguments: str, known: Known) -> str:
    if name == "FILTER":
        allowed, _, value = arguments.partition(",")
        return "".join(char for char in value if char in _allowed(allowed))
    if name == "IF":
        condition, _, either = arguments.partition("?")
        yes, _, no = either.partition(":")
        return yes if is_true(condition) else no
    if name == "LEN":
        return str(len(arguments))
    if name == "GLOBAL":
        return known(f"GLOBAL({arguments})")
    if name in ("CALLERID", "CHANNEL"):
        return known(f"{name}({arguments})")
    message = f"the function `{name}`"
    raise CannotWalkError(message)


def _allowed(written: str) -> str:
    ranged = re.sub(
        r"(.)-(.)", lambda ends: "".join(map(chr, range(ord(ends[1]), ord(ends[2]) + 1))), written
    )
    return ranged + "-" * written.startswith("-")


def _part(value: str, part: str) -> str:
    """Cut `:offset:length` out of a value, as `substring` does; both may count from the end."""
    if not part.startswith(":"):
        return value
    numbers = [int(each) for each in part[1:].split(":") if _NUMBER.fullmatch(each)]
    if not numbers or not _NUMBER.match(part[1:]):
        return value
    offset = numbers[0]
    start = offset if offset >= 0 else max(0, len(value) + offset)
    if len(numbers) < 2:
        return value[start:]
    length = numbers[1]
    end = start + length if length >= 0 else len(value) + length
    return value[start : max(start, end)]


def is_true(condition: str) -> bool:
    """Tell what GotoIf makes of a condition: nothing and numbers that are 0 are false."""
    number = re.match(r"\s*([+-]?\d+)", condition)
    return bool(condition) and (number is None or int(number[1]) != 0)


def _expression(text: str) -> str:
    """Evaluate `$[ ]`; nothing, where an operand is missing.

    Raises:
        CannotWalkError: Asterisk makes half a value of it.
    """
    tokens = _TOKEN.findall(text)
    try:
        value, rest = _alternatives(tokens)
    except IndexError:
        return ""
    if rest:
        message = f"the expression `{text}`"
        raise CannotWalkError(message)
    return value


def _alternatives(tokens: list[str]) -> tuple[str, list[str]]:
    left, rest = _conjunctions(tokens)
    while rest[:1] == ["|"]:
        right, rest = _conjunctions(rest[1:])
        left = left if _counts(left) else right
    return left, rest


def _conjunctions(tokens: list[str]) -> tuple[str, list[str]]:
    left, rest = _comparison(tokens)
    while rest[:1] == ["&"]:
        right, rest = _comparison(rest[1:])
        left = left if _counts(left) and _counts(right) else "0"
    return left, rest


def _comparison(tokens: list[str]) -> tuple[str, list[str]]:
    left, rest = _sum(tokens)
    while rest and rest[0] in _COMPARISONS:
        right, after = _sum(rest[1:])
        left, rest = str(int(_holds(left, rest[0], right))), after
    return left, rest


def _sum(tokens: list[str]) -> tuple[str, list[str]]:
    left, rest = _single(tokens)
    while rest[:1] == ["+"]:
        right, rest = _single(rest[1:])
        left = str(_integer(left) + _integer(right))
    return left, rest


def _single(tokens: list[str]) -> tuple[str, list[str]]:
    first, rest = tokens[0], tokens[1:]
    if first == "!":
        value, rest = _single(rest)
        if not _NUMBER.fullmatch(value):
            message = f"`!{value}`, which is not what it looks like"
            raise CannotWalkError(message)
        return str(int(not _counts(value))), rest
    if first == "(":
        value, rest = _alternatives(rest)
        if rest[0] != ")":
            raise IndexError
        return value, rest[1:]
    if first in _COMPARISONS or first in "|&)+":
        raise IndexError
    return first, rest


def _holds(left: str, how: str, right: str) -> bool:
    """Compare: as numbers if both are, else as texts, with the quotes that they have."""
    order: int
    if _NUMBER.fullmatch(left) and _NUMBER.fullmatch(right):
        order = (int(left) > int(right)) - (int(left) < int(right))
    else:
        order = (left > right) - (left < right)
    return {
        "=": order == 0,
        "!=": order != 0,
        "<": order < 0,
        ">": order > 0,
        "<=": order <= 0,
        ">=": order >= 0,
    }[how]


def _counts(value: str) -> bool:
    return value != "" and not (_NUMBER.fullmatch(value) and int(value) == 0)


def _integer(value: str) -> int:
    return int(value) if _NUMBER.fullmatch(value) else 0


def arguments_of(text: str, at_least: int) -> list[str]:
    """Split an application's arguments; what is not given is empty."""
    parts = list(split(text))
    return parts + [""] * (at_least - len(parts))
