"""Thieves that make calls second by second, against limits written down as plainly as can be.

The ledger reserves for a call what it will turn out to use, and no more: as kind to a thief as a
store could ever be, so what a real one leaves him is less.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastagi.policy.decision import decide
from fastagi.policy.exposure.ways import KNOWS
from fastagi.policy.model import Request, Unit, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from fastagi.numbering.number import Number
    from fastagi.policy.exposure.ways import Thief
    from fastagi.policy.model import Decision, Policy
    from fastagi.rating.tariff import Tariff


@dataclass
class Call:
    """One that was let through."""

    begun: int
    seconds: int
    decision: Decision
    tariff: Tariff

    @property
    def ends(self) -> int:
        """The first second without it."""
        return self.begun + self.seconds

    @property
    def counts_until(self) -> int:
        """The first second in which no limit counts it."""
        return self.ends + max((each.within_s for each in self.decision.budgets), default=0)

    def uses(self, unit: Unit) -> int:
        """Return how much it uses."""
        match unit:
            case Unit.SPEND:
                return self.tariff.cost(self.seconds)
            case Unit.SECONDS:
                return self.seconds
            case _:
                return 1


@dataclass
class Ledger:
    """All calls so far; what is left is counted anew for each question."""

    calls: list[Call] = field(default_factory=list)
    past: list[Call] = field(default_factory=list)
    """Those that count no more."""

    def forget(self, now: int) -> None:
        """Put aside what counts no more, so that it need not be looked at again."""
        self.past += [each for each in self.calls if each.counts_until <= now]
        self.calls = [each for each in self.calls if each.counts_until > now]

    def make(self, decision: Decision, seconds: int, now: int) -> Call | None:
        """Make a call that lasts so long, or as long as may be; None where a limit refuses it."""
        tariff = decision.tariff
        assert tariff is not None
        for claim in decision.claims:
            live = [
                each
                for each in self.calls
                if each.ends > now
                and any(
                    (x.limit, x.key) == (claim.limit, claim.key) for x in each.decision.claims
                )
            ]
            if len(live) >= claim.calls and not claim.shadow:
                return None
        seconds = min(seconds, decision.seconds)
        for budget in decision.budgets:
            if budget.shadow:
                continue
            counted = list(self._counted(budget.limit, budget.key, budget.unit, now))
            if budget.unit in (Unit.NUMBERS, Unit.COUNTRIES):
                items = {item for _, item in counted}
                if budget.item not in items and len(items) >= budget.most:
                    return None
                continue
            left = budget.most - sum(call.uses(budget.unit) for call, _ in counted)
            if budget.unit is Unit.ATTEMPTS and left < 1:
                return None
            if budget.unit is Unit.SECONDS:
                seconds = min(seconds, left)
            if budget.unit is Unit.SPEND:
                seconds = tariff.lasts(left, seconds)
        if seconds < 1:
            return None
        call = Call(now, seconds, decision, tariff)
        self.calls.append(call)
        return call

    def _counted(self, limit: str, key: str, unit: Unit, now: int) -> Iterator[tuple[Call, str]]:
        """Find what counts in a window: until `within` after a call's end, attempts its begin."""
        for call in self.calls:
            for each in call.decision.budgets:
                if (each.limit, each.key, each.unit) == (limit, key, unit):
                    reserved = unit in (Unit.SPEND, Unit.SECONDS)
                    since = call.ends if reserved else call.begun
                    if now < since + each.within_s:
                        yield call, each.item

    def cost(self, until: int) -> int:
        """Return what all calls cost up to a moment."""
        return sum(
            each.tariff.cost(min(each.seconds, until - each.begun))
            for each in (*self.past, *self.calls)
        )


def passes(
    policy: Policy, thief: Thief, extension: str, number: Number, at: datetime
) -> Decision | None:
    """Return what a call claims, if rules let it pass and it costs anything."""
    decision = decide(policy, Request(extension, number, at), KNOWS[thief])
    free = decision.tariff is None or not decision.tariff.cost(decision.seconds)
    return None if decision.verdict is not Verdict.ALLOW or free else decision


def greedy(
    calls: Sequence[tuple[Decision, int]], span_s: int, *, steps_max: int = 20_000
) -> int:
    """Make calls of a plan over and over, the first that is let through first; return the cost.

    Args:
        calls: What to call and for how long, what is liked best first.
        span_s: For how long.
        steps_max: Calls after which it is given up: then the thief got no further.
    """
    ledger = Ledger()
    now = made = 0
    while 0 <= now < span_s and made < steps_max:
        ledger.forget(now)
        for decision, seconds in calls:
            while made < steps_max and ledger.make(decision, seconds, now) is not None:
                made += 1
        now = _next(ledger, now)
    return ledger.cost(span_s)


def _next(ledger: Ledger, now: int) -> int:
    """Return the next moment at which anything is given back; -1 where there is none."""
    moments = {
        moment
        for call in ledger.calls
        for moment in (
            call.ends,
            *(call.begun + each.within_s for each in call.decision.budgets),
            *(call.ends + each.within_s for each in call.decision.budgets),
        )
    }
    return min((each for each in moments if each > now), default=-1)
