"""A hundred thousand random calls, or as many as are asked for, and no unit lost or made.

`python -m tests.contract.store_conservation KIND --calls 100000`: calls reserve, are extended,
released or never heard of again, many at one moment, while the clock goes on and the store is
tidied. A ledger (`store_ledger`) writes down what the store said of each, and nothing else; every
now and then all windows and leases of the store are held against it. In the end, what was reserved
is what was settled and what was returned, to the unit. Ends with status 1 where it is not, or a
budget was exceeded, by a unit.

With `--crashes` the process that asks the store is killed over and over in the midst of it all;
with `redis` also the server, which writes each step to its disk before it answers (`appendfsync
always`). What was answered has to be there afterwards; what was not is looked up: it was done as a
whole, or not at all.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, assert_never

from fastagi.rating.tariff import Tariff
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.store import Lease, Taken
from tests.contract.store_clerk import (
    Answer,
    Clerk,
    Doubt,
    Extend,
    MortalClerk,
    Release,
    Step,
    Take,
    Tidy,
    patience,
)
from tests.contract.store_kinds import KINDS, SITE, a_lease
from tests.contract.store_ledger import WATCHED, Ledger, UnbalancedError
from tests.servers.alone import Durable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.stores.store import Store

AT_ONCE: Final = 24
"""Things that happen at one moment."""

WITHIN_S: Final = 600

FORGOTTEN: Final = 6
"""Of so many calls one is never heard of again."""

TARIFFS: Final = (None, Tariff(60, 1_700_001, 60, 1_700_001), Tariff(30, 90_017, 6, 17_003))


async def run(clerk: Clerk, calls: int, seed: int) -> Ledger:
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
        steps: list[Step] = [
            *(Take(lease) for lease in leases),
            *(Extend(ledger.open[call], dice.randrange(1, 400)) for call in longer),
            *(Release(call, dice.choice(_TALKED)) for call in over),
        ]
        if asked % 7 == 0:
            steps.append(Tidy())
        deaths = clerk.killed.total()
        answers = await clerk.take(steps, now)
        in_doubt = Doubt.UNKNOWN in answers
        live = await _live(clerk.store, now) if in_doubt else {}
        for step, answer in zip(steps, answers, strict=True):
            if answer is Doubt.UNKNOWN:
                _look_up(ledger, step, live, now)
            else:
                _note(ledger, step, answer, now)
        ledger.check_exceeded()
        if clerk.killed.total() > deaths or asked % 11 == 0 or asked >= calls:
            await _check(ledger, clerk.store, now)
    now += WITHIN_S + 60.0  # by now all leases have expired
    ledger.expire(now)
    ledger.check_sums()
    await _check(ledger, clerk.store, now)
    await clerk.store.tidy(now + WITHIN_S)
    ledger.expire(now + WITHIN_S)
    await _check(ledger, clerk.store, now + WITHIN_S)
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
        Budget(WATCHED, extension, Unit.SPEND, 1, WITHIN_S, shadow=True),
        Budget(WATCHED, extension, Unit.SHORT, 1, WITHIN_S, shadow=True),
    )
    lease = a_lease(f"{number}", number=item, since=now, expires=now + seconds + 60)
    lease = replace(lease, seconds=seconds, longest_s=600, least_s=dice.choice([1, 30]))
    some = tuple(each for each in budgets if dice.random() < 0.8)
    return replace(lease, budgets=some, tariff=dice.choice(TARIFFS))


async def _live(store: Store, now: float) -> dict[str, Lease]:
    return {each.call: each for each in await store.live(SITE, now)}


async def _check(ledger: Ledger, store: Store, now: float) -> None:
    ledger.check(await store.spent(SITE, now), await store.live(SITE, now))


def _note(ledger: Ledger, step: Step, answer: Answer, now: float) -> None:
    """Write down what the store said of a step."""
    match step:
        case Take():
            ledger.fates["let through" if isinstance(answer, Taken) else "refused"] += 1
            if isinstance(answer, Taken):
                ledger.take(answer.lease)
        case Extend(lease):
            if not isinstance(answer, Lease) or answer.seconds < lease.seconds:
                raise UnbalancedError(f"call {lease.call} has less than it had")
            ledger.fates["extended"] += answer.seconds > lease.seconds
            ledger.extend(answer)
        case Release(call, talked_s):
            ledger.fates["released"] += 1
            ledger.settle(call, now, talked_s)
        case Tidy():
            pass
        case _:
            assert_never(step)


def _look_up(ledger: Ledger, step: Step, live: Mapping[str, Lease], now: float) -> None:
    """Find out what became of a step that nobody has heard of; was it done, then as a whole."""
    match step:
        case Take(lease):
            if lease.call in live:
                ledger.fates["let through"] += 1
                ledger.take(live[lease.call])
            ledger.fates["of those in doubt, done"] += lease.call in live
            ledger.fates["of those in doubt, not done"] += lease.call not in live
        case Extend(lease):
            if lease.call not in live:
                raise UnbalancedError(f"call {lease.call} is lost")
            _note(ledger, step, live[lease.call], now)
        case Release(call):
            if call not in live:
                _note(ledger, step, 1, now)
            ledger.fates["of those in doubt, done"] += call not in live
            ledger.fates["of those in doubt, not done"] += call in live
        case Tidy():
            pass
        case _:
            assert_never(step)


def main() -> int:
    """Run against a new, empty store of a kind, and print what came of it."""
    parser = argparse.ArgumentParser(prog="store_conservation")
    parser.add_argument("kind", choices=[kind.name for kind in KINDS])
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--crashes", action="store_true")
    parser.add_argument("--every", type=int, default=50, help="moments, from crash to crash")
    asked = parser.parse_args()
    if asked.crashes and asked.kind not in ("sqlite", "redis"):
        parser.error("--crashes is of `sqlite` and of `redis`")
    began = time.monotonic()
    with patience(), tempfile.TemporaryDirectory() as folder:
        try:
            ledger, killed = asyncio.run(_run(asked, Path(folder)))
        except UnbalancedError as error:
            print(f"{asked.kind}: {error}")
            return 1
    fates = ", ".join(f"{count} {fate}" for fate, count in ledger.fates.items())
    deaths = "".join(f"; {count} times the {what} killed" for what, count in killed.items())
    print(f"{asked.kind}: {fates}{deaths}; {time.monotonic() - began:.0f} s")
    for unit in sorted(ledger.reserved):
        sums = (ledger.reserved[unit], ledger.settled[unit], ledger.returned[unit])
        print("  {}: {:,} reserved = {:,} settled + {:,} returned".format(unit, *sums))
    return 0


async def _run(asked: argparse.Namespace, folder: Path) -> tuple[Ledger, Counter[str]]:
    if asked.crashes:
        return await run_with_crashes(
            asked.kind, folder, asked.calls, asked.seed, every=asked.every
        )
    (kind,) = [kind for kind in KINDS if kind.name == asked.kind]
    clerk = Clerk(open_store(kind.url(folder)))
    try:
        return await run(clerk, asked.calls, asked.seed), clerk.killed
    finally:
        await clerk.close()


async def run_with_crashes(
    kind: str, folder: Path, calls: int, seed: int, *, every: int
) -> tuple[Ledger, Counter[str]]:
    """Let calls ask a store of a kind, a part of which is killed about every so many moments.

    Args:
        kind: `sqlite`, a file; or `redis`, a server of its own.
        folder: Where it is.
        calls: How many.
        seed: Of chance.
        every: How many moments.

    Returns:
        What became of the calls, and how often what was killed.

    Raises:
        UnbalancedError: As `run`.
    """
    server = Durable(folder / "server") if kind == "redis" else None
    if server is not None:
        server.start()
    try:
        url = f"sqlite://{folder / 'store.db'}" if server is None else server.url
        dice = random.Random(seed)  # noqa: S311 - which dies when
        clerk = MortalClerk(url=url, every=every, dice=dice, server=server)
        try:
            return await run(clerk, calls, seed), clerk.killed
        finally:
            await clerk.close()
    finally:
        if server is not None:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
