"""What was made last, kept in bounded memory."""

from __future__ import annotations

from typing import Generic, TypeVar

Key = TypeVar("Key")
Made = TypeVar("Made")


class Recent(Generic[Key, Made]):
    """Values by key: surely the last `most` that were asked for, and never more than twice that.

    Two generations in place of an order of all: once the young one is full it becomes the old one,
    and what was in the old one, and nobody asked for since, is forgotten. To find one costs no
    more than a dict does.
    """

    __slots__ = ("_most", "_old", "_young")

    def __init__(self, most: int) -> None:
        self._most = most
        self._young: dict[Key, Made] = {}
        self._old: dict[Key, Made] = {}

    def __len__(self) -> int:
        """Return how many there are; one that is in both generations counts twice."""
        return len(self._young) + len(self._old)

    def get(self, key: Key) -> Made | None:
        """Return what is kept under a key; None where nothing is."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: Key, made: Made) -> None:
        """Keep a value."""
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[key] = made
