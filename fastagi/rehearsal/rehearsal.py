"""A policy tried on calls in made-up time: one after the other, as the gate would answer them.

    rehearsal = Rehearsal(policy)
    outcome = rehearsal.call(Wanted(at, "101", "900390612345678", talks_s=60))
    rehearsal.finish()

Calls are up until they are over, or are cut off; so limits fill, and empty, as time goes by. With
slices, calls are extended half a slice before what is reserved is over, as the watcher does it.
Nothing is read or written: time is told by whoever wants to call, and never goes back. What is
dated before the last call happens at the moment of that.

What nobody can know of made-up calls does not happen: everybody is enrolled; no `[[watch]]` sees
an attack, nobody reports a number or an address, no operator overrides a rule, puts a brake on or
clears a lockout; no call comes of a transfer or a forward, and none is ended for a lockout, a
brake or the end of a sign-in (`calls = "end"`).
"""

from __future__ import annotations

import heapq
import math
from typing import TYPE_CHECKING, Final

from fastagi.call.identify import ENDPOINT, UNIQUEID, read_address
from fastagi.numbering.number import Category
from fastagi.policy.decision import TRAPPED, class_of, is_known
from fastagi.policy.model import Reason, Verdict
from fastagi.policy.traps import is_trap
from fastagi.rehearsal.prospects import Prospects
from fastagi.rehearsal.sign_ins import place_of
from fastagi.rehearsal.story import Asked, Stories
from fastagi.rehearsal.wanted import EVERY_FACTOR, Outcome, Settlement

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Factor, Policy
    from fastagi.rehearsal.leases import CallName, Held
    from fastagi.rehearsal.wanted import Wanted

TIDY_S: Final = 3600.0
"""How often what counts no more is forgotten."""


def ignore(settlement: Settlement) -> None:
    """Do nothing about a call that is over."""


class Up:
    """A call that is up.

    Attributes:
        held: Its lease; None of inside and emergency calls, which need none.
        begun: When its last leg was let through.
        bound_s: How long that leg may last by now; 0 where nothing bounds it.
        longest_s: How long, if its budgets last.
        is_cut: Whether it will be cut off before it was to end, as far as is known by now.
        ends: When it is over, likewise.
        turn: Which of the moments that are due for it counts; those before do not any more.
    """

    __slots__ = (
        "begun",
        "bound_s",
        "ends",
        "held",
        "is_cut",
        "longest_s",
        "name",
        "outcome",
        "turn",
        "wanted",
    )

    def __init__(
        self, wanted: Wanted, outcome: Outcome, name: CallName, held: Held | None, begun: float
    ) -> None:
        self.wanted = wanted
        self.outcome = outcome
        self.name = name
        self.held = held
        self.begun = begun
        self.longest_s = outcome.seconds
        if held is not None and held.longest_s:
            self.longest_s = max(outcome.seconds, outcome.seconds + held.longest_s - held.seconds)
        self.turn = 0
        self.bound(outcome.seconds)

    def bound(self, seconds: int) -> None:
        """Let it last so many seconds and no more; 0 for as long as it likes."""
        wants_s = self.wanted.rings_s + self.wanted.talks_s
        self.bound_s = seconds
        self.is_cut = 0 < seconds < wants_s
        self.ends = self.begun + (seconds if self.is_cut else wants_s)


