"""Options of `Dial` that do not go with the gate's own, as far as a line of the dialplan tells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

OURS: Final = "GUARD_DIAL"

DIAL: Final = re.compile(r"\bDial\(", re.IGNORECASE)
OPTIONS_AT: Final = 2  # Dial(who,timeout,options,url)

VARIABLE: Final = re.compile(r"\$\{(?P<name>\w+)\}")
EXPRESSION: Final = re.compile(r"\$\{[^{}]*\}|\$\[[^][]*\]")
IN_PARENTHESES: Final = re.compile(r"\([^()]*\)")
DEEPEST: Final = 5  # variables within variables

OPENING: Final = "([{"
CLOSING: Final = ")]}"


@dataclass(frozen=True, slots=True)
class Kind:
    """Options that are odd in one way.

    Attributes:
        what: With `%s` for the options.
    """

    options: frozenset[str]
    what: str
    cure: str


KINDS: Final = (
    Kind(
        frozenset("AGMPp"),
        f"%s of `Dial`, beside `${{{OURS}}}`, keeps a call that was answered waiting",
        "what is heard or said meanwhile is paid for and not counted: leave it out "
        "(docs/install.md)",
    ),
    Kind(
        frozenset("bBU"),
        f"%s of `Dial` is in `${{{OURS}}}`, too, and of two Asterisk runs the last",
        "leave it out: no leg is cut in time, counted or given back without ours "
        "(docs/install.md)",
    ),
)

ODD: Final = frozenset[str]().union(*(each.options for each in KINDS))


def beside_ours(line: str, variables: Mapping[str, str]) -> Iterator[frozenset[str]]:
    """Find every `Dial` of a line that is given our options; return the letters of the others.

    What a variable holds is known of `variables`, the global ones, alone.
    """
    for found in DIAL.finditer(line):
        arguments = list(_arguments(line[found.end() :]))
        options = arguments[OPTIONS_AT] if len(arguments) > OPTIONS_AT else ""
        if OURS in options:
            yield frozenset(_bare(options, variables))


def _arguments(text: str) -> Iterator[str]:
    """Split what follows an opening parenthesis at its commas, up to the closing one."""
    depth, begin = 0, 0
    for place, letter in enumerate(text):
        if letter in CLOSING and depth == 0:
            yield text[begin:place]
            return
        depth += (letter in OPENING) - (letter in CLOSING)
        if letter == "," and depth == 0:
            yield text[begin:place]
            begin = place + 1


def _bare(options: str, variables: Mapping[str, str]) -> str:
    """Return options without their arguments, and without what nobody knows."""
    for _ in range(DEEPEST):
        options = VARIABLE.sub(lambda found: variables.get(found["name"], found[0]), options)
    for nested in (EXPRESSION, IN_PARENTHESES):
        while nested.search(options):
            options = nested.sub("", options)
    return options
