"""Which of many extensions a text may be, without asking each: sets of them are bits of an int.

A look-up goes through a context's own extensions and those of all contexts that it includes, and a
site may have hundreds: at each line anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastagi.audit.ways.language import Language

PLACES: Final = 12
"""At how many characters is looked; few numbers differ behind them alone."""


class Index:
    """Languages by their first characters and their lengths.

    Args:
        languages: Each has the bit of its place; None is in no set.
    """

    def __init__(self, languages: Sequence[Language | None]) -> None:
        self._here: list[dict[int, int]] = [{} for _ in range(PLACES)]
        self._over = [0] * PLACES
        self._known: dict[tuple[int, int], int] = {}
        self._least: dict[int, int] = {}
        self._most: dict[int, int] = {}
        self._all = 0
        for place, language in enumerate(languages):
            if language is not None:
                self._take(1 << place, language)

    def _take(self, bit: int, language: Language) -> None:
        self._all |= bit
        self._least[language.shortest] = self._least.get(language.shortest, 0) | bit
        if not language.tail:
            length = len(language.begin)
            self._most[length] = self._most.get(length, 0) | bit
        for place, sets in enumerate(self._here):
            if place < len(language.begin):
                allowed = language.begin[place]
                sets[allowed] = sets.get(allowed, 0) | bit
            else:
                self._over[place] |= bit

    def meeting(self, asked: Language) -> int:
        """Return those that may have a text in common with another; the rest surely have none."""
        found = self._all
        for place, allowed in enumerate(asked.begin[:PLACES]):
            found &= self._with(place, allowed)
        for length, some in self._most.items():
            if length < asked.shortest:
                found &= ~some
        if not asked.tail:
            for length, some in self._least.items():
                if length > len(asked.begin):
                    found &= ~some
        return found

    def _with(self, place: int, allowed: int) -> int:
        """Return those that let one of some characters stand at a place."""
        key = place, allowed
        if key not in self._known:
            found = self._over[place]
            for here, some in self._here[place].items():
                if here & allowed:
                    found |= some
            self._known[key] = found
        return self._known[key]


def places(bits: int) -> Iterator[int]:
    """Return the places of the bits of a set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
