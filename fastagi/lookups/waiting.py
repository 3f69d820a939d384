"""Subjects that wait to be looked up: a bounded line that nobody can fill for others."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fastagi.lookups.subject import Subject

MOST: Final = 256


class Waiting:
    """The line: sites take turns, and in one it is first come, first served; each subject once.

    Where it is full, the site that has most in it loses one, and of it whoever has most the oldest
    of theirs: a phone that dials a thousand numbers pushes out its own, and the number it dialled
    last is still looked up.
    """

    def __init__(self) -> None:
        self._of: OrderedDict[str, OrderedDict[Subject, str]] = OrderedDict()
        self._sites: dict[Subject, str] = {}

    def __len__(self) -> int:
        return len(self._sites)

    def __contains__(self, subject: object) -> bool:
        return subject in self._sites

    def put(self, subject: Subject, site: str, extension: str) -> Subject | None:
        """Have a subject wait, for a call of an extension; return the one that was dropped."""
        if subject in self._sites:
            return None
        self._sites[subject] = site
        self._of.setdefault(site, OrderedDict())[subject] = extension
        if len(self._sites) <= MOST:
            return None
        longest = max(self._of.values(), key=len)
        (most, _), *_ = Counter(longest.values()).most_common(1)
        dropped = next(each for each, whose in longest.items() if whose == most)
        self._remove(dropped)
        return dropped

    def take(self) -> Subject:
        """Return the first of the site whose turn it is, which waits no longer.

        Raises:
            KeyError: None does.
        """
        site = next(iter(self._of), None)
        if site is None:
            raise KeyError("nobody waits")
        subject = next(iter(self._of[site]))
        self._remove(subject)
        if site in self._of:
            self._of.move_to_end(site)
        return subject

    def _remove(self, subject: Subject) -> None:
        site = self._sites.pop(subject)
        del self._of[site][subject]
        if not self._of[site]:
            del self._of[site]
