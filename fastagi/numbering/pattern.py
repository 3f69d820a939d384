"""Asterisk extension patterns: what they match, and which of two is the more specific.

They follow `main/pbx.c` (`_extension_match_core`, `ext_cmp_pattern_pos`), with three differences,
each on the strict side:

- What `pbx.c` passes over with a warning (an open or empty set, a range that runs backwards, text
  behind `.` or `!`) is refused.
- The leading `_` may be left out. A text without it is a pattern when nothing but digits, `*`,
  `#`, `+`, `-` and wildcards is in it, and a literal name otherwise: `1XX` is a pattern, `alice`
  is Alice. Who is called `nxz` is out of luck.
- `-` is passed over in patterns, but never in what is matched: an endpoint `10-1` is not `101`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

EXTENSION_MAX: Final = 79  # characters; channel.h AST_MAX_EXTENSION less its NUL

_WILDCARDS: Final = {
    **dict.fromkeys("Xx", frozenset("0123456789")),
    **dict.fromkeys("Zz", frozenset("123456789")),
    **dict.fromkeys("Nn", frozenset("23456789")),
}
_ORDINARY: Final = re.compile(r"[A-Za-z0-9*#+]")
_NAME: Final = re.compile(r"[A-Za-z0-9*#+_.@-]+")  # a PJSIP section name, or plain digits
_TOKEN: Final = re.compile(r"\[(?P<set>[^\]]*)\]|(?P<one>.)", re.DOTALL)
_UNMARKED: Final = re.compile(r"[0-9*#+XxZzNn.-]*[XxZzNn.][0-9*#+XxZzNn.-]*")

# What a position scores in `ext_cmp_pattern_pos`; the lower, the more specific.
_SCORE_ONE_OR_MORE: Final = 0x18000
_SCORE_ANY: Final = 0x28000
_SCORE_END: Final = 0x30000

Positions = tuple[frozenset[str], ...]
"""Which characters each position takes."""

Specificity = tuple[int, tuple[tuple[int, int], ...]]
"""A sort key: the most specific comes first."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """An Asterisk extension pattern, or a literal name, which matches only itself.

    Attributes:
        text: The pattern as it was written, with or without its `_`.

    Raises:
        ValueError: The text is no pattern; the message says what to write instead.
    """

    text: str
    _literal: bool = field(init=False, repr=False, compare=False)
    _positions: Positions = field(init=False, repr=False, compare=False)
    _tail: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text = self.text
        if not text:
            raise ValueError("a pattern is empty; write an extension such as `101` or `1XX`")
        if len(text) > EXTENSION_MAX:
            raise ValueError(
                f"a pattern is longer than the {EXTENSION_MAX} characters of Asterisk"
            )
        literal = not (text.startswith("_") or set("[]!") & set(text) or _UNMARKED.fullmatch(text))
        positions, tail = _parse_name(text) if literal else _parse_pattern(text)
        object.__setattr__(self, "_literal", literal)
        object.__setattr__(self, "_positions", positions)
        object.__setattr__(self, "_tail", tail)

    @classmethod
    def parse(cls, text: str) -> Pattern:
        """Read a pattern as an operator writes it.

        Raises:
            ValueError: As the class.
        """
        return cls(text)

    def __str__(self) -> str:
        return self.text

    @property
    def positions(self) -> Positions:
        """Which characters each position takes."""
        return self._positions

    @property
    def tail(self) -> str:
        """What takes all that follows the positions: `.`, `!` or nothing."""
        return self._tail

    @property
    def specificity(self) -> Specificity:
        """A key by which patterns sort as Asterisk tries them: names first, then small sets."""
        scores = [_score(each) for each in self._positions]
        match self._tail:
            case ".":
                scores.append((_SCORE_ONE_OR_MORE, 0))
            case "!":
                scores.append((_SCORE_ANY, 0))
        scores.append((_SCORE_END, 0))
        return (0 if self._literal else 1, tuple(scores))

    def matches(self, digits: str) -> bool:
        """Tell whether the whole of `digits` fits."""
        surplus = len(digits) - len(self._positions)
        if surplus < (1 if self._tail == "." else 0) or (surplus > 0 and not self._tail):
            return False
        # What is over the positions is what `.` or `!` takes, whatever it is.
        return all(map(frozenset.__contains__, self._positions, digits))

    def covers(self, other: Pattern) -> bool:
        """Tell whether this pattern matches everything that `other` matches."""
        surplus = len(other._positions) - len(self._positions)
        if self._tail:
            least = 1 if self._tail == "." else 0
            if surplus < 0 or surplus + (other._tail == ".") < least:
                return False
        elif surplus or other._tail:
            return False
        pairs = zip(other._positions, self._positions, strict=False)
        return all(theirs <= ours for theirs, ours in pairs)


def _parse_name(text: str) -> tuple[Positions, str]:
    """Take a literal name apart into its characters; it has no tail."""
    if not _NAME.fullmatch(text):
        raise ValueError(
            f"`{text}` is neither a pattern nor a name; write letters, digits, `_`, `.` and `-`"
        )
    return tuple(frozenset(each) for each in text), ""


def _parse_pattern(text: str) -> tuple[Positions, str]:
    """Take a pattern apart into its positions and its tail: `.`, `!` or none."""
    body = text.removeprefix("_")
    positions: list[frozenset[str]] = []
    for token in _TOKEN.finditer(body):
        one = token["one"]
        if one is None:
            positions.append(_parse_set(token["set"], text))
        elif one in _WILDCARDS:
            positions.append(_WILDCARDS[one])
        elif one in ".!":
            if body[token.end() :].strip("-"):
                raise ValueError(f"nothing can follow `{one}` in `{text}`; put it last")
            return tuple(positions), one
        elif one == "[":
            raise ValueError(f"a set in `{text}` is not closed; end it with `]`")
        elif _ORDINARY.fullmatch(one):
            positions.append(frozenset(one))
        elif one != "-":
            raise ValueError(f"`{one}` in `{text}` cannot be dialled; leave it out")
    if not positions:
        raise ValueError(f"`{text}` matches nothing; write an extension such as `1XX`")
    return tuple(positions), ""


def _parse_set(inside: str, text: str) -> frozenset[str]:
    """Read what stands between `[` and `]`: characters, and ranges of them."""
    among: set[str] = set()
    at = 0
    while at < len(inside):
        is_range = inside[at + 1 : at + 2] == "-" and at + 2 < len(inside)
        first, last = inside[at], inside[at + 2 if is_range else at]
        for each in (first, last):
            if not _ORDINARY.fullmatch(each):
                raise ValueError(f"`{each}` in a set of `{text}` cannot be dialled; leave it out")
        if last < first:
            raise ValueError(
                f"`{first}-{last}` in `{text}` runs backwards; write `{last}-{first}`"
            )
        among.update(map(chr, range(ord(first), ord(last) + 1)))
        at += 3 if is_range else 1
    if not among:
        raise ValueError(f"a set in `{text}` is empty; write what it takes, such as `[1-5]`")
    return frozenset(among)


def _score(among: frozenset[str]) -> tuple[int, int]:
    """Score a position as `ext_cmp_pattern_pos` does: by size, then by the lowest characters."""
    codes = [ord(each) for each in among]
    bits = sum(1 << (255 - code) for code in codes)
    return (len(codes) << 8 | min(codes), -bits)
