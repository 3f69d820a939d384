"""Leases move into the store when it is back; whatever comes between, none is lost or left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from fastagi.call.adoption import Adoption
from fastagi.call.stopgap import GATE, Stopgap
from fastagi.errors import StoreError
from fastagi.stores.budgets import Budget, Unit
from fastagi.stores.opening import open_store
from fastagi.stores.store import Hold, Lease, Taken
from tests.contract.store_kinds import SITE, a_lease
from tests.doubles.shaky_store import ShakyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

ONE: Final = Hold("one", "101", 1)


class Rig:
    """A store, a local store, and what moves leases from one to the other."""

    def __init__(self, mark: Path, calls: int = 5) -> None:
        mark.touch()
        self.shaky = ShakyStore(open_store("sqlite://:memory:"))
        self.shaky_local = ShakyStore(open_store("sqlite://:memory:"))
        self.local = Stopgap(self.shaky_local.store, calls, mark)
        self.adoption = Adoption(self.local, self.shaky.store, lambda: 1.0)

    async def in_store(self) -> list[Lease]:
        """Return what is in the store."""
        return list(await self.shaky.behind.live(None, 1.0))

    async def is_local(self) -> list[Lease]:
        """Return what is local."""
        return list(await self.local.live(1.0))

    async def released(self) -> None:
        """Release call 1.1, as its hangup handler does: here first, then there."""
        await self.local.release(SITE, "1.1", None, None, 1.0)
        await self.shaky.behind.release(SITE, "1.1", None, None, 1.0)

    async def close(self) -> None:
        """Let go."""
        await self.shaky.behind.close()
        await self.shaky_local.behind.close()


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    """Return a rig with nothing in it."""
    made = Rig(tmp_path / "used")
    yield made
    await made.close()


async def test_a_lease_moves_as_it_is(rig: Rig) -> None:
    """Without the slot of the cap."""
    lease = a_lease("1.1", ONE)
    await rig.local.take(lease, 0.0)
    await rig.adoption.run()
    assert await rig.in_store() == [lease]
    assert await rig.is_local() == []


async def test_a_call_is_charged_to_what_is_left_of_its_budgets(rig: Rig) -> None:
    """It is up whatever is left; and on this machine it is charged no more."""
    budget = Budget("a-day", "101", Unit.SECONDS, 600, 86_400)
    used = replace(a_lease("2.2"), seconds=590, budgets=(budget,))
    await rig.shaky.behind.take(used, 0.0)
    lease = replace(a_lease("1.1"), seconds=600, budgets=(budget,), least_s=60)
    await rig.local.take(lease, 0.0)
    await rig.adoption.run()
    assert {each.call: each.seconds for each in await rig.in_store()} == {"1.1": 10, "2.2": 590}
    assert [each.used for each in await rig.local.store.spent(GATE, 1.0)] in ([], [0])


async def test_while_the_store_is_away_it_stays(rig: Rig) -> None:
    """And counts here, until it can move."""
    lease = a_lease("1.1", ONE)
    await rig.local.take(lease, 0.0)
    rig.shaky.away = True
    with pytest.raises(StoreError):
        await rig.adoption.run()
    assert await rig.is_local() == [lease]
    rig.shaky.away = False
    await rig.adoption.run()
    assert (await rig.in_store(), await rig.is_local()) == ([lease], [])


async def test_where_a_limit_is_full_it_stays_and_is_told_once(rig: Rig) -> None:
    """It moves as soon as there is room."""
    await rig.shaky.behind.take(a_lease("2.2", ONE), 0.0)
    await rig.local.take(a_lease("1.1", ONE), 0.0)
    with capture_logs() as told:
        await rig.adoption.run()
        await rig.adoption.run()
    assert [(line["event"], line["limit"]) for line in told] == [("call-not-adopted", "one")]
    assert len(await rig.is_local()) == 1
    await rig.shaky.behind.release(SITE, "2.2", None, None, 0.0)
    await rig.adoption.run()
    assert [lease.call for lease in await rig.in_store()] == ["1.1"]


async def test_a_call_that_the_store_knows_is_not_counted_twice(rig: Rig) -> None:
    """It was let through before, and on to its next trunk since; it may last as long as that."""
    await rig.shaky.behind.take(a_lease("1.1", ONE), 0.0)
    later = a_lease("1.1", ONE, expires=2000.0)
    await rig.local.take(later, 0.0)
    await rig.adoption.run()
    assert [lease.expires for lease in await rig.in_store()] == [2000.0]
    assert await rig.is_local() == []


async def test_the_lease_of_another_extension_is_not_taken_for_the_calls_own(rig: Rig) -> None:
    """Else this one would hold nothing."""
    await rig.shaky.behind.take(a_lease("1.1", extension="102"), 0.0)
    await rig.local.take(a_lease("1.1", ONE), 0.0)
    await rig.adoption.run()
    assert len(await rig.is_local()) == 1


@pytest.mark.parametrize("where", ["before", "after"])
async def test_a_call_that_ends_while_it_moves_leaves_nothing(rig: Rig, where: str) -> None:
    """Just before it is in the store, or just after."""
    getattr(rig.shaky, where)["take"] = rig.released
    await rig.local.take(a_lease("1.1", ONE), 0.0)
    await rig.adoption.run()
    assert (await rig.in_store(), await rig.is_local()) == ([], [])


async def test_a_call_that_the_store_knew_leaves_nothing_either(rig: Rig) -> None:
    """Whoever releases it ends what was there before."""
    await rig.shaky.behind.take(a_lease("1.1", ONE), 0.0)
    rig.shaky.after["take"] = rig.released
    await rig.local.take(a_lease("1.1", ONE), 0.0)
    await rig.adoption.run()
    assert (await rig.in_store(), await rig.is_local()) == ([], [])


async def test_a_call_that_ends_while_its_local_slots_are_freed_leaves_nothing(rig: Rig) -> None:
    """After the last look."""
    rig.shaky_local.before["release"] = _once(rig)
    await rig.local.take(a_lease("1.1", ONE), 0.0)
    await rig.adoption.run()
    assert (await rig.in_store(), await rig.is_local()) == ([], [])


def _once(rig: Rig) -> Callable[[], Awaitable[None]]:
    async def released() -> None:
        rig.shaky_local.before.clear()
        await rig.released()

    return released


@pytest.mark.parametrize("asks_anew", [False, True])
async def test_a_lease_that_came_late_is_ended(rig: Rig, asks_anew: bool) -> None:
    """The store did not answer, and took it all the same; the call was over by then.

    If that call has asked anew since, what it has now is not touched.
    """

    async def lost() -> None:
        raise StoreError("lost on the way")

    await rig.local.take(a_lease("1.1", ONE), 0.0)
    rig.shaky.after["take"] = lost
    with pytest.raises(StoreError):
        await rig.adoption.run()
    rig.shaky.after.clear()
    await rig.local.release(SITE, "1.1", None, None, 1.0)  # and the store heard it too early
    if asks_anew:
        await rig.shaky.behind.release(SITE, "1.1", None, None, 1.0)
        await rig.shaky.behind.take(a_lease("1.1", ONE, since=1.0), 1.0)
    await rig.adoption.run()
    assert [lease.since for lease in await rig.in_store()] == ([1.0] if asks_anew else [])


# ----------------------------------------------------------------------------- at no time

STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(["take", "release", "adopt", "away", "back"]),
        st.integers(0, 5),
        st.sampled_from(["101", "102", "103"]),
    ),
    max_size=40,
)
CAP: Final = 3
EACH: Final = 2


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_no_more_than_the_cap_and_no_limit_exceeded(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str]]
) -> None:
    """Whatever happens in whatever order: here, there, and there too many by the cap at most."""
    asyncio.run(_go_through(Rig(tmp_path_factory.mktemp("gate") / "used", CAP), steps))


async def _go_through(rig: Rig, steps: list[tuple[str, int, str]]) -> None:
    live: set[str] = set()
    for what, number, extension in steps:
        call = f"1.{number}"
        match what:
            case "take":
                lease = a_lease(call, Hold("each", extension, EACH), extension=extension)
                store = rig.local if rig.shaky.away else rig.shaky.behind
                taken = await store.take(lease, 1.0)
                if isinstance(taken, Taken):
                    live.add(call)
            case "release" if not rig.shaky.away:
                await rig.local.release(SITE, call, None, None, 1.0)
                await rig.shaky.behind.release(SITE, call, None, None, 1.0)
                live.discard(call)
            case "adopt" if not rig.shaky.away:
                await rig.adoption.run()
            case "away" | "back":
                rig.shaky.away = what == "away"
        here, there = await rig.is_local(), await rig.in_store()
        assert {lease.call for lease in (*here, *there)} == live
        assert len(here) <= CAP
        for leases in (here, there):
            for each in ("101", "102", "103"):
                held = [x for x in leases if any(hold.key == each for hold in x.holds)]
                assert len(held) <= EACH
    await rig.close()
