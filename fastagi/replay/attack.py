"""Attacks in calls of the past: what belongs together, what it cost, what would have stopped it.

Three calls or more that look like fraud are an attack when they are of one extension, or to
numbers in a row, within half a day of one another; or of anybody within a quarter of an hour.
What came within an hour before the first of them from the same extension, and was unclear,
belongs to it too: thieves try a number before they use it.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from typing import TYPE_CHECKING, Final

from fastagi.replay.judged import Effect
from fastagi.replay.report import Attack, Stopped
from fastagi.replay.timeline import Timeline
from fastagi.replay.traits import Look
from fastagi.signs.words import foreign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastagi.cdr.past_call import PastCall
    from fastagi.replay.destinations import Destination
    from fastagi.replay.judged import Under
    from fastagi.replay.traits import Looked

LEAST: Final = 3
"""Calls that look like fraud, of which an attack is made."""
APART_S: Final = 12 * 3600.0
"""Calls of one extension, or to one block, that are further apart are of two attacks."""
TOGETHER_S: Final = 900.0
"""Calls of two extensions that look like fraud and are no further apart are of one attack."""
BEFORE_S: Final = 3600.0
"""How long before it an unclear call may have been a try."""

OPEN_MOST: Final = 50
CLOSED_MOST: Final = 50
"""Attacks that are kept: those that cost most."""
NAMES_MOST: Final = 5_000
"""Names of one attack that are kept: extensions, blocks."""
TRIES_MOST: Final = 20
SUSPECTS_MOST: Final = 10_000
"""Extensions whose unclear calls are remembered."""


class Suspect:
    """A call that may be of an attack, until it is known what became of it."""

    __slots__ = ("_other", "_run", "_under", "at", "country", "extension", "was")

    def __init__(self, call: PastCall, country: str, was: int | None) -> None:
        self.at = call.at
        self.extension = call.extension
        self.country = country
        self.was = was
        self._run: Run | None = None
        self._under: Under | None = None
        self._other = 0

    def joins(self, run: Run) -> None:
        """Make it one of an attack's."""
        self._run = run
        run.begins(self)
        run.other_out += self._other
        if self._under is not None:
            run.ends(self, self._under)

    def settle_beside(self, other: Under) -> None:
        """Take in what became of it under the policy beside it."""
        self._other = other.still or 0
        if self._run is not None:
            self._run.other_out += self._other

    def settle(self, under: Under) -> None:
        """Take in what became of it."""
        self._under = under
        if self._run is not None:
            self._run.ends(self, under)


class Run:
    """An attack while it is found."""

    def __init__(self, at: float) -> None:
        self.first = self.last = at
        self.calls = self.frauds = self.was = self.unpriced = 0
        self.extensions: Counter[str] = Counter()
        self.countries: Counter[str] = Counter()
        self.blocks: set[str] = set()
        self.refused = self.cut = self.through = self.out = self.out_before = 0
        self.through_before = self.other_out = 0
        self.last_through: float | None = None
        self.stopped: tuple[float, Under] | None = None
        self.by: Counter[tuple[str, str]] = Counter()
        self.money = Timeline(at)

    def takes(self, call: PastCall, to: Destination) -> bool:
        """Tell whether a call that looks like fraud belongs to it."""
        ago_s = call.at - self.last
        return ago_s <= TOGETHER_S or (
            ago_s <= APART_S and (call.extension in self.extensions or to.block in self.blocks)
        )

    def begins(self, each: Suspect) -> None:
        """Take in a call that begins."""
        self.first, self.last = min(self.first, each.at), max(self.last, each.at)
        self.calls += 1
        self.was += each.was or 0
        self.unpriced += each.was is None
        if len(self.extensions) < NAMES_MOST or each.extension in self.extensions:
            self.extensions[each.extension] += 1
        self.countries[each.country] += 1

    def ends(self, each: Suspect, under: Under) -> None:
        """Take in what became of it."""
        still = under.still or 0
        self.out += still
        self.money.add(each.at, each.was or 0, still)
        if under.effect is Effect.REFUSED:
            self.refused += 1
            self.by[under.rule, under.reason] += 1
            if self.stopped is None or each.at < self.stopped[0]:
                self.stopped = each.at, under
            return
        self.through += 1
        self.last_through = max(each.at, self.last_through or each.at)
        self.cut += under.effect is Effect.CUT
        if self.stopped is None or each.at < self.stopped[0]:
            self.out_before += still
            self.through_before += 1

    def told(self, *, beside: bool) -> Attack:
        """Say what it was; and what another policy would have made of it, if there is one."""
        stopped = None
        if self.stopped is not None:
            at, under = self.stopped
            stopped = Stopped(
                at,
                round(at - self.first),
                self.through_before,
                self.out_before,
                foreign(under.rule),
                str(under.reason),
            )
        return Attack(
            extensions=[foreign(name) for name, _ in self.extensions.most_common()],
            first=self.first,
            last=self.last,
            calls=self.calls,
            countries=[(foreign(name), count) for name, count in self.countries.most_common(10)],
            was=self.was,
            out=self.out,
            refused=self.refused,
            cut=self.cut,
            through=self.through,
            last_through=self.last_through,
            other_out=self.other_out if beside else None,
            unpriced=self.unpriced,
            stopped=stopped,
            by=[(foreign(rule), why, count) for (rule, why), count in self.by.most_common(10)],
            money=self.money.points(),
        )


