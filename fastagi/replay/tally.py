"""Adds a replay up, call by call, into a report: sums only, whatever the number of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.replay.breakdown import Breakdown
from fastagi.replay.examples import Dearest, People, Writer
from fastagi.replay.judged import Effect
from fastagi.replay.report import Beside, Report
from fastagi.replay.traits import Look
from fastagi.signs.words import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.policy.model import Policy
    from fastagi.replay.attack import Attacks
    from fastagi.replay.judged import Codes, Judged, Under


class Tally:
    """Adds calls up as they are judged.

    Args:
        policy: What is tried.
        against: The policy beside it; None where there is none.
        mask: How many last digits of outside numbers are not shown.
    """

    def __init__(self, policy: Policy, against: Policy | None = None, mask: int = 0) -> None:
        self._policy = policy
        self.writer = Writer(policy.site.timezone, mask)
        self._all = Breakdown()
        self._legitimate = Dearest()
        self._through = Dearest()
        self._people = People()
        self._since: float | None = None
        self._until: float | None = None
        self._against = None if against is None else _Against(against)

    def add(self, judged: Judged) -> None:
        """Take in a call."""
        at = judged.call.at
        if self._since is None or at < self._since:
            self._since = at
        if self._until is None or at > self._until:
            self._until = at
        self._all.add(judged, judged.under)
        refused, look = judged.under.effect is Effect.REFUSED, judged.looked.look
        if refused and look is Look.LEGITIMATE:
            self._legitimate.add(judged)
        if not refused and look is Look.FRAUD:
            self._through.add(judged)
        self._people.add(judged, self.writer)
        if self._against is not None and judged.other is not None:
            self._against.add(judged, judged.other)

    def report(
        self,
        *,
        codes: Codes,
        hours: str,
        attacks: Attacks,
        retries: int = 0,
        skipped: Mapping[str, int] | None = None,
        untimed: Sequence[str] = (),
    ) -> Report:
        """Say what all came to; there is nothing to come.

        Args:
            codes: Who was taken to key the right code.
            hours: The name by which people work.
            attacks: What was found of attacks.
            retries: Records that only ask for a call's next trunk.
            skipped: Records that are no calls of a phone, by kind.
            untimed: Records of which no column says how long was talked.
        """
        policy, people = self._policy, self._people.told()
        found = attacks.found(beside=self._against is not None)
        return Report(
            site=policy.site.name,
            policy=str(policy.source),
            version=policy.version,
            currency="" if policy.rates is None else policy.rates.currency,
            codes=str(codes),
            hours=foreign(hours) if hours else "",
            timezone=str(policy.site.timezone),
            since=self._since,
            until=self._until,
            parts=self._all.parts(),
            legitimate=self._legitimate.written(self.writer),
            through=self._through.written(self.writer),
            people=people,
            people_beyond=self._people.beyond,
            attacks=found,
            attacks_beyond=attacks.beyond,
            alone=attacks.alone,
            retries=retries,
            skipped=dict(skipped or {}),
            untimed=list(untimed),
            beside=None if self._against is None else self._against.told(self.writer),
        )


class _Against:
    """Adds up what another policy would have done, and where the two differ."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._all = Breakdown()
        self._here, self._there = Breakdown(), Breakdown()
        self._examples_here, self._examples_there = Dearest(), Dearest()

    def add(self, judged: Judged, other: Under) -> None:
        """Take in a call, and what the other policy would have done."""
        self._all.add(judged, other)
        here = judged.under.effect is Effect.REFUSED
        there = other.effect is Effect.REFUSED
        if here and not there:
            self._here.add(judged, judged.under)
            self._examples_here.add(judged)
        elif there and not here:
            self._there.add(judged, other)
            self._examples_there.add(judged)

    def told(self, writer: Writer) -> Beside:
        """Say what all came to."""
        return Beside(
            str(self._policy.source),
            self._all.total,
            self._here.parts(),
            self._there.parts(),
            self._examples_here.written(writer),
            self._examples_there.written(writer),
        )
