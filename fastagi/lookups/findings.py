"""What look-ups found, for a time and within bounds; the time is an argument.

What was found and what was not is kept apart, so that nobody pushes the one number that is
reported out of memory by dialling ten thousand that are not.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.lookups.subject import Subject

FOUND_MOST: Final = 10_000
NOT_FOUND_MOST: Final = 50_000
"""Subjects that are remembered; of more the oldest are forgotten."""

FAILED_S: Final = 60.0
"""After a failure the same subject is left alone for so long: one that the service chokes on is
not put to it at every call."""

SPREAD: Final = 0.1
"""Up to this part less than its time is everything kept, so that not all is asked anew at once."""

GRACE: Final = 2
"""What is reported counts for up to so many times its time, until the service answers anew: that
it is away, or slow, clears nobody."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a subject.

    Attributes:
        is_found: Whether it is reported.
        is_due: Whether it is time to ask anew.
    """

    is_found: bool
    is_due: bool


class Findings:
    """Remembers them.

    Args:
        found_s: How long, in seconds, what is reported is not asked anew.
        not_found_s: The same of what is not.
        chance: Returns a number from 0 up to 1, each time another.
    """

    def __init__(self, found_s: float, not_found_s: float, chance: Callable[[], float]) -> None:
        self.found_s = found_s
        self._not_found_s = not_found_s
        self._chance = chance
        self._found: OrderedDict[Subject, float] = OrderedDict()
        self._not_found: OrderedDict[Subject, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._found) + len(self._not_found)

    def of(self, subject: Subject, now: float) -> Finding | None:
        """Return what is known; None where nothing is."""
        due = self._found.get(subject)
        if due is not None:
            if now < due + (GRACE - 1) * self.found_s:
                return Finding(is_found=True, is_due=now >= due)
            del self._found[subject]
        due = self._not_found.get(subject)
        if due is None or now >= due:
            self._not_found.pop(subject, None)
            return None
        return Finding(is_found=False, is_due=False)

    def note(self, subject: Subject, now: float, *, is_found: bool) -> None:
        """Remember what the service said."""
        self._found.pop(subject, None)
        self._not_found.pop(subject, None)
        shorter = 1 - SPREAD * self._chance()
        if is_found:
            _keep(self._found, FOUND_MOST, subject, now + self.found_s * shorter)
        else:
            _keep(self._not_found, NOT_FOUND_MOST, subject, now + self._not_found_s * shorter)

    def learn(self, subject: Subject, now: float, lasts_s: float) -> None:
        """Take in that another worker found a subject reported, for so many seconds yet."""
        if subject not in self._found:
            self._not_found.pop(subject, None)
            _keep(self._found, FOUND_MOST, subject, now + lasts_s)

    def note_failure(self, subject: Subject, now: float) -> None:
        """Leave a subject alone for a while; what is known of it stays."""
        if subject in self._found:
            self._found[subject] = max(self._found[subject], now + FAILED_S)
        else:
            _keep(self._not_found, NOT_FOUND_MOST, subject, now + FAILED_S)


def _keep(kept: OrderedDict[Subject, float], most: int, subject: Subject, due: float) -> None:
    kept.pop(subject, None)
    while len(kept) >= most:
        kept.popitem(last=False)
    kept[subject] = due
