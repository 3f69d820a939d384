"""Which texts something may be: those of an extension pattern, less those that others took.

A language is a few characters, each of a set, and behind them any number of one set: all that
Asterisk's patterns can say (main/pbx.c, _extension_match_core). Sets are bits of an int, one for
each of 256 characters. The `-` that Asterisk overlooks in patterns and in what is dialled is
overlooked here, too: `plain` takes it away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

ALL: Final = (1 << 256) - 1
DIGITS: Final = sum(1 << ord(each) for each in "0123456789")
KEYS: Final = DIGITS | sum(1 << ord(each) for each in "*#ABCD")
"""What a telephone can key (RFC 4733)."""

CLASSES: Final = {"X": (0x30, 0x39), "Z": (0x31, 0x39), "N": (0x32, 0x39)}

SPLITTING: Final = sum(1 << ord(each) for each in "&/,@()^|")
"""What splits arguments of applications, or names another channel."""

ORDINARY: Final = 0x100
DOT: Final = 0x18000
BANG: Final = 0x28000
END: Final = 0x30000  # ext_cmp_pattern_pos


def characters(text: str) -> int:
    """Return the set of a text's characters."""
    found = 0
    for each in text:
        found |= 1 << (ord(each) & 0xFF)
    return found


def plain(text: str) -> str:
    """Return an extension without the `-` that Asterisk overlooks."""
    return text.replace("-", "")


@dataclass(frozen=True, slots=True)
class Language:
    """A set of texts.

    Attributes:
        begin: The first characters, each of its set.
        tail: Of which set the others are; 0 where there are none.
        least: How many of these there are at least.
        texts: Texts that are not in it.
        less: Languages whose texts are not in it.
    """

    begin: tuple[int, ...]
    tail: int = 0
    least: int = 0
    texts: frozenset[str] = frozenset()
    less: frozenset[Language] = frozenset()
    _hash: list[int] = field(default_factory=list, init=False, compare=False, repr=False)

    def __hash__(self) -> int:
        """Return what is worked out once only: it is asked for at every line."""
        if not self._hash:
            self._hash.append(hash((self.begin, self.tail, self.least, self.texts, self.less)))
        return self._hash[0]

    @property
    def shortest(self) -> int:
        """How long its texts are at least."""
        return len(self.begin) + self.least

    def at(self, place: int) -> int:
        """Return the set of the character at a place."""
        return self.begin[place] if place < len(self.begin) else self.tail

    def alphabet(self) -> int:
        """Return the set of all characters that its texts have."""
        found = self.tail
        for each in self.begin:
            found |= each
        return found

    def has(self, text: str) -> bool:
        """Whether a text is in it."""
        if len(text) < self.shortest or (not self.tail and len(text) > len(self.begin)):
            return False
        if text in self.texts or any(other.has(text) for other in self.less):
            return False
        return all(self.at(place) >> (ord(each) & 0xFF) & 1 for place, each in enumerate(text))

    def within(self, other: Language) -> bool:
        """Whether all its texts are surely in another one, from which nothing was taken."""
        if self.shortest < other.shortest or (self.tail and not other.tail):
            return False
        if not other.tail and len(self.begin) > len(other.begin):
            return False
        longest = max(len(self.begin), len(other.begin))
        return not any(
            self.at(place) & ~other.at(place)
            for place in range(min(longest, self._known(longest)))
        ) and not (self.tail & ~other.tail)

    def _known(self, longest: int) -> int:
        return longest if self.tail else len(self.begin)

    def both(self, other: Language) -> Language | None:
        """Return what is in both, or None where nothing is."""
        if not self.meets(other):
            return None
        length = max(len(self.begin), len(other.begin))
        begin = tuple(self.at(place) & other.at(place) for place in range(length))
        if not all(begin):
            return None
        tail = self.tail & other.tail
        least = max(self.shortest, other.shortest) - length
        if least and not tail:
            return None
        found = Language(begin, tail, least if tail else 0, self.texts | other.texts)
        # What takes nothing from it is left out: behind a hundred patterns that were looked at
        # before it, there would be a hundred to compare it with, here and wherever it goes.
        less = frozenset(each for each in self.less | other.less if each.meets(found))
        if less:
            found = Language(begin, found.tail, found.least, found.texts, less)
        return None if found.is_empty() else found

    def meets(self, other: Language) -> bool:
        """Whether a text may be in both; where it is False none is."""
        if not self.tail and len(self.begin) < other.shortest:
            return False
        if not other.tail and len(other.begin) < self.shortest:
            return False
        for mine, its in zip(self.begin, other.begin, strict=False):  # noqa: SIM110 - the hot one
            if not mine & its:
                return False
        return True

    def without(
        self, *, texts: frozenset[str] = frozenset(), less: Language | None = None
    ) -> Language:
        """Return it less some texts, and less another language."""
        gone = self.less if less is None else self.less | {less}
        return Language(self.begin, self.tail, self.least, self.texts | texts, gone)

    def is_empty(self) -> bool:
        """Whether surely nothing is in it."""
        if any(self.within(other) for other in self.less):
            return True
        text = self.only()
        return text is not None and not self.has(text)

    def only(self) -> str | None:
        """Return the text that is alone in it, or None where there may be others."""
        if self.tail or any(each.bit_count() != 1 for each in self.begin):
            return None
        return "".join(chr(each.bit_length() - 1) for each in self.begin)

    def then(self, other: Language) -> Language:
        """Return its texts, each with each of another's behind it, and maybe some more."""
        if not self.tail:
            return Language(self.begin + other.begin, other.tail, other.least)
        return Language(self.begin, self.tail | other.alphabet(), self.least + other.shortest)

    def cut(self, count: int) -> Language:
        """Return its texts without their first characters."""
        if count <= len(self.begin):
            return Language(self.begin[count:], self.tail, self.least)
        return Language((), self.tail, max(0, self.least - (count - len(self.begin))))

    def last(self, count: int) -> Language:
        """Return the last characters of its texts."""
        if not self.tail:
            return Language(self.begin[-count:])
        return Language((), self.alphabet())

    def first(self, count: int) -> Language:
        """Return the first characters of its texts."""
        if count <= len(self.begin):
            return Language(self.begin[:count])
        return Language((), self.alphabet()) if self.tail else Language(self.begin)


