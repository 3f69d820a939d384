"""What came of calls, added up by rule, extension, country, day and hour: in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastagi.replay.examples import shown_rule
from fastagi.replay.judged import Effect
from fastagi.replay.report import Named, Parts, Ranked, Sums
from fastagi.replay.traits import Look

if TYPE_CHECKING:
    from fastagi.replay.judged import Judged, Under

NAMES_MOST: Final = 5_000
"""Names that are added up by themselves; what comes beyond is added up together."""

SHOWN: Final = 20
"""Names that a report shows."""


class Breakdown:
    """Adds up calls."""

    def __init__(self) -> None:
        self.total = Sums()
        self._rules = _Names()
        self._extensions = _Names()
        self._countries = _Names()
        self._looks = {each: Sums() for each in Look}
        self._days = _Names()
        self._week = [[0] * 24 for _ in range(7)]
        self._called = [[0] * 24 for _ in range(7)]

    def add(self, judged: Judged, under: Under) -> None:
        """Add a call, by what one policy would have done with it."""
        call, moment = judged.call, judged.moment
        look, effect = judged.looked.look, under.effect
        groups = [
            self.total,
            self._extensions.of(call.extension),
            self._countries.of(judged.to.number.country),
            self._looks[look],
            self._days.of(moment.day),
        ]
        if effect is not Effect.SAME:
            groups.append(self._rules.of(under.rule))
        was, still = judged.was, under.still
        if was is None or still is None:
            for each in groups:
                each.calls += 1
                each.unpriced += 1
        else:
            for each in groups:
                each.calls += 1
                each.was += was
                each.still += still
        self._called[moment.weekday - 1][moment.hour] += 1
        if effect is not Effect.SAME:
            _count(groups, effect, look)
            if effect is Effect.REFUSED:
                self._week[moment.weekday - 1][moment.hour] += 1

    def parts(self) -> Parts:
        """Return what all came to."""
        return Parts(
            self.total,
            self._rules.ranked(),
            self._extensions.ranked(),
            self._countries.ranked(),
            {str(name): sums for name, sums in self._looks.items()},
            self._days.in_order(),
            self._week,
            self._called,
        )


def _count(groups: list[Sums], effect: Effect, look: Look) -> None:
    """Count a call that would not have been as it was."""
    for each in groups:
        if effect is Effect.REFUSED:
            each.refused += 1
            each.legitimate += look is Look.LEGITIMATE
            each.fraud += look is Look.FRAUD
        elif effect is Effect.CUT:
            each.cut += 1
        else:
            each.stepped_up += 1


class _Names:
    """What came of the calls of each name; of the first so many, and of all others together."""

    def __init__(self) -> None:
        self._sums: dict[str, Sums] = {}
        self._others = Sums()

    def of(self, name: str) -> Sums:
        """Return the sums of a name, or of all those that have none of their own."""
        sums = self._sums.get(name)
        if sums is None:
            if len(self._sums) >= NAMES_MOST:
                return self._others
            sums = self._sums[name] = Sums()
        return sums

    def ranked(self) -> Ranked:
        """Return where most was changed, then where most was spent, then by name."""
        order = sorted(
            self._sums.items(), key=lambda each: (-each[1].changed, -each[1].was, each[0])
        )
        beyond = Sums()
        for sums in (self._others, *(sums for _, sums in order[SHOWN:])):
            for name in Sums.__slots__:
                setattr(beyond, name, getattr(beyond, name) + getattr(sums, name))
        return Ranked([Named(_shown(name), sums) for name, sums in order[:SHOWN]], beyond)

    def in_order(self) -> list[Named]:
        """Return all, by name."""
        return [Named(name, self._sums[name]) for name in sorted(self._sums)]


def _shown(name: str) -> str:
    return shown_rule(name) if name else "none"
