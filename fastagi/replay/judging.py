"""One call of the past after another: what it looks like, and what policies would have done.

Calls come in order of time, and so does what is made of them, but for those that are let through:
what became of such a call is known when it is over. So few calls are held at a time as are up.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, assert_never

from fastagi.numbering.number import Category
from fastagi.policy.model import Unit, Verdict
from fastagi.replay.attack import Attacks
from fastagi.replay.destinations import Atlas
from fastagi.replay.judged import OR, Codes, Effect, Judged, Under
from fastagi.replay.looks import Looks
from fastagi.replay.office_hours import Wall
from fastagi.replay.replaying import HONEST, Assumptions, wanted_of
from fastagi.replay.traits import Look

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.cdr.past_call import PastCall
    from fastagi.numbering.number import Number
    from fastagi.policy.model import Policy
    from fastagi.rehearsal.wanted import Outcome, Settlement, Wanted
    from fastagi.replay.attack import Suspect
    from fastagi.replay.destinations import Destination
    from fastagi.replay.office_hours import Moment
    from fastagi.replay.traits import Looked

THIEF: Final = Assumptions(can_show=frozenset(), signed_in=False)
"""Who has the SIP password and nothing else; what is asked for is guessed wrong."""

SILENT: Final = Assumptions(can_show=frozenset(), signed_in=False, silent=True)
"""Who does not even guess: honest people would lock themselves out."""

UNSETTLED: Final = frozenset({Category.INTERNAL, Category.EMERGENCY})
"""What no limit counts, and costs nothing."""

LONGEST: Final = "the longest call"
"""What ends a call that no limit does: the site's `longest`."""


class Rehearsing(Protocol):
    """What is asked of a rehearsal."""

    def call(self, wanted: Wanted) -> Outcome:
        """Make a call; what is over by then ends first."""

    def finish(self) -> None:
        """End every live call."""

    def number(self, dialled: str) -> Number:
        """Return what digits mean at the site."""


class Judging:
    """Judges calls of the past by a policy, or by two side by side.

    Args:
        policy: What is tried; looks, prices and hours are by it.
        rehearse: Begins the rehearsal of a policy; it is told how calls end.
        told: What is to be done with each call once it is known what became of it.
        against: The policy beside it; None where there is none.
        codes: Who is taken to key the right PIN or code.
    """

    def __init__(
        self,
        policy: Policy,
        rehearse: Callable[[Policy, Callable[[Settlement], None]], Rehearsing],
        told: Callable[[Judged], None],
        *,
        against: Policy | None = None,
        codes: Codes = Codes.HONEST,
    ) -> None:
        self._told = told
        self._takes = {look: _taken_for(codes, look) for look in Look}
        policies = [each for each in (policy, against) if each is not None]
        self._sides = [
            _Side(each, rehearse(each, partial(self._settle, place)))
            for place, each in enumerate(policies)
        ]
        self._atlas = Atlas(policy, read=self._sides[0].number)
        self._wall, self._looks = Wall(policy), Looks()
        self._up: dict[object, _Held] = {}
        self.attacks = Attacks()
        self.hours = self._wall.name
        self.retries = 0
        """Records that only ask for their call's next trunk."""

    def take(self, call: PastCall) -> None:
        """Judge a call; calls come in order of time."""
        to = self._atlas.find(call.dialled, call.at)
        moment = self._wall.at(call.at)
        seen = self._looks.look(call, to, moment)
        was = to.cost(call.talked_s)
        wanted = wanted_of(call, self._takes[seen.look])
        outcomes = [side.call(wanted) for side in self._sides]
        name = _name(wanted, to.number)
        before = self._up.get(name)
        if before is not None:
            self.retries += 1
            before.goes_on(was)
            return
        held = _Held(call, to, moment, seen, was, wanted, name, len(self._sides))
        held.suspect = self.attacks.begin(call, to, seen, was)
        self._up[name] = held
        for place, outcome in enumerate(outcomes):
            self._answered(held, place, outcome)

    def finish(self) -> None:
        """End every call that is up."""
        for side in self._sides:
            side.finish()

    def _answered(self, held: _Held, place: int, outcome: Outcome) -> None:
        if outcome.verdict is not Verdict.ALLOW:
            self._known(held, place, Under(Effect.REFUSED, outcome.rule, outcome.reason, 0))
        elif outcome.number.category in UNSETTLED:
            self._known(held, place, Under(Effect.SAME, outcome.rule, outcome.reason, held.was))

    def _settle(self, place: int, settlement: Settlement) -> None:
        outcome = settlement.outcome
        held = self._up.get(_name(settlement.wanted, outcome.number))
        if held is None or held.unders[place] is not None:
            return  # of an inside call, or a call for help
        rule = outcome.rule
        if settlement.is_cut:
            lasted_s = round(settlement.ended - settlement.wanted.at)
            effect, rule = Effect.CUT, self._sides[place].cut_by(outcome, lasted_s)
        else:
            effect = Effect.STEPPED_UP if outcome.asked else Effect.SAME
        still = held.to.cost(settlement.talked_s)
        self._known(held, place, Under(effect, rule, outcome.reason, still))

    def _known(self, held: _Held, place: int, under: Under) -> None:
        held.unders[place] = under
        if held.suspect is not None:
            settle = held.suspect.settle_beside if place else held.suspect.settle
            settle(under)
        first, *others = held.unders
        if first is None or None in others:
            return
        del self._up[held.name]
        other = others[0] if others else None
        self._told(Judged(held.call, held.to, held.moment, held.seen, held.was, first, other))


