"""What of a call can be worked out before anything is looked up, kept for calls that are alike.

Two calls of one phone to one number differ, to the policy, only in what the stores know by then;
and in their moment, as far as hours and prices go. So decisions are worked out once for each such
call and for each thing that may be known of it, and found again from then on.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime
from math import gcd
from typing import TYPE_CHECKING, Final, NamedTuple

from fastagi.call.admit import budget_of, lease_of
from fastagi.call.asked import mark, notes_of
from fastagi.call.brake import names_of
from fastagi.call.identify import ENDPOINT, Caller, read_address
from fastagi.numbering.number import Category
from fastagi.policy.asking import question_of
from fastagi.policy.decision import TRAPPED, decide, may_be_braked
from fastagi.policy.hours import names_at
from fastagi.policy.model import Factor, Facts, Reason, Request, Transport, Verdict
from fastagi.policy.traps import is_touched
from fastagi.rehearsal.recent import Recent
from fastagi.rehearsal.wanted import Outcome
from fastagi.rehearsal.wishes import due_of, wish_of

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from fastagi.numbering.number import Number
    from fastagi.policy.model import Decision, Policy, Stage
    from fastagi.policy.scope import Novelty
    from fastagi.rehearsal.wanted import Wanted
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

NOBODY: Final[frozenset[Factor]] = frozenset()
NOTHING_NEW: Final[frozenset[Novelty]] = frozenset()
NONE: Final[frozenset[str]] = frozenset()


class Known(NamedTuple):
    """`Facts`, as far as a rehearsal knows any, to be found by."""

    locked_out: bool = False
    shown: frozenset[Factor] = NOBODY
    proven_s: tuple[tuple[Factor, float], ...] = ()
    signed_in: bool = False
    known_country: bool = True
    novel: frozenset[Novelty] = NOTHING_NEW
    over: frozenset[str] = NONE
    braked: Stage | None = None
    overridden: bool = False


ALL_IS_WELL: Final = Known()


class Judged(NamedTuple):
    """A decision, and what a call takes by it where it is let through."""

    decision: Decision
    wish: Wish | None


class Prospect:
    """A call as the policy sees it, whoever it is.

    Attributes:
        settled: What is answered whatever is known; None where that has to be looked up.
        marks: What tells that something is new no more, of that which the decision hangs on.
        leaves: The marks that the call leaves once it is let through.
        scope: What factors are bound to that are remembered of the phone in its place.
        brakes: Those that it falls under, the widest first; none where none would touch it.
        dues: The budgets that the decision hangs on.
    """

    __slots__ = (
        "_judged",
        "_policy",
        "_slice_s",
        "brakes",
        "caller",
        "dues",
        "leaves",
        "marks",
        "number",
        "request",
        "scope",
        "settled",
    )

    def __init__(self, policy: Policy, request: Request, caller: Caller, slice_s: int) -> None:
        self._policy = policy
        self._slice_s = slice_s
        self._judged: dict[Known, Judged] = {}
        self.request = request
        self.caller = caller
        number = self.number = request.number
        extension = request.extension
        self.scope = (extension, str(request.address))
        self.settled: Outcome | None = None
        question = question_of(policy, request)
        self.marks = tuple(
            (each, mark(each, extension, number)) for each in sorted(question.novel)
        )
        self.leaves = tuple(each.key for each in notes_of(policy, extension, number, 0.0))
        touched = may_be_braked(policy, request)
        self.brakes = names_of(policy, extension) if touched else ()
        self.dues: tuple[Due, ...] = tuple(due_of(budget_of(each)) for each in question.budgets)

    def judged(self, known: Known = ALL_IS_WELL) -> Judged:
        """Decide by what is known."""
        found = self._judged.get(known)
        if found is None:
            found = self._judged[known] = self._judge(known)
        return found

    def _judge(self, known: Known) -> Judged:
        facts = Facts(
            locked_out=known.locked_out,
            shown=known.shown,
            proven_s=dict(known.proven_s),
            signed_in=known.signed_in,
            known_country=known.known_country,
            overridden=known.overridden,
            novel=known.novel,
            over=known.over,
            braked=known.braked,
        )
        decision = decide(self._policy, self.request, facts)
        if decision.verdict is not Verdict.ALLOW:
            return Judged(decision, None)
        lease = lease_of(
            self._policy.site.name,
            self.caller,
            self.number,
            decision,
            "",
            0.0,
            SIGNED_IN,
            self._slice_s,
        )
        return Judged(decision, wish_of(lease))


Key = tuple[str, str, str, str, str, int]
"""Extension, what it dials, address, transport, trunk, and the place of the moment."""


class Prospects:
    """Those of calls that are made; time only goes forward."""

    def __init__(self, policy: Policy, slice_s: int) -> None:
        self._policy = policy
        self._slice_s = slice_s
        self._kept: Recent[Key, Prospect] = Recent(MOST)
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
            found = self._make(wanted, at)
            self._kept.put(key, found)
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

    def _make(self, wanted: Wanted, at: float) -> Prospect:
        policy, extension = self._policy, wanted.extension
        number = self.number(wanted.dialled)
        address = self._address(wanted.address)
        transport = transport_of(wanted.transport)
        request = Request(
            extension=extension,
            number=number,
            at=datetime.fromtimestamp(at, policy.site.timezone),
            address=address,
            transport=transport,
            trunk=wanted.trunk,
        )
        caller = Caller(
            extension, "", "", address, transport, wanted.trunk, wanted.node, transferred=False
        )
        prospect = Prospect(policy, request, caller, self._slice_s)
        prospect.settled = _settled(policy, prospect)
        return prospect

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


def _settled(policy: Policy, prospect: Prospect) -> Outcome | None:
    """Return what is answered before anything is looked up, if that settles the call."""
    number, extension = prospect.number, prospect.request.extension
    if number.category is Category.EMERGENCY:
        return Outcome(number, Verdict.ALLOW, Category.EMERGENCY, Reason.EMERGENCY)
    if not ENDPOINT.fullmatch(extension):
        return Outcome(number, Verdict.DENY, "none", Reason.NO_IDENTITY)
    if is_touched(policy, extension, number):
        return Outcome(number, Verdict.DENY, TRAPPED.rule, TRAPPED.reason, TRAPPED)
    if number.category is Category.INTERNAL:
        inside = prospect.judged().decision
        if inside.verdict is Verdict.ALLOW:
            return Outcome(number, Verdict.ALLOW, inside.rule, inside.reason, inside)
    return None