class Rehearsal:
    """See above.

    Args:
        policy: What is tried.
        slice_s: For how many seconds budgets are reserved at a time; 0 for the whole call.
        settled: Is told of each call that was let through, once it is over: in order of time.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        slice_s: int = 0,
        settled: Callable[[Settlement], None] = ignore,
    ) -> None:
        self.policy = policy
        self._slice_s = slice_s
        self._settled = settled
        self._stories = Stories(policy)
        self._prospects = Prospects(policy, slice_s)
        self._now = -math.inf
        self._tidied = -math.inf
        self._turns = 0
        self._due: list[tuple[float, int, Up]] = []
        self._up: dict[CallName, Up] = {}

    @property
    def up(self) -> int:
        """How many calls are up."""
        return len(self._up)

    def call(self, wanted: Wanted) -> Outcome:
        """Make a call; what is over by then ends first.

        Two of one name, to one number, from one Asterisk are one call, for as long as it is up:
        the second asks for its next trunk, where it rings and is talked on anew.
        """
        self.wait_until(wanted.at)
        now = self._now
        prospect = self._prospects.of(wanted, now)
        number, settled = prospect.number, prospect.settled
        is_named = not wanted.call or UNIQUEID.fullmatch(wanted.call)
        if not is_named and number.category is not Category.EMERGENCY:
            return Outcome(number, Verdict.DENY, "none", Reason.BAD_QUESTION)
        self._turns += 1
        name = (wanted.call or str(-self._turns), number.number, wanted.node)
        if settled is not None:
            if settled.verdict is Verdict.ALLOW:
                self._begin(wanted, settled, name, None)
            return settled
        asked = Asked(wanted, prospect, name, now)
        outcome = self._stories.tell(asked)
        if outcome.reason is Reason.SIGN_IN_REQUIRED and wanted.signs_in:
            place = wanted.address, wanted.transport
            if self.sign_in(wanted.extension, now, *place, wanted.can_show) is Reason.SIGNED_IN:
                asked = Asked(wanted, prospect, name, now)
                outcome = self._stories.tell(asked)
        if outcome.verdict is Verdict.ALLOW:
            self._begin(wanted, outcome, name, asked.held)
        return outcome

    def number(self, dialled: str) -> Number:
        """Return what digits mean at the site."""
        return self._prospects.number(dialled)

    def wait_until(self, at: float) -> None:
        """Let time go by: calls end, slices are extended."""
        due = self._due
        while due and due[0][0] <= at:
            moment, turn, up = heapq.heappop(due)
            if up.turn == turn:
                self._now = max(self._now, moment)
                self._look_after(up)
        if self._now < at:
            self._now = at
            if at >= self._tidied + TIDY_S:
                self._stories.tidy(at)
                self._tidied = at

    def finish(self) -> None:
        """Let every call that is up end, as time goes by."""
        while self._due:
            self.wait_until(self._due[0][0])

    def hang_up(self, call: str, at: float) -> None:
        """End a call before its time: on all numbers, at all nodes; nothing if it is not up."""
        self.wait_until(at)
        for up in [each for name, each in self._up.items() if name[0] == call]:
            talked_s = self._now - up.begun - up.wanted.rings_s
            self._end(up, min(talked_s, up.wanted.talks_s), is_cut=False)

    def sign_in(
        self,
        extension: str,
        at: float,
        address: str = "",
        transport: str = "",
        can_show: frozenset[Factor] = EVERY_FACTOR,
    ) -> Reason:
        """Sign in on an extension's own phone, at the keypad.

        Args:
            extension: Whose.
            at: When.
            address: Where the phone is. What is not told here is thought to be what is not told of
                its calls, either.
            transport: How it speaks, likewise.
            can_show: As of `Wanted`.

        Returns:
            SIGNED_IN, or why not.
        """
        self.wait_until(at)
        policy = self.policy
        if not ENDPOINT.fullmatch(extension):
            return Reason.NO_IDENTITY
        if is_trap(policy, extension):
            return TRAPPED.reason
        if not is_known(policy, extension, class_of(policy, extension)):
            return Reason.UNKNOWN_EXTENSION
        stories, factors = self._stories, policy.sign_in.factors
        wrong = stories.challenge(extension, read_address(address), factors, can_show, self._now)
        if wrong is not None:
            return wrong
        stories.sign_ins.open(extension, place_of(address, transport), self._now)
        return Reason.SIGNED_IN

    def sign_off(self, extension: str, at: float) -> Reason:
        """Sign off, wherever the extension is signed in."""
        self.wait_until(at)
        self._stories.sign_ins.end_all(extension)
        return Reason.SIGNED_OFF

    # ------------------------------------------------------------------ while it is up

    def _begin(self, wanted: Wanted, outcome: Outcome, name: CallName, held: Held | None) -> None:
        before = self._up.get(name)
        if before is not None:  # that leg is over; the lease goes on
            before.turn = 0
        up = self._up[name] = Up(wanted, outcome, name, held, self._now)
        self._watch(up)

    def _watch(self, up: Up) -> None:
        """Look after a call again when it ends, or half a slice before it would have to."""
        moment = up.ends
        if up.is_cut and self._slice_s and up.bound_s < up.longest_s:
            moment -= self._slice_s / 2
        self._turns += 1
        up.turn = self._turns
        heapq.heappush(self._due, (moment, up.turn, up))

    def _look_after(self, up: Up) -> None:
        held = up.held
        if self._now >= up.ends or held is None:
            is_cut, wanted = up.is_cut, up.wanted
            talked_s = up.bound_s - wanted.rings_s if is_cut else wanted.talks_s
            self._end(up, talked_s, is_cut=is_cut)
            return
        before = held.seconds
        self._stories.leases.extend(held, before + self._slice_s, self._now)
        if held.seconds > before:
            up.bound(up.bound_s + held.seconds - before)
        else:  # nothing is left to go on with
            up.longest_s = up.bound_s
        self._watch(up)

    def _end(self, up: Up, answered_s: float, *, is_cut: bool) -> None:
        del self._up[up.name]
        up.turn = 0
        wanted, held = up.wanted, up.held
        talked_s = max(0, math.ceil(answered_s))
        cost: int | None = 0
        if held is not None:
            talked_s = self._stories.leases.release(held, talked_s, self._now)
            cost = None if held.tariff is None else held.tariff.cost(talked_s)
        self._settled(Settlement(wanted, up.outcome, self._now, talked_s, cost, is_cut))
