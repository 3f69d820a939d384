"""Who is signed in on which phone, in memory; see `stores.sign_ins`.

People sign in on their own phone. What nobody tells of a phone is thought to be as it was: where a
sign-in is bound to what a phone says it is, or to what is registered, that never changes here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from fastagi.call.sign_in import is_same, over_at
from fastagi.stores.sign_ins import Origin

if TYPE_CHECKING:
    from fastagi.policy.model import Policy

UNCHANGED = "unchanged"


def place_of(address: str, transport: str) -> Origin:
    """Return where a phone is, by what is told of it."""
    return Origin(address or UNCHANGED, transport or UNCHANGED, UNCHANGED, UNCHANGED)


class Held(Protocol):
    """A lease, as far as a sign-in cares."""

    expires: float


class _Ended(NamedTuple):
    """How a sign-in was ended: by the lockout of which attempt, if that may be taken back."""

    attempt: int | None


class SignedIn:
    """One sign-in."""

    __slots__ = ("_calls", "ended", "idle_s", "origin", "until", "used")

    def __init__(self, origin: Origin, until: float, idle_s: int, now: float) -> None:
        self.origin = origin
        self.until = until
        self.idle_s = idle_s
        self.used = now
        self.ended: _Ended | None = None
        self._calls: set[Held] = set()

    def lives(self, now: float) -> bool:
        """Tell whether it is not over: nobody ended it, its time is not up, it is not idle."""
        if self.ended is not None or self.until <= now:
            return False
        if not self.idle_s:
            return True
        return now < max(self.used, *(each.expires for each in self._calls), 0) + self.idle_s

    def begin(self, held: Held, now: float) -> None:
        """Note a call that it let through."""
        self._calls.add(held)
        self.use(now)

    def end(self, held: Held, now: float) -> None:
        """Note that such a call is over."""
        self._calls.discard(held)
        self.use(now)

    def use(self, now: float) -> None:
        """Note that it was used."""
        self.used = max(self.used, now)


class SignIns:
    """See above."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._of: dict[str, list[SignedIn]] = {}

    def __bool__(self) -> bool:
        """Whether there may be anybody."""
        return bool(self._of)

    def open(self, extension: str, origin: Origin, now: float) -> None:
        """Open a sign-in, and end those of the extension that it replaces."""
        terms = self._policy.sign_in
        live = self._live(extension, now)
        elsewhere = [each for each in live if each.origin != origin]
        stay = elsewhere[max(0, len(elsewhere) + 1 - terms.at_once) :]
        opened = SignedIn(origin, over_at(self._policy, now), terms.idle_s, now)
        self._of[extension] = [*stay, opened]

    def counting(self, extension: str, origin: Origin, now: float) -> SignedIn | None:
        """Return the sign-in that counts for a call from a place; None where nobody is in."""
        terms = self._policy.sign_in
        live = self._live(extension, now)
        return next((each for each in live if is_same(each.origin, origin, terms)), None)

    def end_all(self, extension: str) -> None:
        """End every sign-in of an extension."""
        self._finish(extension, _Ended(None))

    def lock_out(self, extension: str, attempt: int) -> None:
        """End them as the extension is locked out, unless the attempt turns out right."""
        self._finish(extension, _Ended(attempt))

    def undo(self, extension: str, attempt: int) -> None:
        """Undo what a lockout ended that was never due."""
        for each in self._of.get(extension, ()):
            if each.ended == _Ended(attempt):
                each.ended = None

    def tidy(self, now: float) -> None:
        """Forget what is over."""
        self._of = {name: live for name in self._of if (live := self._live(name, now))}

    def _live(self, extension: str, now: float) -> list[SignedIn]:
        return [each for each in self._of.get(extension, ()) if each.lives(now)]

    def _finish(self, extension: str, ended: _Ended) -> None:
        for each in self._of.get(extension, ()):
            if each.ended is None or ended.attempt is None:
                each.ended = ended
