"""A ledger of calls: it writes down what a store said of each, and nothing else.

All windows of the store can be held against it, to the unit.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fastagi.stores.budgets import Level, Unit, amount_of, used_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastagi.stores.store import Lease

WATCHED: Final = "watched"
"""A limit that holds nobody back: it is a shadow."""

Window = tuple[str, str, Unit]


class UnbalancedError(Exception):
    """The store and the ledger differ, or a budget was exceeded."""


@dataclass
class Entry:
    """What a call, or an item, counts for in a window."""

    amount: int
    until: float


@dataclass
class Ledger:
    """What became of all calls.

    Attributes:
        reserved: By unit, all that was ever reserved.
        settled: What of it was used; all of it, where a lease expired.
        returned: The rest.
        fates: How many calls were let through, refused, extended, released and never heard of.
    """

    reserved: Counter[Unit] = field(default_factory=Counter)
    settled: Counter[Unit] = field(default_factory=Counter)
    returned: Counter[Unit] = field(default_factory=Counter)
    fates: Counter[str] = field(default_factory=Counter)
    open: dict[str, Lease] = field(default_factory=dict)
    entries: dict[Window, dict[str, Entry]] = field(default_factory=lambda: defaultdict(dict))
    most: dict[Window, int] = field(default_factory=dict)

    def take(self, lease: Lease) -> None:
        """A call was let through."""
        self.open[lease.call] = lease
        for budget in lease.budgets:
            self.most[budget.window] = budget.most
            name = budget.item or lease.call
            begins = lease.expires if budget.unit.is_settled else lease.since
            amount = amount_of(budget.unit, lease.seconds, lease.tariff)
            if budget.unit.is_settled:
                self.reserved[budget.unit] += amount
            self.entries[budget.window][name] = Entry(amount, begins + budget.within_s)

    def extend(self, lease: Lease) -> None:
        """A call may last longer."""
        self.open[lease.call] = lease
        for budget in lease.budgets:
            if budget.unit.is_settled:
                amount = amount_of(budget.unit, lease.seconds, lease.tariff)
                entry = self.entries[budget.window][lease.call]
                self.reserved[budget.unit] += amount - entry.amount
                entry.amount, entry.until = amount, lease.expires + budget.within_s

    def settle(self, call: str, now: float, talked_s: int | None) -> None:
        """A call was released."""
        lease = self.open[call]
        if talked_s is None:
            talked_s = math.ceil(now - lease.since)
        self._settle(call, now, min(talked_s, lease.seconds))

    def _settle(self, call: str, now: float, talked_s: int | None) -> None:
        """A call is over; where nobody knows how long it talked, it used all that it may have."""
        lease = self.open.pop(call)
        for budget in lease.budgets:
            if not budget.unit.is_settled:
                continue
            entry = self.entries[budget.window][call]
            used = entry.amount
            if talked_s is not None:
                used = used_of(budget.unit, talked_s, lease.tariff)
            self.settled[budget.unit] += used
            self.returned[budget.unit] += entry.amount - used
            entry.amount, entry.until = used, min(now, lease.expires) + budget.within_s

    def expire(self, now: float) -> None:
        """Calls that were never heard of again are over; and so are entries."""
        for call in [call for call, lease in self.open.items() if lease.expires <= now]:
            self.fates["never heard of"] += 1
            self._settle(call, self.open[call].expires, None)
        for entries in self.entries.values():
            for name in [name for name, each in entries.items() if each.until <= now]:
                del entries[name]

    def levels(self) -> list[Level]:
        """Return what a store is to say of all windows, once what is over is forgotten."""
        found = []
        for window, entries in sorted(self.entries.items()):
            used = sum(each.amount for each in entries.values())
            held = [each for name, each in entries.items() if name in self.open]
            reserved = sum(each.amount for each in held) if window[2].is_settled else 0
            if used:
                found.append(Level(*window, used, self.most[window], reserved))
        return found

    def check(self, levels: Sequence[Level], live: Sequence[Lease]) -> None:
        """Hold all that a store has against all that it said.

        Raises:
            UnbalancedError: A unit, a second or a whole call is too much, or is missing.
        """
        self.check_exceeded()
        expected = self.levels()
        if expected != list(levels):
            wrong = [each for each in expected if each not in levels]
            raise UnbalancedError(f"the ledger says {wrong or expected}, the store {levels}")
        seconds = {each.call: each.seconds for each in live}
        open_s = {call: lease.seconds for call, lease in self.open.items()}
        if seconds != open_s:
            wrong_calls = sorted(seconds.items() ^ open_s.items())
            raise UnbalancedError(f"only the ledger or only the store has {wrong_calls}")

    def check_exceeded(self) -> None:
        """See that no window has more than its budget, not by one unit.

        Raises:
            UnbalancedError: One has.
        """
        for level in self.levels():
            if level.used > level.most and level.limit != WATCHED:
                raise UnbalancedError(f"exceeded: {level}")

    def check_sums(self) -> None:
        """See, once all calls are over, that what was reserved was settled or returned.

        Raises:
            UnbalancedError: It was not.
        """
        if self.open or self.reserved != self.settled + self.returned:
            raise UnbalancedError(f"{self.reserved} {self.settled} {self.returned}")
