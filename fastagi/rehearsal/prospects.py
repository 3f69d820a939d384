"""What calls ask for that are alike, kept: worked out before anything is looked up.

Two calls of one phone to one number differ, to the policy, only in what the stores know by then;
and in their moment, as far as hours and prices go. Those of two phones of one kind differ in the
name that is counted under besides. So decisions are worked out once for each kind of such a call
and for each thing that may be known of it, and found again from then on.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import datetime
from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.call.admit import budget_of, lease_of
from fastagi.call.asked import mark
from fastagi.call.brake import names_of
from fastagi.call.identify import Caller, read_address
from fastagi.policy.hours import names_at
from fastagi.policy.model import Request, Transport, Verdict
from fastagi.rehearsal.alike import (
    ALL_IS_WELL,
    Alike,
    Grounds,
    charged_to,
    decision_for,
    kind_of,
)
from fastagi.rehearsal.recent import Recent
from fastagi.rehearsal.wishes import due_of, wish_of

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Decision, Policy, Stage
    from fastagi.policy.scope import Novelty
    from fastagi.rehearsal.alike import Ground, Kind, Known
    from fastagi.rehearsal.wanted import Outcome, Wanted
    from fastagi.rehearsal.wishes import Due, Wish

MOST: Final = 16_384
"""Calls that are alike: those that were made last, of so many kinds at least, are kept."""

MOST_NUMBERS: Final = 16_384

SIGNED_IN: Final = "signed-in"
"""The sign-in of a lease that only counts where one is there."""

MINUTE_S: Final = 60
QUARTER: Final = 15  # minutes

CLOCK_S: Final = 0.5e-6
"""A moment is rounded to microseconds, as a `datetime` is."""


class Judged(NamedTuple):
    """A decision, and what a call takes by it where it is let through."""

    decision: Decision
    wish: Wish | None


class Who(NamedTuple):
    """An extension.

    Attributes:
        kind: The number of its kind.
        brakes: Those that it falls under, the widest first.
    """

    extension: str
    kind: int
    brakes: tuple[tuple[Stage, str], ...]


class Prospect:
    """A call as the policy sees it.

    Attributes:
        settled: What is answered whatever is known; None where that has to be looked up.
        marks: What tells that something is new no more, of that which the decision hangs on.
        leaves: The marks that the call leaves once it is let through.
        brakes: Those that it falls under, the widest first; none where none would touch it.
        dues: The budgets that the decision hangs on.
    """

    __slots__ = (
        "_alike",
        "_judged",
        "_of",
        "brakes",
        "dues",
        "extension",
        "leaves",
        "marks",
        "number",
        "settled",
    )

    def __init__(self, of: Prospects, alike: Alike, who: Who) -> None:
        self._of = of
        self._alike = alike
        self._judged: dict[Known, Judged] = {}
        extension = self.extension = who.extension
        number = self.number = alike.request.number
        self.settled: Outcome | None = alike.settled
        self.marks: tuple[tuple[Novelty, str], ...] = ()
        self.leaves: tuple[str, ...] = ()
        self.dues: tuple[Due, ...] = ()
        if alike.novel:
            self.marks = tuple([(each, mark(each, extension, number)) for each in alike.novel])
        if alike.leaves:
            self.leaves = tuple([mark(each, extension, number) for each in alike.leaves])
        if alike.budgets:
            mine = [charged_to(extension, each) for each in alike.budgets]
            self.dues = tuple([due_of(budget_of(each)) for each in mine])
        self.brakes = who.brakes if alike.is_braked else ()

    @property
    def request(self) -> Request:
        """The call, as it is put to the policy."""
        return replace(self._alike.request, extension=self.extension)

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """Where the phone is; None where that is not known."""
        return self._alike.request.address

    @property
    def caller(self) -> Caller:
        """Who calls."""
        request = self._alike.request
        place = request.address, request.transport, request.trunk
        return Caller(self.extension, "", "", *place, "", transferred=False)

    @property
    def scope(self) -> tuple[str, str]:
        """What factors are bound to that are remembered of the phone in its place."""
        return self.extension, self._alike.place

    def judged(self, known: Known = ALL_IS_WELL) -> Judged:
        """Decide by what is known."""
        found = self._judged.get(known)
        if found is None:
            found = self._judged[known] = self._of.judged(self._alike, self.extension, known)
        return found


Key = tuple[str, str, str, str, str, int]
"""Extension, what it dials, address, transport, trunk, and the place of the moment."""

KindKey = tuple[int, str, str, str, str, int]
"""The same, of any extension of a kind."""


class Prospects:
    """Those of calls that are made; time only goes forward."""

    def __init__(self, policy: Policy, slice_s: int) -> None:
        self._policy = policy
        self._slice_s = slice_s
        self._kept: Recent[Key, Prospect] = Recent(MOST)
        self._alike: Recent[KindKey, Alike] = Recent(MOST)
        self._grounds = Grounds()
        self._judged: Recent[tuple[Ground, str], Judged] = Recent(MOST)
        self._whos: Recent[str, Who] = Recent(MOST)
        self._kinds: dict[Kind, int] = {}
        self._numbers: Recent[str, Number] = Recent(MOST_NUMBERS)
        self._addresses: Recent[str, IPv4Address | IPv6Address | None] = Recent(MOST)
        self._moments: dict[tuple[frozenset[str], int], int] = {}
        rates = policy.rates
        self._changes = [] if rates is None else sorted(rates.sheet.changes_after(-1))
        self._step_s = MINUTE_S * _step(policy)
        self._place = 0
        self._place_ends = 0.0

    def of(self, wanted: Wanted, at: float) -> Prospect:
        """Return what is worked out of a call that is wanted at a moment."""
        if at >= self._place_ends:
            self._find_place(at)
        key = (
            wanted.extension,
            wanted.dialled,
            wanted.address,
            wanted.transport,
            wanted.trunk,
            self._place,
        )
        found = self._kept.get(key)
        if found is None:
            who = self._who(wanted.extension)
            found = Prospect(self, self._alike_of(who, wanted, at), who)
            self._kept.put(key, found)
        return found

    def judged(self, alike: Alike, extension: str, known: Known) -> Judged:
        """Decide on an extension's call by what is known."""
        key = alike.ground(known), extension
        found = self._judged.get(key)
        if found is None:
            found = self._judge(*key)
            self._judged.put(key, found)
        return found

    def number(self, dialled: str) -> Number:
        """Return what digits mean at the site."""
        number = self._numbers.get(dialled)
        if number is None:
            number = self._policy.plan.read(dialled)
            self._numbers.put(dialled, number)
        return number

    def _find_place(self, at: float) -> None:
        """Find out which hours hold, and which prices, and until when that is known."""
        step_s = self._step_s
        begun = (at + CLOCK_S) // step_s * step_s
        ends = begun + step_s
        names = names_at(self._policy, datetime.fromtimestamp(begun, self._policy.site.timezone))
        era = bisect_right(self._changes, at + CLOCK_S)
        if era < len(self._changes):
            ends = min(ends, self._changes[era])
        self._place = self._moments.setdefault((names, era), len(self._moments))
        self._place_ends = ends - CLOCK_S

    def _who(self, extension: str) -> Who:
        found = self._whos.get(extension)
        if found is None:
            kind = kind_of(self._policy, extension)
            place = self._kinds.setdefault(kind, len(self._kinds))
            found = Who(extension, place, names_of(self._policy, extension))
            self._whos.put(extension, found)
        return found

    def _alike_of(self, who: Who, wanted: Wanted, at: float) -> Alike:
        of = wanted.dialled, wanted.address, wanted.transport, wanted.trunk
        key = who.kind, *of, self._place
        found = self._alike.get(key)
        if found is None:
            request = Request(
                extension=who.extension,
                number=self.number(wanted.dialled),
                at=datetime.fromtimestamp(at, self._policy.site.timezone),
                address=self._address(wanted.address),
                transport=transport_of(wanted.transport),
                trunk=wanted.trunk,
            )
            found = Alike(self._policy, request, self._grounds)
            self._alike.put(key, found)
        return found

    def _judge(self, ground: Ground, extension: str) -> Judged:
        decision = decision_for(extension, ground.decision)
        if decision.verdict is not Verdict.ALLOW:
            return Judged(decision, None)
        lease = lease_of(
            self._policy.site.name,
            Caller(extension, "", "", None, None, "", "", transferred=False),
            ground.number,
            decision,
            "",
            0.0,
            SIGNED_IN,
            self._slice_s,
        )
        return Judged(decision, wish_of(lease))

    def _address(self, text: str) -> IPv4Address | IPv6Address | None:
        if not text:
            return None
        found = self._addresses.get(text)
        if found is None:
            found = read_address(text)
            self._addresses.put(text, found)
        return found


def _step(policy: Policy) -> int:
    """Return of how many minutes all are alike, as far as hours go: they begin and end between.

    Zones differ from UTC by whole quarters of an hour, and change their clocks at such.
    """
    clocks = {
        clock
        for hours in policy.hours.values()
        for period in hours.periods
        for clock in (period.start, period.end)
    } | policy.calendar.clocks
    return gcd(QUARTER, *(clock.minute for clock in clocks))


def transport_of(text: str) -> Transport | None:
    """Read a transport in any case, as `identify` does; None for what is not one."""
    try:
        return Transport(text.lower())
    except ValueError:
        return None
