"""Variables that are put in while Asterisk loads a dialplan, before there is any call.

Only globals are known then (main/pbx_variables.c pbx_substitute_variables_helper() without a
channel); what is not known is nothing. Functions and expressions are not worked out here: even
`GLOBAL()` is known to Asterisk only if its module was loaded before the dialplan.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PART: Final = re.compile(r"\s*(?P<offset>[+-]?\d{1,9})(?::\s*(?P<length>[+-]?\d{1,9}))?")
OF_THE_MACHINE: Final = re.compile(r"EPOCH|SYSTEMNAME|ENTITYID|AST[A-Z]+DIR")
"""Names that Asterisk knows of itself, and the files do not tell."""

DEEPEST: Final = 20  # variables in the names of variables; nobody means more


def expand(text: str, variables: Mapping[str, str], depth: int = 0) -> str | None:
    """Return a text with its variables put in, or None where that cannot be known here.

    Args:
        text: As it is written: `_${PREFIX}X.`.
        variables: The globals, and what they are.
        depth: How many variables it is in the names of.
    """
    out = []
    at = 0
    while (found := text.find("$", at)) >= 0:
        out.append(text[at:found])
        if text.startswith("$[", found) or depth > DEEPEST:
            return None
        if not text.startswith("${", found):
            out.append("$")
            at = found + 1
            continue
        name, at = _name(text, found + 2)
        value = _value(name, variables, depth)
        if value is None:
            return None
        out.append(value)
    return "".join(out) + text[at:]


def _name(text: str, begin: int) -> tuple[str, int]:
    """Return what stands between the braces, and where the text goes on behind them."""
    open_ = 1
    for at in range(begin, len(text)):
        open_ += {"{": 1, "}": -1}.get(text[at], 0)
        if not open_:
            return text[begin:at], at + 1
    return text[begin:], len(text)


def _value(name: str, variables: Mapping[str, str], depth: int) -> str | None:
    """Return what a variable is; `NAME:2:3` is a part of it."""
    if "$" in name:
        inner = expand(name, variables, depth + 1)
        if inner is None:
            return None
        name = inner
    if "(" in name:
        return None
    name, is_part, part = name.partition(":")
    if OF_THE_MACHINE.fullmatch(name):
        return None
    value = variables.get(name, "")
    return _part(value, part) if is_part else value


def _part(value: str, part: str) -> str:
    """Return a part of a value, by its offset and length, each from the end if below nothing."""
    found = PART.match(part)
    if found is None:
        return value
    offset = int(found["offset"])
    begin = min(len(value), offset if offset >= 0 else max(0, len(value) + offset))
    if found["length"] is None:
        return value[begin:]
    length = int(found["length"])
    return (
        value[begin:][:length] if length >= 0 else value[begin : max(begin, len(value) + length)]
    )
