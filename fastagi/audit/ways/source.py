"""Arguments as they are written, cut into pieces before anything is substituted."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

OPENING, CLOSING = "([{", ")]}"

KEPT: Final = 1 << 14
"""How many texts are split once only: a line is run with many things known."""


@lru_cache(maxsize=KEPT)
def pieces(text: str, letters: str, most: int = -1) -> tuple[str, ...]:
    """Split a text at letters outside of brackets and quotes; `most` times at most, if given."""
    found: list[str] = []
    depth, begin, quoted, escaped = 0, 0, False, False
    for place, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter in OPENING:
            depth += 1
        elif letter in CLOSING:
            depth = max(0, depth - 1)
        elif letter in letters and not depth and not quoted and len(found) != most:
            found.append(text[begin:place])
            begin = place + 1
    return (*found, text[begin:])


def branches(text: str) -> tuple[str, str, str]:
    """Split `condition?one:other`, as GotoIf and ExecIf have it."""
    condition, *rest = pieces(text, "?", 1)
    one, *other = pieces(rest[0], ":", 1) if rest else ("",)
    return condition, one.strip(), other[0].strip() if other else ""


def call(text: str) -> tuple[str, str]:
    """Split `name(arguments)`."""
    name, opened, inside = text.strip().partition("(")
    if opened and inside.endswith(")"):
        inside = inside[:-1]
    return name.strip(), inside


def end_of(text: str, begin: int) -> int:
    """Return where the bracket ends that opens at a place; the text's end if it never does."""
    depth = 0
    for place in range(begin, len(text)):
        if text[place] in OPENING:
            depth += 1
        elif text[place] in CLOSING:
            depth -= 1
            if not depth:
                return place
    return len(text)


@lru_cache(maxsize=KEPT)
def parts(text: str) -> tuple[tuple[str, str], ...]:
    """Split a text into what is as it stands, and what is inside of `${…}` and `$[…]`.

    Returns:
        Each with the bracket it stands in: `{`, `[`, or nothing.
    """
    found: list[tuple[str, str]] = []
    begin, place = 0, 0
    while (place := text.find("$", place)) >= 0:
        if not text.startswith(("${", "$["), place):
            place += 1
            continue
        end = end_of(text, place + 1)
        found += [("", text[begin:place]), (text[place + 1], text[place + 2 : end])]
        begin = place = end + 1
    return (*found, ("", text[begin:]))


NAME = re.compile(r"\$\{\s*([A-Za-z_]\w*)|(?<=[A-Z]\()\s*([A-Za-z_]\w*)")
"""A variable's, or what functions such as CUT take for one."""


def read_names(text: str) -> Iterator[str]:
    """Find the names of variables that a text reads."""
    for found in NAME.finditer(text):
        yield found[1] or found[2]
