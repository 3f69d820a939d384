"""A hundred thousand random calls, or as many as are asked for, and no unit lost or made.

`python -m tests.contract.store_conservation KIND --calls 100000`: calls reserve, are extended,
released or never heard of again, many at one moment, while the clock goes on and the store is
tidied. A ledger writes down what the store said of each, and nothing else; every now and then all
windows of the store are held against it. In the end, what was reserved is what was settled and
what was returned, to the unit. Ends with status 1 where it is not, or a budget was exceeded.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import math
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest import mock

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Level, Unit, amount_of, used_of
from fastagi.stores.opening import open_store
from fastagi.stores.redis import client, script
from fastagi.stores.store import Taken
from tests.contract.store_kinds import KINDS, SITE, a_lease

if TYPE_CHECKING:
    from fastagi.stores.store import Lease, Store

AT_ONCE: Final = 24
"""Things that happen at one moment."""

WITHIN_S: Final = 600

FORGOTTEN: Final = 6
"""Of so many calls one is never heard of again."""

TARIFFS: Final = (None, Tariff(60, 1_700_001, 60, 1_700_001), Tariff(30, 90_017, 6, 17_003))

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


async def run(store: Store, calls: int, seed: int) -> Ledger:
    """Let so many calls ask to be let through; return what became of them.

    Raises:
        UnbalancedError: It was not as it should be.
    """
    dice, ledger, now, asked = random.Random(seed), Ledger(), 1000.0, 0  # noqa: S311 - nothing secret
    while asked < calls:
        now += dice.choice([0.0, 0.5, 3.0, 11.25])
        ledger.expire(now)
        leases = [_lease(asked + count, dice, now) for count in range(dice.randrange(AT_ONCE))]
        asked += len(leases)
        busy = dice.sample(sorted(ledger.open), min(len(ledger.open), AT_ONCE))
        longer, over = busy[::3], [call for call in busy[1::3] if int(call) % FORGOTTEN]
        await asyncio.gather(
            *(_take(store, ledger, lease, now) for lease in leases),
            *(_extend(store, ledger, call, dice.randrange(1, 400), now) for call in longer),
            *(_release(store, ledger, call, dice.choice(_TALKED), now) for call in over),
        )
        if asked % 7 == 0:
            await store.tidy(now)
        _check_exceeded(ledger)
        if asked % 11 == 0 or asked >= calls:
            _check_same(ledger.levels(), list(await store.spent(SITE, now)))
    now += WITHIN_S + 60.0  # by now all leases have expired
    ledger.expire(now)
    if ledger.reserved != ledger.settled + ledger.returned:
        raise UnbalancedError(f"{ledger.reserved} {ledger.settled} {ledger.returned}")
    _check_same(ledger.levels(), list(await store.spent(SITE, now)))
    await store.tidy(now + WITHIN_S)
    _check_same([], list(await store.spent(SITE, now)))
    return ledger


_TALKED: Final = (None, 0, 0, 1, 29, 61, 240, 9999)


def _lease(number: int, dice: random.Random, now: float) -> Lease:
    extension, item = f"{dice.randrange(4)}", f"+39{dice.randrange(12)}"
    seconds = dice.choice([1, 30, 60, 300])
    budgets = (
        Budget("money", extension, Unit.SPEND, 40_000_019, WITHIN_S),
        Budget("money", "office", Unit.SPEND, 120_000_007, WITHIN_S),
        Budget("minutes", "office", Unit.SECONDS, 7_001, WITHIN_S),
        Budget("tries", extension, Unit.ATTEMPTS, 150, WITHIN_S),
        Budget("far", extension, Unit.NUMBERS, 10, WITHIN_S, item=item),
        Budget("callers", item, Unit.EXTENSIONS, 3, WITHIN_S, item=extension),
        Budget("tests", extension, Unit.SHORT, 60, WITHIN_S),
        Budget("watched", extension, Unit.SPEND, 1, WITHIN_S, shadow=True),
        Budget("watched", extension, Unit.SHORT, 1, WITHIN_S, shadow=True),
    )
    lease = a_lease(f"{number}", number=item, since=now, expires=now + seconds + 60)
    lease = replace(lease, seconds=seconds, longest_s=600, least_s=dice.choice([1, 30]))
    some = tuple(each for each in budgets if dice.random() < 0.8)
    return replace(lease, budgets=some, tariff=dice.choice(TARIFFS))


async def _take(store: Store, ledger: Ledger, lease: Lease, now: float) -> None:
    answer = await store.take(lease, now)
    ledger.fates["let through" if isinstance(answer, Taken) else "refused"] += 1
    if isinstance(answer, Taken):
        ledger.take(answer.lease)


async def _extend(store: Store, ledger: Ledger, call: str, seconds: int, now: float) -> None:
    lease = ledger.open[call]
    answer = await store.extend(SITE, call, lease.number, lease.node, seconds, now)
    if answer is None or answer.seconds < lease.seconds:
        raise UnbalancedError(f"call {call} has less than it had")
    ledger.fates["extended"] += answer.seconds > lease.seconds
    ledger.extend(answer)


async def _release(
    store: Store, ledger: Ledger, call: str, talked_s: int | None, now: float
) -> None:
    await store.release(SITE, call, None, None, now, talked_s)
    ledger.fates["released"] += 1
    ledger.settle(call, now, talked_s)


def _check_exceeded(ledger: Ledger) -> None:
    for level in ledger.levels():
        if level.used > level.most and level.limit != "watched":
            raise UnbalancedError(f"exceeded: {level}")


def _check_same(expected: list[Level], said: list[Level]) -> None:
    if expected != said:
        wrong = [each for each in expected if each not in said]
        raise UnbalancedError(f"the ledger says {wrong or expected}, the store {said}")


async def _main(url: str, calls: int, seed: int) -> Ledger:
    store = open_store(url)
    try:
        return await run(store, calls, seed)
    finally:
        await store.close()


def main() -> int:
    """Run against a new, empty store of a kind, and print what came of it."""
    parser = argparse.ArgumentParser(prog="store_conservation")
    parser.add_argument("kind", choices=[kind.name for kind in KINDS])
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    (kind,) = [kind for kind in KINDS if kind.name == asked.kind]
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        for module in (client, script):  # a busy machine is no fault of the store
            stack.enter_context(mock.patch.object(module, "DEADLINE_S", 10.0))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        try:
            ledger = asyncio.run(_main(kind.url(Path(folder)), asked.calls, asked.seed))
        except UnbalancedError as error:
            print(f"{asked.kind}: {error}")
            return 1
    fates = ", ".join(f"{count} {fate}" for fate, count in ledger.fates.items())
    print(f"{asked.kind}: {fates}; {time.monotonic() - began:.0f} s")
    for unit in sorted(ledger.reserved):
        sums = (ledger.reserved[unit], ledger.settled[unit], ledger.returned[unit])
        print("  {}: {:,} reserved = {:,} settled + {:,} returned".format(unit, *sums))
    return 0


if __name__ == "__main__":
    sys.exit(main())
