"""Live calls that a brake touches, where the policy ends them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fastagi.call import brakes
from fastagi.policy.model import Stage
from fastagi.stores.opening import open_store
from fastagi.watcher.braked import braked
from tests.unit.watcher.samples import NODE, lease, policy, row, until
from tests.unit.watcher.world import NOW, World, turns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from structlog.typing import EventDict

    from fastagi.stores.records import Record

ENDS = '[brake]\ncalls = "end"\n'
ROME, LONDON, SHORT = "+390612345678", "+442079460000", "118500"


@pytest.fixture
async def busy(world: World) -> World:
    """A world with calls abroad of 101, of 102 and of one in no class, and one of 101 at home."""
    world.policies = [policy(ENDS)]
    calls = (
        ("one", ROME, "101"),
        ("two", ROME, "102"),
        ("odd", ROME, "x"),
        ("home", LONDON, "101"),
    )
    world.manager.rows = [
        row(str(n), f"PJSIP/my-trunk-0000000{n}", f"{call}:{number}:")
        for n, (call, number, _) in enumerate(calls)
    ]
    world.shelf.leases = [
        lease(call, number=number, extension=extension, since=NOW)
        for call, number, extension in calls
    ]
    await world.listed()
    await turns()
    return world


async def _on(world: World, stage: Stage, name: str, since: float = NOW) -> Sequence[Record]:
    """Put a brake on."""
    store = open_store("sqlite://:memory:")
    policy_there = world.policies[0]
    if policy_there.brake is None:
        policy_there = policy(ENDS)
    await brakes.by_hand(store, policy_there, stage, name, 600, "ann", "", since)
    found = await store.records("office", brakes.KIND, "", 9, since)
    await store.close()
    world.shelf.brakes["office"] = [*world.shelf.brakes.get("office", ()), *found]
    return found


@pytest.mark.parametrize(
    ("stage", "name", "ended"),
    [
        (Stage.EXTENSION, "101", {"0"}),
        (Stage.CLASS, "staff", {"0", "1"}),
        (Stage.SITE, "", {"0", "1", "2"}),
    ],
)
async def test_the_calls_that_a_brake_touches_end_and_no_others(
    busy: World, service_said: list[EventDict], stage: Stage, name: str, ended: set[str]
) -> None:
    """Those that began before it was put on; the call at home goes on."""
    assert busy.hung_up == []
    await _on(busy, stage, name)
    await until(lambda: set(busy.hung_up) >= ended)
    await turns()
    assert set(busy.hung_up) == ended
    told = [each for each in service_said if each["event"] == "call-ended"]
    assert {each["why"] for each in told} == {"braked"}


async def test_who_was_let_through_since_goes_on(busy: World) -> None:
    """They have shown what it asks for."""
    await _on(busy, Stage.EXTENSION, "101", NOW - 1)
    await turns()
    assert busy.hung_up == []


async def test_a_short_code_is_read_as_it_was_dialled(world: World) -> None:
    """The trunk was given it without the outside prefix."""
    touching = policy('[brake]\ncalls = "end"\nto = ["premium", "shared-cost", "national"]\n')
    site = replace(touching.site, outside_prefix="9")
    world.policies = [
        replace(touching, site=site, plan=replace(touching.plan, outside_prefix="9"))
    ]
    world.shelf.leases = [lease("one", number=SHORT, since=NOW)]
    await _on(world, Stage.SITE, "")
    assert await braked(world.ports, NODE) == world.shelf.leases


@pytest.mark.parametrize("written", ["", "[brake]\n"])
async def test_elsewhere_they_go_on(busy: World, written: str) -> None:
    """The policy keeps them, or speaks of no brake."""
    busy.policies = [policy(written), policy(ENDS, "branch")]
    await _on(busy, Stage.SITE, "")
    await turns()
    assert busy.hung_up == []


async def test_another_asterisk_ends_its_own(busy: World) -> None:
    """Calls of two may be named alike."""
    busy.shelf.leases = [lease("one", number=ROME, since=NOW, node="pbx-2")]
    await _on(busy, Stage.SITE, "")
    await turns()
    assert busy.hung_up == []
