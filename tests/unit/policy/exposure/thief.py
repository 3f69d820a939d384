"""Thieves that make calls second by second, against limits written down as plainly as can be.

The ledger reserves for a call what it will turn out to use, and no more: as kind to a thief as a
store could ever be, so what a real one leaves him is less.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from fastagi.policy.decision import decide
from fastagi.policy.exposure.ways import KNOWS
from fastagi.policy.model import Decision, Request, Unit, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from fastagi.numbering.number import Number
    from fastagi.policy.exposure.ways import Thief
    from fastagi.policy.model import Novelty, Policy
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

    def make(self, decision: Decision, seconds: int, now: int) -> Call | None:
        """Make a call that lasts so long, or as long as may be; None where a limit refuses it."""
        tariff = decision.tariff
        assert tariff is not None
        for claim in decision.claims:
            live = [
                each
                for each in self.calls
                if each.ends > now
                and any((x.limit, x.key) == (claim.limit, claim.key) for x in each.decision.claims)
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
        return sum(each.tariff.cost(min(each.seconds, until - each.begun)) for each in self.calls)


def passes(
    policy: Policy,
    thief: Thief,
    extension: str,
    number: Number,
    at: datetime,
    reading: tuple[frozenset[Novelty], frozenset[str]] = (frozenset(), frozenset()),
) -> Decision | None:
    """Return what a call claims, if rules let it pass and it costs anything.

    Args:
        policy: The site's.
        thief: What he knows.
        extension: Whose phone he has.
        number: Whom he calls.
        at: When.
        reading: What is new of the call, and what it is over.
    """
    novel, over = reading
    facts = replace(KNOWS[thief], novel=novel, over=over)
    decision = decide(policy, Request(extension, number, at), facts)
    free = decision.tariff is None or not decision.tariff.cost(decision.seconds)
    return None if decision.verdict is not Verdict.ALLOW or free else decision
