"""Wrong codes and invalid numbers, and the lockouts that follow, in memory.

It keeps `store.Failures`, for one site, and says what is locked out as the stores say it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.stores.store import SubjectKind

if TYPE_CHECKING:
    from fastagi.stores.store import FailureKind, Penalty, Subject

Whom = tuple[SubjectKind, str]


@dataclass(slots=True)
class Failure:
    """One that counts until it is spent on a lockout, taken back or forgotten."""

    attempt: int
    kind: FailureKind
    at: float
    forget: float
    spent: int | None = None


@dataclass(slots=True)
class Locked:
    """A lockout, in force or over."""

    attempt: int
    kind: FailureKind
    until: float
    row: int
    forget: float


@dataclass(slots=True)
class Held:
    """What is held against one subject."""

    failures: list[Failure] = field(default_factory=list)
    locked: list[Locked] = field(default_factory=list)

    def is_locked_out(self, now: float) -> bool:
        """Tell whether a lockout is in force."""
        return any(now < each.until for each in self.locked)

    def forget(self, now: float) -> None:
        """Drop what counts no more."""
        self.failures = [each for each in self.failures if now < each.forget]
        self.locked = [each for each in self.locked if now < each.forget]


@dataclass(frozen=True, slots=True)
class Begun:
    """A guess that was counted; `locked_out` are the extensions that it locked out."""

    id: int
    kind: FailureKind
    subjects: tuple[Subject, ...]
    locked_out: tuple[str, ...]


NOTHING: Final = Held()


class Failures:
    """See above."""

    def __init__(self, penalty: Penalty) -> None:
        self._penalty = penalty
        self._attempts = 0
        self._held: dict[Whom, Held] = {}

    def is_locked_out(self, extension: str, now: float) -> bool:
        """Tell whether a lockout of an extension is in force."""
        if not self._held:
            return False
        held = self._held.get((SubjectKind.EXTENSION, extension))
        return held is not None and held.is_locked_out(now)

    def begin(self, subjects: tuple[Subject, ...], kind: FailureKind, now: float) -> Begun | None:
        """Count a failure against every subject; None where one of them is locked out."""
        if any(self._of(each).is_locked_out(now) for each in subjects):
            return None
        self._attempts += 1
        attempt, penalty, locked_out = self._attempts, self._penalty, []
        for subject in subjects:
            held = self._held.setdefault((subject.kind, subject.name), Held())
            held.forget(now)
            held.failures.append(Failure(attempt, kind, now, now + penalty.at_most_s))
            unspent = [each for each in held.failures if each.kind is kind and each.spent is None]
            if len(unspent) < subject.allowed:
                continue
            row = 1 + max((each.row for each in held.locked if each.kind is kind), default=0)
            until = now + min(penalty.for_s * 2 ** (row - 1), penalty.at_most_s)
            held.locked.append(Locked(attempt, kind, until, row, until + penalty.at_most_s))
            for each in unspent:
                each.spent = attempt
            if subject.kind is SubjectKind.EXTENSION:
                locked_out.append(subject.name)
        return Begun(attempt, kind, subjects, tuple(locked_out))

    def succeed(self, begun: Begun, now: float, *, anew: bool) -> None:
        """Take a guess back that was right; see `store.Failures.succeed`."""
        for subject in begun.subjects:
            held = self._of(subject)
            if not any(each.attempt == begun.id for each in held.failures):
                continue
            held.locked = [each for each in held.locked if each.attempt != begun.id]
            if anew and subject.kind is SubjectKind.EXTENSION:
                _start_anew(held, begun.kind, now)
                continue
            held.failures = [each for each in held.failures if each.attempt != begun.id]
            for each in held.failures:
                each.spent = None if each.spent == begun.id else each.spent

    def tidy(self, now: float) -> None:
        """Forget subjects of whom nothing counts any more."""
        for held in self._held.values():
            held.forget(now)
        self._held = {whom: each for whom, each in self._held.items() if _is_any(each)}

    def _of(self, subject: Subject) -> Held:
        return self._held.get((subject.kind, subject.name), NOTHING)


def _start_anew(held: Held, kind: FailureKind, now: float) -> None:
    """Forget the failures of a kind, and the row of lockouts that are over."""
    held.failures = [each for each in held.failures if each.kind is not kind]
    held.locked = [each for each in held.locked if each.kind is not kind or now < each.until]


def _is_any(held: Held) -> bool:
    return bool(held.failures or held.locked)
