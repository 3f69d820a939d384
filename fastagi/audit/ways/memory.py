"""What is remembered of states, so that a walk ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.ways.state import LOCAL, joined_variables
from fastagi.audit.ways.values import either

if TYPE_CHECKING:
    from collections.abc import Collection

    from fastagi.audit.entry import Party
    from fastagi.audit.ways.lookup import Dialled
    from fastagi.audit.ways.state import State, Variables, Who


class Memory:
    """How often each place was come to with other variables, and what they had in common."""

    def __init__(self) -> None:
        self._known: dict[object, tuple[int, Variables]] = {}

    def state(self, place: object, state: State, most: int) -> State:
        """Return the state; after too many, one that knows only what all of them knew."""
        count, known = self._known.get(place, (0, state.variables))
        if count < most:
            self._known[place] = count + 1, state.variables
            return state
        known = joined_variables(known, state.variables)
        self._known[place] = count, known
        return state.knowing(known)


class Extensions:
    """Which extensions each place was come to with."""

    def __init__(self) -> None:
        self._known: dict[object, set[Dialled]] = {}

    def dialled(self, place: object, dialled: Dialled, whole: Dialled, most: int) -> Dialled:
        """Return what is dialled; after too many, the whole of what it may be."""
        known = self._known.setdefault(place, set())
        if dialled in known or len(known) < most:
            known.add(dialled)
            return dialled
        return whole


class Visits:
    """Who came to each place."""

    def __init__(self) -> None:
        self._known: dict[object, Who] = {}

    def __len__(self) -> int:
        """Return how many places there are."""
        return len(self._known)

    def who(self, place: object) -> Collection[Party]:
        """Return whose calls came there before."""
        return self._known.get(place, ())

    def has(self, place: object, party: Party) -> bool:
        """Whether a party's calls came there before."""
        return party in self._known.get(place, ())

    def new(self, place: object, who: Who) -> Who:
        """Return those who come for the first time."""
        known = self._known.get(place)
        if known is None:
            self._known[place] = who
            return who
        if who.keys() <= known.keys():
            return {}
        self._known[place] = {**known, **who}
        return {party: entry for party, entry in who.items() if party not in known}


def returned(before: State, after: State) -> Variables:
    """Return what is known behind a routine: all but what was its own."""
    known = {name: value for name, value in after.variables if not name.startswith(LOCAL)}
    inside = after.known()
    for name, value in before.variables:
        if name.startswith(f"{LOCAL}ARG"):
            known[name] = value
        elif name.startswith(LOCAL):
            known[name] = either(value, inside.get(name, value))
    return frozenset(known.items())
