"""The contract of a store, written down as plainly as can be: lists and dicts, one thread.

What the real stores are held against. It reads the contract's words one by one and knows nothing
of tables; being slow and forgetful is its strength.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastagi.stores.budgets import (
    Budget,
    Charge,
    Level,
    Unit,
    amount_of,
    charge_id,
    is_crossed,
    seconds_for,
    used_of,
)
from fastagi.stores.records import Record
from fastagi.stores.sign_ins import REMEMBERED_S, Origin, SignedOff, SignIn
from fastagi.stores.store import (
    NOTHING_ASKED,
    Asked,
    Attempt,
    Dossier,
    Enrolment,
    Failed,
    FailureKind,
    Full,
    Hold,
    Known,
    Lease,
    Lockout,
    Longer,
    NotSignedIn,
    Penalty,
    Served,
    Standing,
    Subject,
    SubjectKind,
    Taken,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOCKS_DIFFER_S = 60.0


@dataclass
class Failure:
    """One failure of one subject."""

    attempt: int
    of: tuple[str, SubjectKind, str]
    kind: FailureKind
    at: float
    forget: float
    spent: int | None = None


@dataclass
class Locked:
    """One lockout of one subject, in force or over."""

    attempt: int
    of: tuple[str, SubjectKind, str]
    kind: FailureKind
    since: float
    until: float
    row: int
    forget: float

    def shown(self) -> Lockout:
        """Return it as the contract shows it."""
        return Lockout(*self.of, self.since, self.until, self.row, self.kind)


@dataclass
class Proof:
    """One factor, proven in one scope."""

    at: float
    until: float


@dataclass
class Signed:
    """One sign-in.

    Attributes:
        shown: As it was opened, used and ended; what time ends is not in it until it is looked at
            to be ended.
        lived: When the last of its leases was over that nobody released.
        undo: The attempt that ended it by a lockout, while that may be taken back.
    """

    shown: SignIn
    lived: float
    undo: int | None = None


@dataclass
class Counted:
    """What a window is charged under one id."""

    amount: int
    until: float
    within_s: int


Window = tuple[str, str, str, Unit]
"""A site, and what is counted under."""

Name = tuple[str, str, str, str]
"""Of a lease: its site, call, number and node."""


class NaiveStore:
    """What a store is to answer."""

    def __init__(self) -> None:
        self.leases: list[Lease] = []
        self.failures: list[Failure] = []
        self.locked: list[Locked] = []
        self.attempts = 0
        self.enrolled: dict[tuple[str, str], Enrolment] = {}
        self.steps: dict[tuple[str, str], int] = {}
        self.proofs: dict[tuple[str, str, str, str], Proof] = {}
        self.dialled: dict[tuple[str, str, str], float] = {}
        self.signed: list[Signed] = []
        self.records: dict[tuple[str, str, str], Record] = {}
        self.counted: dict[tuple[Window, str], Counted] = {}
        self.most: dict[Window, int] = {}
        self.reserved: dict[Name, dict[Window, str]] = {}
        self.own: dict[Name, dict[Window, str]] = {}

    # ------------------------------------------------------------------ leases

    def take(self, lease: Lease, now: float) -> Taken | Full | NotSignedIn:
        """See `Leases`."""
        lives = [each.id for each in self.live_sign_ins(lease.site, lease.extension, now)]
        if lease.sign_in and lease.sign_in not in lives:
            return NotSignedIn()
        held = self._held(lease.site, lease.call, lease.number, lease.node, now)
        if held is not None and held.extension != lease.extension:
            return Taken(held, fresh=False)
        holds: list[Hold] = []
        over: list[str] = []
        for hold in lease.holds:
            kept = [
                each
                for each in ([] if held is None else held.holds)
                if (each.limit, each.key) == (hold.limit, hold.key)
            ]
            holds += kept or [hold]
            if kept:
                continue
            others = [
                each
                for each in self.live(lease.site, now)
                if (hold.limit, hold.key) in {(other.limit, other.key) for other in each.holds}
            ]
            if len(others) < hold.calls:
                continue
            if not hold.shadow:
                return Full(hold.limit, hold.key)
            over.append(hold.limit)
        lacks = self._lacking(lease, held)
        of = lease if held is None else held
        money = [[x for x in each if x.unit is Unit.SPEND] for each in (lacks, of.budgets)]
        if money[0] and not money[1]:
            of = replace(of, tariff=lease.tariff)
        least_s = min(lease.least_s, lease.seconds) if held is None else held.seconds
        granted = of.seconds
        for budget in lacks:
            used = self._used(_window(lease.site, budget), now)
            left = budget.most - used
            if budget.shadow:
                continue
            if budget.unit.is_reserved:
                lasts = seconds_for(budget.unit, left, of.seconds, of.tariff)
                if lasts < least_s:
                    return Full(budget.limit, budget.key, budget.unit)
                granted = min(granted, lasts)
            elif left < 1 and not (
                budget.unit.is_distinct
                and (_window(lease.site, budget), budget.item) in self.counted
            ):
                return Full(budget.limit, budget.key, budget.unit)
        self._use(lease, now)
        self._drop(lease.site, lease.call, lease.number, lease.node, now)
        if held is not None:
            after = replace(of, holds=tuple(holds), budgets=(*held.budgets, *lacks))
        else:
            self.reserved.pop(_name(lease), None)
            self.own.pop(_name(lease), None)
            ends = lease.expires - (lease.seconds - granted)
            after = replace(lease, seconds=granted, expires=ends, budgets=tuple(lacks), notes=())
            for note in lease.notes:
                key = (lease.site, note.kind, note.key)
                self.records[key] = Record(note.key, note.text, note.until)
            self.dialled.setdefault((lease.site, lease.extension, lease.country), now)
        self.leases.append(after)
        names, crossed = self._charge(after, lacks)
        return Taken(after, held is None, (*over, *names), tuple(crossed))

    def extend(
        self, site: str, call: str, number: str, node: str, seconds: int, now: float
    ) -> Longer | None:
        """See `Leases`."""
        held = self._held(site, call, number, node, now)
        if held is None:
            return None
        wanted = min(seconds, held.longest_s or held.seconds)
        granted = wanted
        if wanted <= held.seconds:
            return Longer(held)
        for budget in held.budgets:
            if not budget.unit.is_reserved:
                continue
            window = _window(site, budget)
            left = budget.most - self._used(window, now)
            has = self.counted.get((window, self.reserved[_name(held)][window]))
            left += 0 if has is None else has.amount
            if not budget.shadow:
                granted = min(granted, seconds_for(budget.unit, left, wanted, held.tariff))
        if granted <= held.seconds:
            return Longer(held)
        longer = replace(held, seconds=granted, expires=held.expires + (granted - held.seconds))
        self._put(held, longer)
        crossed = []
        for budget in held.budgets:
            if budget.unit.is_settled:
                window = _window(site, budget)
                amount = amount_of(budget.unit, granted, held.tariff)
                id = self.reserved[_name(held)][window]
                had, used = self.counted.get((window, id)), self._used(window, now)
                if had is None:
                    self.most[window] = budget.most
                after = used + amount - (0 if had is None else had.amount)
                if not budget.shadow and is_crossed(used, after, budget.most):
                    crossed.append(Level(*budget.window, after, budget.most))
                until = longer.expires + budget.within_s
                self.counted[window, id] = Counted(amount, until, budget.within_s)
        return Longer(longer, tuple(crossed))

    def release(
        self,
        site: str,
        call: str,
        number: str | None,
        node: str | None,
        now: float,
        talked_s: int | None = None,
    ) -> int:
        """See `Leases`."""
        there = [
            each
            for each in self.leases
            if (each.site, each.call) == (site, call)
            and number in (None, each.number)
            and node in (None, each.node)
        ]
        ended = [each for each in there if now < each.expires]
        for each in ended:
            self._use(each, now)
        for each in there:
            self._settle(each, now, talked_s)
        self._drop(site, call, number, node, now)
        return len(ended)

    def renew(
        self, site: str, call: str, number: str, node: str, expires: float, now: float
    ) -> bool:
        """See `Leases`."""
        held = self._held(site, call, number, node, now)
        if held is None:
            return False
        if held.expires < expires:
            self._put(held, replace(held, expires=expires))
        return True

    def live(self, site: str | None, now: float) -> Sequence[Lease]:
        """See `Leases`."""
        found = [each for each in self.leases if site in (None, each.site) and now < each.expires]
        return sorted(
            found, key=lambda each: (each.since, each.site, each.call, each.number, each.node)
        )

    def _held(self, site: str, call: str, number: str, node: str, now: float) -> Lease | None:
        for each in self.live(site, now):
            if (each.call, each.number, each.node) == (call, number, node):
                return each
        return None

    def _drop(
        self, site: str, call: str, number: str | None, node: str | None, now: float
    ) -> None:
        stay = [
            each
            for each in self.leases
            if (each.site, each.call) != (site, call)
            or number not in (None, each.number)
            or node not in (None, each.node)
        ]
        self._outlive([each for each in self.leases if each not in stay], now)
        self.leases = stay

    def _put(self, held: Lease, lease: Lease) -> None:
        """Put a lease in the place of another, and let its charges end as it does."""
        self.leases = [lease if each is held else each for each in self.leases]
        for window, id in self.reserved.get(_name(lease), {}).items():
            has = self.counted.get((window, id))
            if has is not None:
                has.until = lease.expires + has.within_s

    def _lacking(self, lease: Lease, held: Lease | None) -> list[Budget]:
        """Return what a lease is to be charged to, and the one that it holds is not; each once."""
        has = [] if held is None else [each.window for each in held.budgets]
        lacks: list[Budget] = []
        for budget in lease.budgets:
            if budget.window not in [*has, *(each.window for each in lacks)]:
                lacks.append(budget)
        return lacks

    def give_up_expired(self, now: float) -> None:
        """Let leases that have expired be settled no more: what they are charged counts whole."""
        for each in self.leases:
            if each.expires <= now:
                self.reserved.pop(_name(each), None)

    def _used(self, window: Window, now: float) -> int:
        """Return what is used of a window; what is over is forgotten."""
        self.counted = {
            key: each for key, each in self.counted.items() if key[0] != window or now < each.until
        }
        return sum(each.amount for key, each in self.counted.items() if key[0] == window)

    def _charge(self, lease: Lease, lacks: Sequence[Budget]) -> tuple[list[str], list[Level]]:
        over: list[str] = []
        crossed = []
        for budget in lacks:
            window = _window(lease.site, budget)
            used = sum(each.amount for key, each in self.counted.items() if key[0] == window)
            self.most[window] = budget.most
            amount = amount_of(budget.unit, lease.seconds, lease.tariff)
            since = lease.expires if budget.unit.is_settled else lease.since
            id = charge_id(lease.call, lease.number, lease.node, lease.since)
            if budget.unit.is_distinct:
                id = budget.item
            while not budget.unit.is_distinct and (window, id) in self.counted:
                id += "+"
            new = Counted(amount, since + budget.within_s, budget.within_s)
            old = self.counted.get((window, id))
            if old is None or old.until < new.until:
                self.counted[window, id] = new
            self.own.setdefault(_name(lease), {})[window] = id
            if budget.unit.is_settled:
                self.reserved.setdefault(_name(lease), {})[window] = id
            after = used + amount - (0 if old is None else old.amount)
            if budget.shadow and after > max(used, budget.most) and budget.limit not in over:
                over.append(budget.limit)
            if not budget.shadow and is_crossed(used, after, budget.most):
                crossed.append(Level(*budget.window, after, budget.most))
        return over, crossed

    def _settle(self, lease: Lease, now: float, talked_s: int | None) -> None:
        if talked_s is None and lease.since <= now:
            talked_s = math.ceil(now - lease.since)
        for window, id in self.reserved.pop(_name(lease), {}).items():
            has = self.counted.get((window, id))
            if has is not None:
                if talked_s is not None:
                    seconds = max(0, min(talked_s, lease.seconds))
                    has.amount = min(has.amount, used_of(window[3], seconds, lease.tariff))
                has.until = min(now, lease.expires) + has.within_s
                if has.amount == 0:
                    del self.counted[window, id]

    def spent(self, site: str, now: float) -> Sequence[Level]:
        """See `Leases`."""
        windows = sorted({window for window, _ in self.counted if window[0] == site})
        levels = [self._level(window, now) for window in windows]
        return [each for each in levels if each.used > 0]

    def _level(self, window: Window, now: float) -> Level:
        counts = {
            id: each.amount
            for (of, id), each in self.counted.items()
            if of == window and now < each.until
        }
        held = [self.reserved.get(_name(each), {}).get(window) for each in self.live(None, now)]
        reserved = sum(counts[id] for id in held if id in counts)
        return Level(*window[1:], sum(counts.values()), self.most[window], reserved)

    def _outlive(self, gone: Sequence[Lease], now: float) -> None:
        """Note when leases were over that nobody released."""
        for lease in gone:
            for signed in self._signed(lease.site, lease.extension, lease.sign_in):
                if lease.expires <= now:
                    signed.lived = max(signed.lived, lease.expires)

    def _use(self, lease: Lease, now: float) -> None:
        """Note that a call of a sign-in was let through, or is over."""
        for signed in self._signed(lease.site, lease.extension, lease.sign_in):
            signed.shown = replace(signed.shown, used=max(signed.shown.used, now))

    # ------------------------------------------------------------------ failures

    def begin_attempt(
        self,
        site: str,
        subjects: tuple[Subject, ...],
        kind: FailureKind,
        penalty: Penalty,
        now: float,
    ) -> Attempt | Lockout:
        """See `Failures`."""
        whom = {(site, subject.kind, subject.name) for subject in subjects}
        in_force = [each for each in self.locked if each.of in whom and now < each.until]
        if in_force:
            ends = max(each.until for each in in_force)
            first = next(
                subject
                for subject in subjects
                for each in in_force
                if each.of[1:] == (subject.kind, subject.name) and each.until == ends
            )
            return next(
                each.shown()
                for each in in_force
                if each.of[1:] == (first.kind, first.name) and each.until == ends
            )
        self.attempts += 1
        for subject in subjects:
            of = (site, subject.kind, subject.name)
            forget = now + penalty.at_most_s
            self.failures.append(Failure(self.attempts, of, kind, now, forget))
            counting = [
                each
                for each in self.failures
                if (each.of, each.kind, each.spent) == (of, kind, None)
            ]
            remembered = [each for each in counting if now < each.at + penalty.at_most_s]
            if len(remembered) >= subject.allowed:
                self._lock_out(of, kind, penalty, now)
                for each in counting:
                    each.spent = self.attempts
                if subject.kind is SubjectKind.EXTENSION:
                    theirs = [
                        each
                        for each in self.signed
                        if each.shown.site == site
                        and subject.name in (each.shown.extension, each.shown.person)
                    ]
                    self._finish(theirs, SignedOff.LOCKOUT, now, self.attempts)
        return Attempt(site, self.attempts, subjects)

    def _lock_out(
        self, of: tuple[str, SubjectKind, str], kind: FailureKind, penalty: Penalty, now: float
    ) -> None:
        rows = [
            each.row
            for each in self.locked
            if (each.of, each.kind) == (of, kind) and now < each.until + penalty.at_most_s
        ]
        row = max(rows, default=0) + 1
        length = penalty.for_s
        for _ in range(1, row):
            length *= 2
        until = now + min(length, penalty.at_most_s)
        forget = until + penalty.at_most_s
        self.locked.append(Locked(self.attempts, of, kind, now, until, row, forget))

    def succeed(self, attempt: Attempt, now: float, *, anew: bool = True) -> None:
        """See `Failures`."""
        own = [
            each
            for each in self.failures
            if (each.attempt, each.of[0]) == (attempt.id, attempt.site) and now < each.forget
        ]
        for failure in own:
            self.locked = [
                each for each in self.locked if (each.attempt, each.of) != (attempt.id, failure.of)
            ]
            if failure.of[1] is SubjectKind.EXTENSION:
                for signed in self.signed:
                    if (signed.shown.site, signed.undo) == (attempt.site, attempt.id):
                        signed.shown = replace(signed.shown, ended=None, why=None)
                        signed.undo = None
            if anew and failure.of[1] is not SubjectKind.ADDRESS:
                same = (failure.of, failure.kind)
                self.failures = [each for each in self.failures if (each.of, each.kind) != same]
                self.locked = [
                    each
                    for each in self.locked
                    if (each.of, each.kind) != same or now < each.until
                ]
            else:
                self.failures.remove(failure)
                for each in self.failures:
                    if (each.of, each.spent) == (failure.of, attempt.id):
                        each.spent = None

    def lockouts(self, site: str | None, now: float) -> Sequence[Lockout]:
        """See `Failures`."""
        last: dict[tuple[str, SubjectKind, str], Lockout] = {}
        for each in self.locked:
            shown = each.shown()
            if site in (None, each.of[0]) and now < each.until:
                best = last.get(each.of)
                last[each.of] = shown if best is None or best.until < each.until else best
        return sorted(
            last.values(), key=lambda each: (-each.until, each.site, each.kind, each.name)
        )

    def clear(self, site: str, kind: SubjectKind, name: str, now: float) -> bool:
        """See `Failures`."""
        of = (site, kind, name)
        rows: list[Failure | Locked] = [*self.failures, *self.locked]
        found = any(each.of == of and now < each.forget for each in rows)
        self.failures = [each for each in self.failures if each.of != of]
        self.locked = [each for each in self.locked if each.of != of]
        return found

    # ------------------------------------------------------------------ enrolments

    def enrolments(self, site: str) -> Sequence[Enrolment]:
        """See `Enrolments`."""
        return [self.enrolled[each] for each in sorted(self.enrolled) if each[0] == site]

    def enrol(self, site: str, new: Enrolment) -> None:
        """See `Enrolments`."""
        whose = (site, new.extension)
        old = self.enrolled.get(whose, Enrolment(new.extension))
        after = Enrolment(
            new.extension,
            old.pin if new.pin is None else new.pin,
            old.totp if new.totp is None else new.totp,
            new.recovery or old.recovery,
            new.since,
        )
        if whose not in self.enrolled or (old.pin, old.totp) != (after.pin, after.totp):
            self._forget_proofs(whose)
            self._revoke(whose, new.since)
        if old.totp != after.totp:
            self.steps.pop(whose, None)
        self.enrolled[whose] = after

    def rekey(self, site: str, verified: Enrolment, renewed: Enrolment) -> bool:
        """See `Enrolments`."""
        enrolled = self._in_force(site, verified)
        if enrolled is None:
            return False
        after = replace(enrolled, pin=renewed.pin, totp=renewed.totp)
        self.enrolled[site, verified.extension] = after
        return True

    def unenrol(self, site: str, extension: str, now: float) -> bool:
        """See `Enrolments`."""
        whose = (site, extension)
        self._revoke(whose, now)
        self._forget_proofs(whose)
        self.dialled = {each: at for each, at in self.dialled.items() if each[:2] != whose}
        self.steps.pop(whose, None)
        return self.enrolled.pop(whose, None) is not None

    def claim_step(self, site: str, verified: Enrolment, step: int) -> bool:
        """See `Enrolments`."""
        whose = (site, verified.extension)
        last = self.steps.get(whose)
        if self._in_force(site, verified) is None or verified.totp is None:
            return False
        if last is not None and step <= last:
            return False
        self.steps[whose] = step
        return True

    def claim_recovery(self, site: str, verified: Enrolment, digest: str) -> bool:
        """See `Enrolments`."""
        enrolled = self._in_force(site, verified)
        if enrolled is None or digest not in enrolled.recovery:
            return False
        left = replace(enrolled, recovery=enrolled.recovery - {digest})
        self.enrolled[site, verified.extension] = left
        return True

    def _in_force(self, site: str, verified: Enrolment) -> Enrolment | None:
        """Return the enrolment, if it has the same factors still."""
        enrolled = self.enrolled.get((site, verified.extension))
        if enrolled is None or (enrolled.pin, enrolled.totp) != (verified.pin, verified.totp):
            return None
        return enrolled

    def _forget_proofs(self, whose: tuple[str, str]) -> None:
        self.proofs = {key: proof for key, proof in self.proofs.items() if key[:2] != whose}

    # ------------------------------------------------------------------ sign-ins

    def open_sign_in(
        self, new: SignIn, verified: Enrolment | None, at_once: int, now: float
    ) -> Sequence[SignIn] | None:
        """See `SignIns`."""
        if verified is not None and self._in_force(new.site, verified) is None:
            return None
        locked = {each.of for each in self.locked if now < each.until}
        if locked & {
            (new.site, SubjectKind.EXTENSION, whose) for whose in (new.extension, new.person)
        }:
            return None
        if self.sign_in(new.site, new.extension, new.id, now) is not None:
            return []
        same = self._signed(new.site, new.extension, new.id)
        self.signed = [each for each in self.signed if each not in same]
        live = self.live_sign_ins(new.site, new.extension, now)
        others = [each for each in live if each.origin != new.origin]
        while others and len(others) + 1 > at_once:
            del others[0]
        stay = {each.id for each in others}
        go = [each for each in self._signed(new.site, new.extension) if each.shown.id not in stay]
        for each in self._signed(new.site, new.extension):
            each.undo = None
        ended = self._finish(go, SignedOff.ELSEWHERE, now)
        self.signed.append(Signed(new, new.used))
        return ended

    def end_sign_ins(
        self, site: str, extension: str, id: str | None, why: SignedOff, now: float
    ) -> Sequence[SignIn]:
        """See `SignIns`."""
        return self._finish(self._signed(site, extension, id), why, now)

    def sign_in(self, site: str, extension: str, id: str, now: float) -> SignIn | None:
        """See `SignIns`."""
        for signed in self._signed(site, extension, id):
            found = self._as_it_is(signed, now)
            if found.ended is None or now < found.ended + REMEMBERED_S:
                return found
        return None

    def sign_ins(self, site: str | None, now: float) -> Sequence[SignIn]:
        """See `SignIns`."""
        found = [self._as_it_is(each, now) for each in self.signed]
        return _in_order(
            [each for each in found if each.ended is None and site in (None, each.site)]
        )

    def live_sign_ins(self, site: str, extension: str, now: float) -> Sequence[SignIn]:
        """Return those of an extension that are live, oldest first."""
        return [each for each in self.sign_ins(site, now) if each.extension == extension]

    def place_sign_in(
        self, sign_in: SignIn, origin: Origin, node: str, until: float, now: float
    ) -> bool:
        """See `SignIns`."""
        for signed in self._signed(sign_in.site, sign_in.extension, sign_in.id):
            found, before = self._as_it_is(signed, now), (sign_in.origin, sign_in.node)
            if found.ended is None and (found.origin, found.node) == before:
                placed = replace(signed.shown, origin=origin, node=node, until=until)
                signed.shown = replace(placed, used=max(placed.used, now))
                return True
        return False

    def put_sign_in(self, new: SignIn) -> None:
        """See `SignIns`."""
        found = self._signed(new.site, new.extension, new.id)
        if not found:
            self.signed.append(Signed(new, new.used))
        for signed in found:
            signed.shown = replace(signed.shown, used=max(signed.shown.used, new.used))
            if new.ended is not None and (signed.shown.ended is None or signed.undo is not None):
                signed.shown = replace(signed.shown, ended=new.ended, why=new.why)
                signed.undo = None

    def _signed(self, site: str, extension: str, id: str | None = None) -> list[Signed]:
        return [
            each
            for each in self.signed
            if (each.shown.site, each.shown.extension) == (site, extension)
            and id in (None, each.shown.id)
        ]

    def _as_it_is(self, signed: Signed, now: float) -> SignIn:
        """Return a sign-in as it is at a moment, its own time and its idleness looked at."""
        shown = signed.shown
        if shown.ended is not None:
            return shown
        ends, why = shown.until, SignedOff.EXPIRED
        calls = [
            each.expires
            for each in self.leases
            if (each.site, each.extension, each.sign_in) == (shown.site, shown.extension, shown.id)
        ]
        idle = max(shown.used, signed.lived, *calls) + shown.idle_s
        if shown.idle_s and idle < ends:
            ends, why = idle, SignedOff.IDLE
        return shown if now < ends else replace(shown, ended=ends, why=why)

    def _revoke(self, whose: tuple[str, str], now: float) -> None:
        mine = [each for each in self.signed if (each.shown.site, each.shown.person) == whose]
        self._finish(mine, SignedOff.REVOKED, now)

    def _finish(
        self, which: Sequence[Signed], why: SignedOff, now: float, attempt: int | None = None
    ) -> Sequence[SignIn]:
        """End sign-ins, those that are over by themselves as they are; return the others."""
        ended = []
        for signed in which:
            if signed.shown.ended is not None:
                signed.undo = signed.undo if signed.undo == attempt else None
                continue
            signed.shown = self._as_it_is(signed, now)
            if signed.shown.ended is None:
                at = max(signed.shown.since, now)
                signed.shown, signed.undo = replace(signed.shown, ended=at, why=why), attempt
                ended.append(signed.shown)
        return _in_order(ended)

    # ------------------------------------------------------------------ records

    def put_record(
        self, site: str, kind: str, record: Record, before: str | None, now: float
    ) -> bool:
        """See `Records`."""
        old = self.record(site, kind, record.key, now)
        if before != (None if old is None else old.text):
            return False
        self.records[site, kind, record.key] = record
        return True

    def record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """See `Records`."""
        found = self.records.get((site, kind, key))
        if found is None or (found.until is not None and found.until <= now):
            return None
        return found

    def take_record(self, site: str, kind: str, key: str, now: float) -> Record | None:
        """See `Records`."""
        found = self.record(site, kind, key, now)
        self.records.pop((site, kind, key), None)
        return found

    def page(self, site: str, kind: str, after: str, count: int, now: float) -> Sequence[Record]:
        """See `Records.records`."""
        keys = sorted(each[2] for each in self.records if each[:2] == (site, kind))
        found = [self.record(site, kind, key, now) for key in keys if key > after]
        return [each for each in found if each is not None][:count]

    # ------------------------------------------------------------------ what is known

    def known(
        self,
        site: str,
        extension: str,
        address: str,
        country: str,
        call: str,
        number: str,
        node: str,
        now: float,
        wanted: Lease | None = None,
        asked: Asked = NOTHING_ASKED,
    ) -> Known:
        """See `Memory`."""
        held = self._held(site, call, number, node, now)
        there = {
            (each.kind, each.key): found
            for each in asked.records
            if (found := self.record(site, each.kind, each.key, now)) is not None
        }
        whom = (site, SubjectKind.EXTENSION, extension)
        in_force = [each for each in self.locked if each.of == whom and now < each.until]
        last = max(in_force, key=lambda each: each.until, default=None)
        before = Known(
            None if last is None else last.shown(),
            held,
            self._proven(site, extension, f"address:{address}", now),
            self._proven(site, extension, f"call:{call}/{number}/{node}", now),
            (site, extension, country) in self.dialled,
            sign_ins=tuple(self.live_sign_ins(site, extension, now)),
            records=there,
            levels=tuple(
                Level(*each.window, self._used_by_others(site, each, held, now), each.most)
                for each in asked.budgets
            ),
        )
        if wanted is None or before.lockout or before.lease or not before.known_country:
            return before
        if any(((each.kind, each.key) in there) != each.expected for each in asked.records):
            return before
        if any(each.used >= each.most for each in before.levels):
            return before
        return replace(before, taken=self.take(wanted, now))

    def _used_by_others(self, site: str, budget: Budget, held: Lease | None, now: float) -> int:
        """Return what a window is charged, but for the call itself."""
        window = _window(site, budget)
        own = None if held is None else self.own.get(_name(held), {}).get(window)
        if budget.unit.is_distinct:
            own = budget.item
        return sum(
            each.amount
            for (of, id), each in self.counted.items()
            if of == window and id != own and now < each.until
        )

    def _proven(self, site: str, extension: str, scope: str, now: float) -> dict[str, float]:
        return {
            key[3]: proof.at
            for key, proof in self.proofs.items()
            if key[:3] == (site, extension, scope) and now < proof.until
        }

    def remember(
        self,
        site: str,
        verified: Enrolment,
        scope: str,
        factors: Sequence[str],
        now: float,
        until: float,
    ) -> bool:
        """See `Memory`."""
        if self._in_force(site, verified) is None:
            return False
        for factor in factors:
            key = (site, verified.extension, scope, factor)
            old = self.proofs.get(key)
            self.proofs[key] = Proof(now, until if old is None else max(until, old.until))
        return True

    # ------------------------------------------------------------------ moving

    def sites(self) -> Sequence[str]:
        """See `Moving`; those only of which it has anything."""
        named = {each.site for each in self.leases}
        named |= {each.of[0] for each in self.failures} | {each.of[0] for each in self.locked}
        named |= {key[0] for key in (*self.enrolled, *self.proofs, *self.dialled, *self.records)}
        named |= {each.shown.site for each in self.signed}
        named |= {window[0] for window, _ in self.counted}
        return sorted(named)

    def dossiers(self, site: str, after: str, count: int) -> Sequence[Dossier]:
        """See `Moving`."""
        keys = (*self.enrolled, *self.dialled)
        extensions = sorted({key[1] for key in keys if key[0] == site and key[1] > after})
        return [
            Dossier(
                extension,
                self.enrolled.get((site, extension)),
                self.steps.get((site, extension)),
                {
                    key[2]: since
                    for key, since in self.dialled.items()
                    if key[:2] == (site, extension)
                },
            )
            for extension in extensions[:count]
        ]

    def put_dossier(self, site: str, dossier: Dossier) -> bool:
        """See `Moving`."""
        whose = (site, dossier.extension)
        for country, since in dossier.countries.items():
            self.dialled.setdefault((*whose, country), since)
        new, old = dossier.enrolment, self.enrolled.get(whose)
        if new is None:
            return old is None
        steps = [dossier.step]
        if old is not None and old.totp == new.totp:
            steps.append(self.steps.get(whose))
        burnt = max((step for step in steps if step is not None), default=None)
        recovery = new.recovery
        if old is not None and (old.pin, old.totp) == (new.pin, new.totp):
            recovery &= old.recovery
            self.enrolled[whose] = replace(old, recovery=recovery)
        dossiers_wins = old is None or new.since > old.since
        if dossiers_wins:
            self.enrolled[whose] = replace(new, recovery=recovery)
            self._forget_proofs(whose)
            self.steps.pop(whose, None)
            if old is None or (old.pin, old.totp) != (new.pin, new.totp):
                self._revoke(whose, new.since)
        if burnt is not None and (dossiers_wins or (old is not None and old.totp == new.totp)):
            self.steps[whose] = burnt
        return self._in_force(site, new) is not None

    def standings(self, site: str, now: float) -> Sequence[Standing]:
        """See `Moving`."""
        failures = [
            each
            for each in self.failures
            if each.of[0] == site and each.spent is None and now < each.forget
        ]
        locked = [each for each in self.locked if each.of[0] == site and now < each.forget]
        whom = sorted({each.of for each in failures} | {each.of for each in locked})
        return [
            Standing(
                of[1],
                of[2],
                tuple(Failed(x.kind, x.at, x.forget) for x in failures if x.of == of),
                tuple(Served(x.shown(), x.forget) for x in locked if x.of == of),
            )
            for of in whom
        ]

    def put_standing(self, site: str, standing: Standing) -> None:
        """See `Moving`."""
        of = (site, standing.kind, standing.name)
        self.failures = [each for each in self.failures if each.of != of]
        self.locked = [each for each in self.locked if each.of != of]
        for failed in standing.failures:
            self.attempts += 1
            self.failures.append(Failure(self.attempts, of, failed.kind, failed.at, failed.forget))
        for served in standing.lockouts:
            self.attempts += 1
            was = served.lockout
            self.locked.append(
                Locked(
                    self.attempts,
                    of,
                    was.failure,
                    was.since,
                    was.until,
                    was.row,
                    served.forget,
                )
            )

    def charges(self, site: str, now: float) -> Sequence[Charge]:
        """See `Moving`."""
        held = [
            (window, id)
            for each in self.live(site, now)
            for window, id in self.reserved.get(_name(each), {}).items()
        ]
        return [
            Charge(
                *(*window[1:], id, each.amount, each.until, each.within_s),
                most=self.most[window],
                is_held=(window, id) in held,
            )
            for (window, id), each in sorted(self.counted.items(), key=lambda item: item[0])
            if window[0] == site and now < each.until
        ]

    def put_charge(self, site: str, charge: Charge) -> None:
        """See `Moving`."""
        window = (site, charge.limit, charge.key, charge.unit)
        self.most[window] = charge.most
        old = self.counted.get((window, charge.id))
        if old is None or (charge.unit.is_distinct and old.until < charge.until):
            new = Counted(charge.amount, charge.until, charge.within_s)
            self.counted[window, charge.id] = new

    # ------------------------------------------------------------------ its life

    def tidy(self, now: float) -> int:
        """See `Store`."""
        future = now + CLOCKS_DIFFER_S
        for each in self.leases:
            if each.since > future:
                ends = now + (each.expires - each.since)
                self._put(each, replace(each, since=now, expires=ends))
        self.give_up_expired(now)
        held = {item for each in self.reserved.values() for item in each.items()}
        for key, counted in self.counted.items():
            if key not in held and counted.until - counted.within_s > future:
                counted.until = now + counted.within_s
        for locked in self.locked:
            if locked.since > future:
                locked.until = now + (locked.until - locked.since)
                locked.forget = now + (locked.forget - locked.since)
                locked.since = now
        for failure in self.failures:
            if failure.at > future:
                failure.forget = now + (failure.forget - failure.at)
                failure.at = now
        self.proofs = {key: each for key, each in self.proofs.items() if each.at <= future}
        for signed in self.signed:
            shown = signed.shown
            if shown.used > future:
                signed.shown = replace(signed.shown, used=now)
            if shown.ended is not None and shown.ended > future:
                signed.shown = replace(signed.shown, ended=now)
            if signed.lived > future:
                signed.lived = now
        self.signed = [each for each in self.signed if each.shown.since <= future]
        before = self._size()
        self._outlive([each for each in self.leases if each.expires <= now], now)
        self.leases = [each for each in self.leases if now < each.expires]
        self.failures = [each for each in self.failures if now < each.forget]
        self.locked = [each for each in self.locked if now < each.forget]
        self.proofs = {key: each for key, each in self.proofs.items() if now < each.until}
        self.signed = [
            each
            for each in self.signed
            if self.sign_in(each.shown.site, each.shown.extension, each.shown.id, now) is not None
        ]
        self.records = {
            key: each for key, each in self.records.items() if self.record(*key, now) is not None
        }
        self.counted = {key: each for key, each in self.counted.items() if now < each.until}
        return before - self._size()

    def _size(self) -> int:
        kept = (self.leases, self.failures, self.locked, self.proofs, self.signed, self.records)
        return len(self.counted) + sum(len(each) for each in kept)


def _name(lease: Lease) -> Name:
    return lease.site, lease.call, lease.number, lease.node


def _window(site: str, budget: Budget) -> Window:
    return (site, *budget.window)


def _in_order(sign_ins: Sequence[SignIn]) -> Sequence[SignIn]:
    return sorted(sign_ins, key=lambda each: (each.since, each.site, each.extension, each.id))
