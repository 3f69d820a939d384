"""Calls that are paid for slice by slice: first the store, and only then Asterisk."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.stores.budgets import Level, Unit
from tests.unit.watcher.samples import CALLER, LEG, NODE, NUMBER, lease, marks, row, until
from tests.unit.watcher.world import NOW, turns

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from fastagi.stores.store import Lease
    from tests.unit.watcher.world import World

SLICE_S = 300


@pytest.fixture(autouse=True)
def talking(world: World) -> None:
    """Have a call be up; nobody looks until a slice has a length."""
    world.manager.rows = [row()]


def paid(passed_s: float, seconds: int = SLICE_S, longest_s: int = 3600) -> Lease:
    """Return a lease that was taken some time ago, with so much reserved."""
    return replace(
        lease(since=NOW - passed_s, seconds=seconds, expires=NOW + 5000), longest_s=longest_s
    )


def bounds(world: World) -> list[tuple[str, str]]:
    """Return the legs that were bounded anew, and by how much."""
    asked = world.manager.asked("AbsoluteTimeout")
    return [(each["Channel"], each["Timeout"]) for each in asked]


async def test_in_the_second_half_of_a_slice_the_next_is_reserved(world: World) -> None:
    """And the leg lasts until that one is over."""
    world.shelf.leases, world.slice_s = [paid(200)], SLICE_S
    await until(lambda: bounds(world) != [])
    assert bounds(world) == [(LEG, "400")]
    assert world.shelf.leases[0].seconds == 2 * SLICE_S
    await until(lambda: world.seen == [NODE])


async def test_a_budget_that_is_nearly_used_up_by_going_on_is_told(
    world: World, service_said: list[EventDict]
) -> None:
    """As one is that a call nearly uses up as it begins."""
    world.shelf.crossed = (Level("day", "101", Unit.SECONDS, 5040, 6000),)
    world.shelf.leases, world.slice_s = [paid(200)], SLICE_S
    await until(lambda: bounds(world) != [])
    (told,) = [each for each in service_said if each["event"] == "budget-nearly-used-up"]
    assert (told["site"], told["limit"]) == ("office", "day")
    assert (told["used"], told["most"]) == ("84 minutes", "100 minutes")


async def test_of_a_site_that_is_gone_nothing_is_told(
    world: World, service_said: list[EventDict]
) -> None:
    """Its calls go on all the same."""
    world.shelf.crossed = (Level("day", "101", Unit.SECONDS, 5040, 6000),)
    world.shelf.leases = [replace(paid(200), site="gone")]
    world.manager.rows = [row(mark=f"{CALLER}:{NUMBER}:gone")]
    world.slice_s = SLICE_S
    await until(lambda: bounds(world) != [])
    assert "budget-nearly-used-up" not in [each["event"] for each in service_said]


@pytest.mark.parametrize(
    "held",
    [
        paid(100),
        paid(200, longest_s=SLICE_S),
        paid(200, longest_s=0),
        replace(paid(200), node="x"),
    ],
    ids=["first-half", "all-of-it", "no-slices", "another-asterisk"],
)
async def test_what_needs_nothing_stays_as_it_is(world: World, held: Lease) -> None:
    """Neither the store nor Asterisk is asked for more."""
    world.shelf.leases, world.slice_s = [held], SLICE_S
    await until(lambda: world.seen != [])
    assert (bounds(world), world.shelf.leases) == ([], [held])


async def test_the_last_slice_ends_with_what_the_call_may_last(world: World) -> None:
    """Not after it."""
    world.shelf.leases, world.slice_s = [paid(200, longest_s=350)], SLICE_S
    await until(lambda: bounds(world) != [])
    assert bounds(world) == [(LEG, "150")]


async def test_where_nothing_is_left_the_leg_ends_in_time(
    world: World, service_said: list[EventDict]
) -> None:
    """It is told once; what another call gives back meanwhile is found."""
    world.shelf.lasts = SLICE_S
    world.shelf.leases, world.slice_s = [paid(200)], SLICE_S
    await until(lambda: world.seen != [])
    world.manager.drop()
    await until(lambda: len(world.seen) > 1)
    assert bounds(world) == []
    assert [each["event"] for each in service_said].count("budget-used-up") == 1
    world.shelf.lasts = SLICE_S + 20
    world.manager.drop()
    await until(lambda: bounds(world) != [])
    assert bounds(world) == [(LEG, "120")]


async def test_nothing_is_extended_while_the_store_is_away(world: World) -> None:
    """Nor is anybody told that it is being seen to."""
    world.shelf.leases, world.shelf.down = [paid(200)], True
    await world.listed()
    world.slice_s = SLICE_S
    await turns()
    assert (bounds(world), world.seen) == ([], [])


async def test_what_asterisk_did_not_do_is_asked_for_again(world: World) -> None:
    """The money is reserved by then: the call is to have the time for it."""
    world.manager.refuses = {"AbsoluteTimeout"}
    world.shelf.leases, world.slice_s = [paid(200)], SLICE_S
    await until(lambda: world.seen != [])
    assert world.shelf.leases[0].seconds == 2 * SLICE_S
    world.manager.refuses = set()
    world.manager.actions.clear()
    world.manager.drop()
    await until(lambda: bounds(world) != [])
    assert bounds(world) == [(LEG, "400")]
    assert world.shelf.leases[0].seconds == 2 * SLICE_S


async def test_nobody_gets_time_by_a_forged_mark(world: World) -> None:
    """Somebody else would pay for it: Asterisk itself is asked whose leg it is."""
    world.manager.rows = [row("pbx-7.7", "PJSIP/my-trunk-00000007", "pbx-7.6:+88213:")]
    await world.listed()
    world.manager.forge(**marks("pbx-7.7", f"{CALLER}:{NUMBER}:"))
    await turns()
    world.shelf.leases, world.slice_s = [paid(200)], SLICE_S
    await until(lambda: world.seen != [])
    assert (bounds(world), world.shelf.leases) == ([], [paid(200)])


async def test_without_slices_nobody_looks(world: World) -> None:
    """The settings say 0."""
    world.shelf.leases = [paid(200)]
    await world.listed()
    await turns()
    assert (bounds(world), world.seen) == ([], [])