class Attacks:
    """Finds attacks in calls that come in order of time."""

    def __init__(self) -> None:
        self._open: list[Run] = []
        self._closed: list[Run] = []
        self._tries: OrderedDict[str, deque[Suspect]] = OrderedDict()
        self.alone = 0
        """Calls that look like fraud, and are too few to be an attack."""
        self.beyond = 0
        """Attacks that are no longer kept."""

    def begin(
        self, call: PastCall, to: Destination, seen: Looked, was: int | None
    ) -> Suspect | None:
        """Take in a call; returns what wants to know what becomes of it."""
        if not seen.risky or seen.look is Look.LEGITIMATE:
            return None
        each = Suspect(call, to.number.country, was)
        if seen.look is not Look.FRAUD:
            self._remember(each)
            return each
        run = next((run for run in reversed(self._open) if run.takes(call, to)), None)
        if run is None:
            run = self._begun(call.at)
        for before in self._tries.pop(call.extension, ()):
            if call.at - before.at <= BEFORE_S:
                before.joins(run)
        each.joins(run)
        run.frauds += 1
        if to.block and len(run.blocks) < NAMES_MOST:
            run.blocks.add(to.block)
        return each

    def found(self, *, beside: bool = False) -> list[Attack]:
        """Return the attacks, what cost most first; there is nothing to come.

        Args:
            beside: Whether there is a policy beside the one that is tried.
        """
        while self._open:
            self._close(self._open[0])
        return [each.told(beside=beside) for each in sorted(self._closed, key=_by_money)]

    def _remember(self, each: Suspect) -> None:
        tries = self._tries.setdefault(each.extension, deque(maxlen=TRIES_MOST))
        tries.append(each)
        self._tries.move_to_end(each.extension)
        if len(self._tries) > SUSPECTS_MOST:
            self._tries.popitem(last=False)

    def _begun(self, at: float) -> Run:
        for old in self._over(at):
            self._close(old)
        if len(self._open) >= OPEN_MOST:
            self._close(self._open[0])
        self._open.append(Run(at))
        return self._open[-1]

    def _over(self, at: float) -> Iterator[Run]:
        yield from [each for each in self._open if at - each.last > APART_S]

    def _close(self, run: Run) -> None:
        self._open.remove(run)
        if run.frauds < LEAST:
            self.alone += run.frauds
            return
        self._closed.append(run)
        if len(self._closed) > CLOSED_MOST:
            self._closed.remove(max(self._closed, key=_by_money))
            self.beyond += 1


def _by_money(run: Run) -> tuple[int, int, float]:
    return -run.was, -run.calls, run.first
