"""Regular expressions over digits as automata: they can be counted and cut, not only tried.

What phonenumbers knows of a country is a few dozen patterns. All of them run side by side over the
digits of a number, one state each; what they say together falls into few kinds, whose numbers lie
in blocks. Automata are built as far as they are asked for, and kept.

Own code, as what is needed is little and asked for often: `interegular` and `greenery` build each
automaton whole and minimal before they answer, which takes seconds for one of North America.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from fastagi.numbering.digit_patterns import All, Any, Digit, Times, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastagi.numbering.digit_patterns import Node

DIGITS: Final = "0123456789"

State: TypeAlias = int
"""The places of an automaton that can be reached so far, as bits; 0 is dead."""

SURE: Final[State] = -1
"""Whatever follows is taken."""


class Language:
    """The texts of digits that a regular expression takes as a whole, or that begin like it.

    Args:
        pattern: As `digit_patterns` reads it.
        begins: Whether all that begins with a match is taken.
        after: Digits that are read beforehand: what follows them in a match is taken.
        at: Takes all that begins with a match of just so many digits; None for no such bound.
        then: With `at`: takes such a match only where all that follows it is of this language.

    Raises:
        ValueError: The pattern holds something else.
    """

    __slots__ = ("_accepting", "_arcs", "_at", "_known", "_sure", "_takes", "_then", "start")

    def __init__(
        self,
        pattern: str,
        *,
        begins: bool = False,
        after: str = "",
        at: int | None = None,
        then: Language | None = None,
    ) -> None:
        self._arcs: list[int] = []  # of each place, by its bit's number: the places behind it
        self._takes = [0] * 10  # of each digit: the places that take it
        self._known: dict[State, tuple[State, ...]] = {each: (each,) * 10 for each in (0, SURE)}
        self._at = -1 if at is None else at
        self._then = then
        self._sure = 0
        self._accepting = self._place(0, 0)
        first = self._built(parse(pattern), self._accepting)
        if begins:
            self._sure = self._accepting
        self.start = self._settled(first)
        for each in after:
            self.start = self.step(self.start, int(each))
        if self._at >= 0:
            self.start = self._begun(self.start, 0)

    def step(self, state: State, digit: int) -> State:
        """Return the state after one more digit."""
        return self.steps(state)[digit]

    def steps(self, state: State) -> tuple[State, ...]:
        """Return the states after each digit, from 0 on."""
        found = self._known.get(state)
        if found is None:
            found = tuple(self._stepped(state, digit) for digit in range(10))
            self._known[state] = found
        return found

    def accepts(self, state: State) -> bool:
        """Tell whether the digits so far are taken."""
        if state == SURE:
            return True
        if self._at < 0:
            return bool(state & self._accepting)
        return self._then is not None and bool(state & 1) and self._then.accepts(state >> 1)

    def takes(self, digits: str) -> bool:
        """Tell whether some digits are taken."""
        state = self.start
        for each in digits:
            state = self.step(state, int(each))
        return self.accepts(state)

    def lengths(self, most: int) -> Iterator[int]:
        """Find how many digits, up to some, a text may have that is taken."""
        now = {self.start}
        for length in range(most + 1):
            if any(map(self.accepts, now)):
                yield length
            now = {self.step(each, digit) for each in now for digit in range(10)} - {0}

    def _stepped(self, state: State, digit: int) -> State:
        if self._at < 0:
            return self._behind(state, digit)
        if state & 1:
            return self._following(self._then.step(state >> 1, digit) if self._then else 0)
        count = (state >> 1 & _COUNT_MASK) + 1
        return self._begun(self._behind(state >> 1 + _COUNT_BITS, digit), count)

    def _behind(self, places: State, digit: int) -> State:
        """Return the places that one digit leads to."""
        now, found = places & self._takes[digit], 0
        while now:
            lowest = now & -now
            found |= self._arcs[lowest.bit_length() - 1]
            now ^= lowest
        return self._settled(found)

    def _begun(self, places: State, count: int) -> State:
        """Return the state, with `at`, after so many digits of the beginning."""
        if count < self._at:
            return (places << _COUNT_BITS | count) << 1 if places else 0
        if not places & self._accepting:
            return 0
        return SURE if self._then is None else self._following(self._then.start)

    def _following(self, state: State) -> State:
        """Return the state, with `then`, in what follows the beginning; its lowest bit is set."""
        return state if state in (0, SURE) else state << 1 | 1

    def _settled(self, places: State) -> State:
        return SURE if places & self._sure else places

    # ------------------------------------------------------------------- building

    def _place(self, takes: int, behind: int) -> int:
        """Add a place; return its bit."""
        bit = 1 << len(self._arcs)
        self._arcs.append(behind)
        for digit in range(10):
            self._takes[digit] |= bit if takes >> digit & 1 else 0
        return bit

    def _built(self, node: Node, behind: int) -> int:
        """Build a node before places; return the places at which it begins (those behind, too)."""
        match node:
            case Digit(among):
                return self._place(among, behind) if among else 0
            case All(parts):
                for each in reversed(parts):
                    behind = self._built(each, behind)
                return behind
            case Any(parts):
                found = 0
                for each in parts:
                    found |= self._built(each, behind)
                return found
            case Times(part, least, most):
                entry = behind
                for _ in range(most - least):
                    entry = behind | self._built(part, entry)
                for _ in range(least):
                    entry = self._built(part, entry)
                return entry
            case _:
                assert_never(node)


_COUNT_BITS: Final = 5  # of a state with `at`: how many digits were read; a number has 17 at most
_COUNT_MASK: Final = (1 << _COUNT_BITS) - 1


# ----------------------------------------------------------------------------- side by side

Signature: TypeAlias = frozenset[int]
"""Which of some languages take a text, by their places."""

Cut: TypeAlias = tuple[int, Signature]
"""From which number on texts have a signature, up to the next cut."""


Together: TypeAlias = tuple[tuple[tuple[int, State], ...], Signature]
"""The states of languages that are not settled yet, and those that take whatever follows."""


class Bundle:
    """Several languages that read the same digits."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self._languages = tuple(languages)
        self._cuts: dict[tuple[int, int], tuple[Cut, ...]] = {}
        self._places: dict[Together, int] = {}
        self._states: list[Together] = []
        self._behind: list[list[int]] = []

    def cuts(self, length: int) -> tuple[Cut, ...]:
        """Cut all texts of so many digits, from 0 on, where what takes them changes."""
        first = self._place((place, each.start) for place, each in enumerate(self._languages))
        return self._cut(first, length)

    def _cut(self, state: int, left: int) -> tuple[Cut, ...]:
        live, sure = self._states[state]
        if not live:
            return ((0, sure),)
        if not left:
            taken = [place for place, each in live if self._languages[place].accepts(each)]
            return ((0, sure.union(taken)),)
        known = self._cuts.get((state, left))
        if known is not None:
            return known
        if not self._behind[state]:
            self._behind[state] = self._after(live, sure)
        found: list[Cut] = []
        span = 10 ** (left - 1)
        last: Signature | None = None
        uncut = -1  # the state before, where all that follows it has one signature
        for digit, after in enumerate(self._behind[state]):
            if after == uncut:
                continue
            base = digit * span
            cuts = self._cut(after, left - 1)
            uncut = after if len(cuts) == 1 else -1
            for first, signature in cuts:
                if signature != last:
                    found.append((base + first, signature))
                    last = signature
        self._cuts[state, left] = tuple(found)
        return self._cuts[state, left]

    def _after(self, live: tuple[tuple[int, State], ...], sure: Signature) -> list[int]:
        """Return the places that each digit leads to; most digits lead where another one does."""
        each_to = zip(*(self._languages[place].steps(state) for place, state in live), strict=True)
        found: dict[tuple[State, ...], int] = {}
        behind = []
        for states in each_to:
            if states not in found:
                pairs = zip((place for place, _ in live), states, strict=True)
                found[states] = self._place(pairs, sure)
            behind.append(found[states])
        return behind

    def _place(self, states: Iterable[tuple[int, State]], sure: Signature = frozenset()) -> int:
        """Name states; those that are settled are put aside: dead, or sure of what follows."""
        live, new = [], []
        for each in states:
            if each[1] == SURE:
                new.append(each[0])
            elif each[1]:
                live.append(each)
        together = tuple(live), sure.union(new) if new else sure
        place = self._places.setdefault(together, len(self._states))
        if place == len(self._states):
            self._states.append(together)
            self._behind.append([])
        return place
