"""What is known of callers between calls, in memory: countries, marks, factors and brakes."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from fastagi.call.asked import REMEMBERED_S
from fastagi.call.brake import following, kept_on, put_on_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastagi.call.brake import Brake, Hit
    from fastagi.policy.model import Factor, Policy, Stage

Scope = tuple[str, ...]
"""What shown factors are bound to: an extension, and a place or a call."""


class Proofs:
    """Factors that were shown, when, and until when that is remembered."""

    def __init__(self, policy: Policy) -> None:
        self._spans = (0, *sorted({each.remember_s for each in policy.rules if each.remember_s}))
        self._of: dict[Scope, dict[Factor, tuple[float, float]]] = {}

    def __bool__(self) -> bool:
        """Whether there may be any."""
        return bool(self._of)

    def remember(self, scope: Scope, factors: Iterable[Factor], now: float, until: float) -> None:
        """Remember factors that were shown now; what is remembered for longer stays so."""
        proofs = self._of.setdefault(scope, {})
        for each in factors:
            _, before = proofs.get(each, (now, until))
            proofs[each] = (now, max(until, before))

    def shown(self, scope: Scope, now: float) -> frozenset[Factor]:
        """Return the factors that are remembered of a scope."""
        found = self._of.get(scope)
        if found is None:
            return frozenset()
        return frozenset(factor for factor, (_, until) in found.items() if now < until)

    def proven_s(self, scope: Scope, now: float) -> tuple[tuple[Factor, float], ...]:
        """Return how many seconds ago each was shown, as far as a rule can tell the difference.

        That is the longest `remember` of any rule that has passed since.
        """
        found = self._of.get(scope)
        if found is None:
            return ()
        spans = self._spans
        return tuple(
            (factor, float(spans[bisect_right(spans, now - at) - 1]))
            for factor, (at, until) in sorted(found.items())
            if now < until
        )

    def tidy(self, now: float) -> None:
        """Forget what is remembered no more."""
        self._of = {
            scope: proofs
            for scope, proofs in self._of.items()
            if any(now < until for _, until in proofs.values())
        }


class Dialled:
    """Which countries, areas and numbers were called before, by whom or at all."""

    def __init__(self) -> None:
        self._countries: set[tuple[str, str]] = set()
        self._marks: dict[str, float] = {}

    def knows(self, extension: str, country: str) -> bool:
        """Tell whether an extension was let through to a country before."""
        return (extension, country) in self._countries

    def has(self, mark: str, now: float) -> bool:
        """Tell whether a mark is there."""
        return now < self._marks.get(mark, 0.0)

    def leave(self, extension: str, country: str, marks: Iterable[str], now: float) -> None:
        """Note a call that is let through."""
        self._countries.add((extension, country))
        for each in marks:
            self._marks[each] = now + REMEMBERED_S

    def there(self, marks: Iterable[str], now: float) -> dict[str, float]:
        """Return until when marks last, of those that are there."""
        return {each: self._marks[each] for each in marks if self.has(each, now)}

    def take_back(self, marks: Iterable[str], there: Mapping[str, float]) -> None:
        """Take back the marks of a call that was not let through after all.

        Those that were there before it last as long as they did then.
        """
        for each in marks:
            self._marks.pop(each, None)
            if each in there:
                self._marks[each] = there[each]


class Brakes:
    """Which brakes are on."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._on: dict[str, Brake] = {}

    def __bool__(self) -> bool:
        """Whether any may be on."""
        return bool(self._on)

    def stage(self, names: Sequence[tuple[Stage, str]], now: float) -> Stage | None:
        """Return how far the brake is on, of those that a call falls under, the widest first."""
        there = {(each.stage, each.name) for each in self._live(now)}
        return next((stage for stage, name in names if (stage, name) in there), None)

    def hit(self, what: Hit, now: float) -> list[Brake]:
        """Put the brake on, as far as it goes by now; return all that were, as `brakes.hit`."""
        given = put_on_by(self._policy, what, now)
        done = {given.key: self._put_on(given, now)}
        while wider := [
            each for each in following(given, self._live(now)) if each.key not in done
        ]:
            for each in wider:
                done[each.key] = self._put_on(each, now)
        return list(done.values())

    def _put_on(self, brake: Brake, now: float) -> Brake:
        there = self._on.get(brake.key)
        kept = brake if there is None or there.until <= now else kept_on(there, brake)
        self._on[kept.key] = kept
        return kept

    def _live(self, now: float) -> list[Brake]:
        over = [key for key, each in self._on.items() if each.until <= now]
        for key in over:
            del self._on[key]
        return list(self._on.values())
