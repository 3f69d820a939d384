r"""Regular expressions over digits, taken apart: as far as phonenumbers' metadata uses them.

Literals, `\d`, sets, groups, `|` and counts. Groups catch nothing here; `$` stands for a digit
that never comes, so that what ends with it takes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

_ANY: Final = (1 << 10) - 1
_TOKEN: Final = re.compile(
    r"(?P<literal>\d)|(?P<digit>\\d)|\[(?P<set>[\d-]+)\]|(?P<open>\((?:\?:)?)(?!\?)|(?P<close>\))"
    r"|(?P<bar>\|)|(?P<times>[?*+]|\{\d+(?:,\d*)?\})|(?P<end>\$)"
)

_MANY: Final = 17  # digits of the longest number that phonenumbers reads: what `*` and `+` come to


@dataclass(frozen=True, slots=True)
class Digit:
    """One digit of some, as bits."""

    among: int


@dataclass(frozen=True, slots=True)
class All:
    """One after another."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One of several."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Times:
    """Some times the same."""

    part: Node
    least: int
    most: int


Node: TypeAlias = "Digit | All | Any | Times"


@lru_cache(maxsize=4096)  # some 2,000 patterns there are
def parse(pattern: str) -> Node:
    """Take a pattern apart.

    Raises:
        ValueError: There is something else in it, or a group that is not closed or never opened.
    """
    tokens = []
    at = 0
    while at < len(pattern):
        found = _TOKEN.match(pattern, at)
        if found is None or found.lastgroup is None:
            raise ValueError(f"`{pattern[at : at + 20]}` is not understood of a pattern of digits")
        tokens.append((found.lastgroup, found[0], found))
        at = found.end()
    node, rest = _choice(tokens, 0)
    if rest != len(tokens):
        raise ValueError(f"a group is closed that never was opened, in `{pattern[:40]}`")
    return node


def _choice(tokens: Sequence[tuple[str, str, re.Match[str]]], at: int) -> tuple[Node, int]:
    choices: list[Node] = []
    parts: list[Node] = []
    while at < len(tokens) and tokens[at][0] != "close":
        kind, text, found = tokens[at]
        at += 1
        match kind:
            case "bar":
                choices.append(All(tuple(parts)))
                parts = []
            case "open":
                inner, at = _choice(tokens, at)
                if at == len(tokens):
                    raise ValueError("a group is not closed")
                at += 1
                parts.append(inner)
            case "times":
                if not parts:
                    raise ValueError("nothing stands before a count")
                parts.append(Times(parts.pop(), *_times(text)))
            case "literal":
                parts.append(Digit(1 << int(text)))
            case "digit":
                parts.append(Digit(_ANY))
            case "end":
                parts.append(Digit(0))
            case _:
                parts.append(Digit(_set(found["set"])))
    choices.append(All(tuple(parts)))
    return (choices[0] if len(choices) == 1 else Any(tuple(choices))), at


def _times(text: str) -> tuple[int, int]:
    if text in "?*+":
        return (1 if text == "+" else 0), (1 if text == "?" else _MANY)
    least, comma, most = text.strip("{}").partition(",")
    return int(least), int(most) if most else _MANY if comma else int(least)


def _set(inside: str) -> int:
    bits = 0
    for found in re.finditer(r"(\d)(?:-(\d))?", inside):
        first, last = int(found[1]), int(found[2] or found[1])
        bits |= sum(1 << each for each in range(first, last + 1))
    return bits
