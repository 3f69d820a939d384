"""Single calls that a report shows: those that cost most, and whose calls would be refused."""

from __future__ import annotations

import heapq
import itertools
import re
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from fastagi.decision_log.record import masked
from fastagi.replay.judged import OR, Effect
from fastagi.replay.report import Example, Person
from fastagi.replay.traits import Look, in_words
from fastagi.signs.words import foreign

if TYPE_CHECKING:
    from datetime import tzinfo

    from fastagi.replay.destinations import Destination
    from fastagi.replay.judged import Judged, Under

EXAMPLES: Final = 10
PEOPLE: Final = 10
PEOPLE_MOST: Final = 5_000
"""Extensions whose refused calls are remembered."""
NUMBERS: Final = 3
REASONS: Final = 4
"""Of what a call looks like."""

_UNPRINTABLE: Final = re.compile(r"[^\x20-\x7e]")


class Writer:
    """Writes a call down for a report: everything foreign made fit, numbers masked.

    Args:
        zone: The site's.
        mask: How many last digits of outside numbers are not shown.
    """

    def __init__(self, zone: tzinfo, mask: int) -> None:
        self._zone = zone
        self._mask = mask

    def number(self, to: Destination) -> str:
        """Return the number that was called; what was dialled, where it is none."""
        found = to.number
        return foreign(masked(found.number or found.dialled, found.category, self._mask))

    def time(self, at: float) -> str:
        """Return a moment on the site's clock."""
        local = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        return local.strftime("%Y-%m-%d %H:%M:%S")

    def example(self, judged: Judged) -> Example:
        """Return a call."""
        call, other = judged.call, judged.other
        return Example(
            time=self.time(call.at),
            extension=foreign(call.extension),
            number=self.number(judged.to),
            country=judged.to.number.country,
            talked_s=call.talked_s,
            was=judged.was,
            effect=str(judged.under.effect),
            because=because(judged.under),
            other="" if other is None else f"{other.effect} by {because(other)}",
            look=str(judged.looked.look),
            why=in_words(judged.looked, REASONS),
            place=_UNPRINTABLE.sub("?", call.place),
        )


def because(under: Under) -> str:
    """Say what decided, and why it refused."""
    rule = shown_rule(under.rule)
    if under.effect is not Effect.REFUSED or under.rule == under.reason:
        return rule
    return f"{rule} ({under.reason})"


def shown_rule(rule: str) -> str:
    """Return the name of a rule or a limit, or those of several, fit to be shown."""
    return OR.join(foreign(each) for each in rule.split(OR))


class Dearest:
    """Keeps the calls that cost most; of equal ones those that came first."""

    def __init__(self, most: int = EXAMPLES) -> None:
        self._most = most
        self._order = itertools.count()
        self._kept: list[tuple[int, int, Judged]] = []

    def add(self, judged: Judged) -> None:
        """Keep a call, if it is one of them."""
        entry = (judged.was or 0, -next(self._order), judged)
        if len(self._kept) < self._most:
            heapq.heappush(self._kept, entry)
        elif entry > self._kept[0]:
            heapq.heapreplace(self._kept, entry)

    def written(self, writer: Writer) -> list[Example]:
        """Return them, what cost most first."""
        return [writer.example(each) for _, _, each in sorted(self._kept, reverse=True)]


class _Whose:
    __slots__ = ("counts", "numbers", "rules")

    def __init__(self) -> None:
        self.counts: Counter[Effect] = Counter()
        self.numbers: list[str] = []
        self.rules: Counter[str] = Counter()


class People:
    """Whose calls look legitimate, and would not have been as they were."""

    def __init__(self) -> None:
        self._of: dict[str, _Whose] = {}
        self.beyond = 0
        """Extensions that are not remembered, or not shown."""

    def add(self, judged: Judged, writer: Writer) -> None:
        """Take in a call."""
        under = judged.under
        if under.effect is Effect.SAME or judged.looked.look is not Look.LEGITIMATE:
            return
        whose = self._of.get(judged.call.extension)
        if whose is None:
            if len(self._of) >= PEOPLE_MOST:
                return
            whose = self._of[judged.call.extension] = _Whose()
        whose.counts[under.effect] += 1
        whose.rules[under.rule] += 1
        if under.effect is Effect.REFUSED and len(whose.numbers) < NUMBERS:
            number = writer.number(judged.to)
            if number not in whose.numbers:
                whose.numbers.append(number)

    def told(self) -> list[Person]:
        """Return those who are refused most, and then those who are asked most."""

        def hurt(each: tuple[str, _Whose]) -> tuple[int, int, int, str]:
            counts = each[1].counts
            return (
                *(-counts[Effect.REFUSED], -counts[Effect.CUT], -counts[Effect.STEPPED_UP]),
                each[0],
            )

        order = sorted(self._of.items(), key=hurt)
        self.beyond = len(order[PEOPLE:])
        return [
            Person(
                foreign(name),
                whose.counts[Effect.REFUSED],
                whose.counts[Effect.CUT],
                whose.counts[Effect.STEPPED_UP],
                [shown_rule(rule) for rule, _ in whose.rules.most_common(3)],
                whose.numbers,
            )
            for name, whose in order[:PEOPLE]
        ]
