"""Subjects that wait to be looked up: a bounded line that nobody can fill for others."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.lookups.subject import Subject

MOST: Final = 256


class Waiting:
    """The line: first come, first served, each subject once.

    Where it is full, whoever has most in it loses the oldest of theirs: a phone that dials a
    thousand numbers pushes out its own, and the number it dialled last is still looked up.
    """

    def __init__(self) -> None:
        self._line: OrderedDict[Subject, str] = OrderedDict()
        self._of: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._line)

    def __contains__(self, subject: object) -> bool:
        return subject in self._line

    def put(self, subject: Subject, extension: str) -> Subject | None:
        """Have a subject wait, for a call of an extension; return the one that was dropped."""
        if subject in self._line:
            return None
        self._line[subject] = extension
        self._of[extension] += 1
        if len(self._line) <= MOST:
            return None
        (most, _), *_ = self._of.most_common(1)
        dropped = next(each for each, whose in self._line.items() if whose == most)
        self._remove(dropped)
        return dropped

    def take(self) -> Subject:
        """Return the first, which waits no longer.

        Raises:
            KeyError: None does.
        """
        subject = next(iter(self._line), None)
        if subject is None:
            raise KeyError("nobody waits")
        self._remove(subject)
        return subject

    def _remove(self, subject: Subject) -> None:
        extension = self._line.pop(subject)
        self._of[extension] -= 1
        if not self._of[extension]:
            del self._of[extension]