def _taken_for(codes: Codes, look: Look) -> Assumptions:
    """Return what is assumed of whoever makes a call that looks like that."""
    match codes:
        case Codes.ALL:
            return HONEST
        case Codes.NONE:
            return SILENT
        case Codes.HONEST:
            return THIEF if look is Look.FRAUD else HONEST
        case unknown:
            assert_never(unknown)


class _Held:
    """A call of which it is not known yet what became of it."""

    __slots__ = ("call", "moment", "name", "seen", "suspect", "to", "unders", "wanted", "was")

    def __init__(
        self,
        call: PastCall,
        to: Destination,
        moment: Moment,
        seen: Looked,
        was: int | None,
        wanted: Wanted,
        name: object,
        sides: int,
    ) -> None:
        self.call, self.to, self.moment, self.seen, self.was = call, to, moment, seen, was
        self.wanted, self.name = wanted, name
        self.suspect: Suspect | None = None
        self.unders: list[Under | None] = [None] * sides

    def goes_on(self, was: int | None) -> None:
        """Take in that it asked for its next trunk, and what it cost there."""
        self.was = None if self.was is None or was is None else self.was + was


class _Side:
    """One policy, and its rehearsal."""

    def __init__(self, policy: Policy, rehearsal: Rehearsing) -> None:
        self._policy = policy
        self.call = rehearsal.call
        self.number = rehearsal.number
        self.finish = rehearsal.finish

    def cut_by(self, outcome: Outcome, lasted_s: int) -> str:
        """Return the limits that may have ended a call before its time, after so long."""
        limits, longest_s = self._policy.limits, self._policy.site.longest_s
        names = [each.name for each in limits if each.duration_s == lasted_s]
        if not names and outcome.decision is not None and lasted_s < longest_s:
            bought = (Unit.SPEND, Unit.SECONDS)
            budgets = outcome.decision.budgets
            names = [each.limit for each in budgets if each.unit in bought and not each.shadow]
        return OR.join(dict.fromkeys(names)) or LONGEST


def _name(wanted: Wanted, number: Number) -> object:
    """Name a call, as a rehearsal does: what has no name is one by itself."""
    if not wanted.call:
        return id(wanted)  # it is kept for as long as this stands for it
    return wanted.call, wanted.node, number.number
