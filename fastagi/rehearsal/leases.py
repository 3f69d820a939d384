"""Who is let through, with slots and budgets, in memory: what `store.Leases` promises, quickly.

For one site, by one who asks, and in order of time: so a sign-in that counts as a call is judged
counts still as its slots are taken. A lease here is never left to expire: whoever takes it
releases it when its call is over, and no call may last as long as its lease. A little longer than
other files: to take, to extend and to settle are sides of one sum, which is read in one place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from fastagi.rehearsal.windows import Items, Sum
from fastagi.stores.budgets import Unit, amount_of, seconds_for, used_of
from fastagi.stores.store import Full

if TYPE_CHECKING:
    from fastagi.rating.tariff import Tariff
    from fastagi.rehearsal.sign_ins import SignedIn
    from fastagi.rehearsal.windows import Name
    from fastagi.rehearsal.wishes import Due, Slot, Wish
    from fastagi.stores.store import Lease

CallName = tuple[str, str, str]
"""What names a lease: call, number and node."""


class Held:
    """A lease that is taken.

    Attributes:
        wish: What was asked for when it was taken.
        charges: What it is charged to, how much, and until when where that is settled already.
    """

    __slots__ = (
        "charges",
        "expires",
        "holds",
        "longest_s",
        "name",
        "seconds",
        "sign_in",
        "since",
        "tariff",
        "wish",
    )

    def __init__(
        self,
        wish: Wish,
        name: CallName,
        since: float,
        seconds: int,
        sign_in: SignedIn | None,
    ) -> None:
        lease = wish.lease
        self.wish = wish
        self.name = name
        self.since = since
        self.seconds = seconds
        self.longest_s = lease.longest_s
        self.expires = since + lease.expires - (lease.seconds - seconds)
        self.tariff: Tariff | None = lease.tariff
        self.holds = wish.slots
        self.charges: list[tuple[Due, int, float]] = []
        self.sign_in = sign_in

    def lease(self) -> Lease:
        """Return it as a store would."""
        call, number, node = self.name
        return replace(
            self.wish.lease,
            call=call,
            number=number,
            node=node,
            seconds=self.seconds,
            since=self.since,
            expires=self.expires,
            holds=tuple(hold for _, hold in self.holds),
            sign_in="" if self.sign_in is None else self.wish.lease.sign_in,
            budgets=tuple(due.budget for due, _, _ in self.charges),
            tariff=self.tariff,
        )


class Got(NamedTuple):
    """What was taken; `fresh` and `over` as of `store.Taken`."""

    held: Held
    fresh: bool
    over: tuple[str, ...] = ()


class Leases:
    """See above."""

    def __init__(self) -> None:
        self._held: dict[CallName, Held] = {}
        self._slots: dict[tuple[str, str], int] = {}
        self._sums: dict[Name, Sum] = {}
        self._items: dict[Name, Items] = {}

    def find(self, name: CallName) -> Held | None:
        """Return the lease of a call, if it has one."""
        return self._held.get(name)

    def take(self, wish: Wish, name: CallName, sign_in: SignedIn | None, now: float) -> Got | Full:
        """Take every slot and budget of a call that holds no lease, or nothing."""
        lease = wish.lease
        over: list[str] = []
        slots = self._slots
        for slot, hold in wish.slots:
            if slots.get(slot, 0) < hold.calls:
                continue
            if not hold.shadow:
                return Full(hold.limit, hold.key)
            over.append(hold.limit)
        room: int | Full = lease.seconds
        if not self._has_room(wish, now):
            least_s = min(lease.least_s, lease.seconds)
            room = self._room(wish.dues, lease.tariff, least_s, lease, now)
        if isinstance(room, Full):
            return room
        held = Held(wish, name, now, room, sign_in if lease.sign_in else None)
        self._held[name] = held
        for slot, _ in wish.slots:
            slots[slot] = slots.get(slot, 0) + 1
        if held.sign_in is not None:
            held.sign_in.begin(held, now)
        self._charge(held, wish, wish.dues, over, now)
        return Got(held, fresh=True, over=tuple(dict.fromkeys(over)))

    def take_others(
        self, held: Held, wish: Wish, sign_in: SignedIn | None, now: float
    ) -> Got | Full:
        """Take what a call needs besides that asks for its next trunk, or nothing.

        See `store.Leases.take`.
        """
        lease = wish.lease
        has = dict(held.holds)
        over: list[str] = []
        for slot, hold in wish.slots:
            if slot in has or self._slots.get(slot, 0) < hold.calls:
                continue
            if not hold.shadow:
                return Full(hold.limit, hold.key)
            over.append(hold.limit)
        charged = {due.window for due, _, _ in held.charges}
        lacks = tuple(due for due in wish.dues if due.window not in charged)
        tariff = held.tariff
        if _has_money(lacks) and not _has_money(tuple(due for due, _, _ in held.charges)):
            tariff = lease.tariff
        of = replace(held.lease(), tariff=tariff)
        room = self._room(lacks, tariff, held.seconds, of, now)
        if isinstance(room, Full):
            return room
        held.tariff = tariff
        if lease.sign_in and sign_in is not None:
            sign_in.use(now)
        holds = tuple((slot, has.get(slot, hold)) for slot, hold in wish.slots)
        self._swap(held, holds)
        self._charge(held, wish, lacks, over, now)
        return Got(held, fresh=False, over=tuple(dict.fromkeys(over)))

    def extend(self, held: Held, seconds: int, now: float) -> None:
        """Let a lease last so many seconds from `since`, as far as its budgets go."""
        wanted = granted = min(seconds, held.longest_s or held.seconds)
        if wanted <= held.seconds:
            return
        for due, amount, _ in held.charges:
            if due.is_reserved and not due.shadow:
                left = due.most - self._sum(due.window).used(now) + amount
                granted = min(granted, seconds_for(due.unit, left, wanted, held.tariff))
        if granted <= held.seconds:
            return
        held.expires += granted - held.seconds
        held.seconds = granted
        for place, (due, amount, until) in enumerate(held.charges):
            if due.is_settled:
                whole = amount_of(due.unit, granted, held.tariff)
                self._sum(due.window).reserve(whole - amount)
                held.charges[place] = (due, whole, until)

    def release(self, held: Held, talked_s: int, now: float) -> int:
        """End a lease, and settle it; return the seconds that it is settled to.

        Args:
            held: The lease.
            talked_s: How long the call was answered, in seconds, rounded up.
            now: The moment.
        """
        del self._held[held.name]
        slots = self._slots
        for slot, _ in held.holds:
            left = slots[slot] - 1
            if left:
                slots[slot] = left
            else:
                del slots[slot]
        seconds = min(talked_s, held.seconds)
        tariff = held.tariff
        for due, reserved, _ in held.charges:
            if due.is_settled and reserved:
                used = min(reserved, used_of(due.unit, seconds, tariff))
                self._sums[due.window].settle(reserved, used, now + due.within_s)
        if held.sign_in is not None:
            held.sign_in.end(held, now)
        return seconds

    def used_by_others(self, due: Due, held: Held | None, now: float) -> int:
        """Return how much of a budget is used, but for the call that asks."""
        if due.is_distinct:
            items = self._items.get(due.window)
            if items is None:
                return 0
            return items.used(now) - items.has(due.budget.item)
        window = self._sums.get(due.window)
        used = 0 if window is None else window.used(now)
        if held is not None:
            used -= sum(
                amount
                for own, amount, until in held.charges
                if own.window == due.window and (own.is_settled or now < until)
            )
        return used

    def tidy(self, now: float) -> None:
        """Drop the windows of which nothing is used."""
        self._sums = {name: each for name, each in self._sums.items() if not each.is_over(now)}
        self._items = {name: each for name, each in self._items.items() if not each.is_over(now)}

    # ------------------------------------------------------------------ inside

    def _has_room(self, wish: Wish, now: float) -> bool:
        """Tell quickly whether a call may surely last for all that it asks for, as most may."""
        sums = self._sums
        for due in wish.dues:
            if due.shadow:
                continue
            if due.is_distinct:
                return False
            window = sums.get(due.window)
            used = 0 if window is None else window.used(now)
            if due.most - used < due.whole:  # of attempts, and of short calls, that is 1
                return False
        return True

    def _room(
        self,
        dues: tuple[Due, ...],
        tariff: Tariff | None,
        least_s: int,
        lease: Lease,
        now: float,
    ) -> int | Full:
        """Find out how long a call may last by its budgets; `Full` where that is too short."""
        seconds = granted = lease.seconds
        for due in dues:
            if due.shadow:
                continue
            if due.is_distinct:
                items = self._items.get(due.window)
                if items is None or items.used(now) < due.most or items.has(due.budget.item):
                    continue
                return _full(due)
            window = self._sums.get(due.window)
            left = due.most if window is None else due.most - window.used(now)
            if not due.is_reserved:
                if left <= 0:
                    return _full(due)
                continue
            lasts = seconds_for(due.unit, left, seconds, tariff)
            if lasts < least_s:
                return _full(due)
            granted = min(granted, lasts)
        return granted

    def _charge(
        self, held: Held, wish: Wish, dues: tuple[Due, ...], over: list[str], now: float
    ) -> None:
        """Charge a lease to what it was not charged to yet, and add what was too small for it."""
        is_whole = held.seconds == wish.lease.seconds and held.tariff == wish.lease.tariff
        since = held.since
        for due in dues:
            if due.is_distinct:
                items = self._items.get(due.window)
                if items is None:
                    items = self._items[due.window] = Items()
                before = items.used(now)
                amount = 0 if items.has(due.budget.item) else 1
                until = since + due.within_s
                items.add(due.budget.item, until)
            else:
                window = self._sum(due.window)
                before = window.used(now) if due.shadow else 0
                amount = due.whole if is_whole else amount_of(due.unit, held.seconds, held.tariff)
                until = 0.0
                window.reserve(amount)
                if not due.is_settled:
                    until = since + due.within_s
                    window.settle(amount, amount, until)
            held.charges.append((due, amount, until))
            if due.shadow and amount and before + amount > due.most:
                over.append(due.budget.limit)

    def _sum(self, name: Name) -> Sum:
        """Return a window, whether anything was ever charged to it or not."""
        found = self._sums.get(name)
        if found is None:
            found = self._sums[name] = Sum()
        return found

    def _swap(self, held: Held, holds: tuple[Slot, ...]) -> None:
        """Put other slots in the place of those that a lease has."""
        for slot, _ in held.holds:
            self._slots[slot] -= 1
        for slot, _ in holds:
            self._slots[slot] = self._slots.get(slot, 0) + 1
        for slot, _ in held.holds:
            if not self._slots[slot]:
                del self._slots[slot]
        held.holds = holds


def _full(due: Due) -> Full:
    return Full(due.budget.limit, due.budget.key, due.unit)


def _has_money(dues: tuple[Due, ...]) -> bool:
    return any(each.unit is Unit.SPEND for each in dues)