ANYTHING: Final = Language((), ALL)
EMPTY: Final = Language(())


def of_text(text: str) -> Language:
    """Return the language of one text."""
    return Language(tuple(1 << (ord(each) & 0xFF) for each in text))


def of_any(alphabet: int) -> Language:
    """Return the language of all texts of an alphabet."""
    return Language((), alphabet)


@lru_cache(maxsize=1 << 14)  # of those of a dialplan, each is asked for by many lines
def of_pattern(pattern: str) -> Language | None:
    """Return the language of a pattern, with its `_`, or None where Asterisk never matches it."""
    begin: list[int] = []
    for kind, allowed in _places(pattern):
        match kind:
            case "?":
                return None
            case ".":
                return Language(tuple(begin), ALL, 1)
            case "!":
                return Language(tuple(begin), ALL)
            case _:
                begin.append(allowed)
    return Language(tuple(begin))


def order(pattern: str) -> tuple[tuple[int, int], ...]:
    """Return by what patterns are sorted, most specific first (main/pbx.c, ext_cmp_pattern)."""
    keys: list[tuple[int, int]] = []
    for kind, allowed in _places(pattern):
        match kind:
            case "?":
                keys.append((END + 1, 0))
            case ".":
                keys.append((DOT, 0))
            case "!":
                keys.append((BANG, 0))
            case _:
                lowest = (allowed & -allowed).bit_length() - 1
                # The first of those that score alike is the one with lower characters.
                ties = -int(f"{allowed:0256b}"[::-1], 2)
                keys.append((allowed.bit_count() * ORDINARY | lowest, ties))
    keys.append((END, 0))
    return tuple(keys)


def _places(pattern: str) -> list[tuple[str, int]]:
    """Split a pattern: what each place is (`.`, `!`, `?` for a torn set, else empty), its set."""
    found: list[tuple[str, int]] = []
    place = 1
    while place < len(pattern):
        each = pattern[place]
        place += 1
        if each == "-":
            continue
        if each == "[":
            end = pattern.find("]", place)
            if end < 0:
                return [*found, ("?", 0)]
            if allowed := _set(pattern[place:end]):
                found.append(("", allowed))
            place = end + 1
        elif each in ".!":
            return [*found, (each, ALL)]
        elif each.upper() in CLASSES:
            low, high = CLASSES[each.upper()]
            found.append(("", _range(low, high)))
        elif each == "/":
            break
        else:
            found.append(("", 1 << (ord(each) & 0xFF)))
    return found


def _set(inside: str) -> int:
    allowed, place = 0, 0
    while place < len(inside):
        if inside[place + 1 : place + 2] == "-" and place + 2 < len(inside):
            allowed |= _range(ord(inside[place]), ord(inside[place + 2]))
            place += 3
        else:
            allowed |= 1 << (ord(inside[place]) & 0xFF)
            place += 1
    return allowed


def _range(low: int, high: int) -> int:
    return sum(1 << code for code in range(low & 0xFF, (high & 0xFF) + 1))
