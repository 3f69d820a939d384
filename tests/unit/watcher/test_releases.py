"""Calls that are over, and those that are only said to be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from fastagi.policy.model import Reason
from fastagi.rating.tariff import MONEY_UNIT, Tariff
from tests.unit.watcher.samples import (
    CALLER,
    LEG,
    NODE,
    NUMBER,
    begins,
    dials,
    ends,
    lease,
    marks,
    policy,
    until,
)
from tests.unit.watcher.world import NOW, turns

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from tests.unit.watcher.world import World

ATTEMPTS: Final = """
[[limit]]
name = "day"
per = "extension"
attempts = 9
within = "24h"
"""


async def test_a_call_is_released_once_caller_and_leg_are_gone(
    world: World, service_said: list[EventDict]
) -> None:
    """Not while one of them is there."""
    await world.listed()
    world.shelf.leases = [lease(since=NOW)]
    world.hears(begins(CALLER, "PJSIP/101-00000000", "4"), begins(), marks(), dials())
    world.hears(ends(LEG))
    await turns()
    assert len(world.shelf.leases) == 1
    world.hears(ends(CALLER))
    await until(lambda: world.shelf.leases == [])
    assert "lease-released" in [each["event"] for each in service_said]
    assert world.heals == [(NODE, "office")]


@pytest.mark.parametrize("is_listed", [True, False])
async def test_what_a_call_came_to_goes_on_record(world: World, *, is_listed: bool) -> None:
    """All the time since it was let through, whether its end was heard of or found by a list."""
    world.policies = [policy(ATTEMPTS)]
    held = replace(lease(since=NOW - 90.5), tariff=Tariff(60, MONEY_UNIT, 60, MONEY_UNIT))
    world.shelf.leases = [held]
    if not is_listed:
        world.manager.up[CALLER] = {}
    await world.listed()
    if not is_listed:
        world.hears(begins(CALLER, "PJSIP/101-00000000", "4"), begins(), marks(), dials())
        world.hears(ends(LEG), ends(CALLER))
    await until(lambda: world.shelf.leases == [])
    await turns()
    (settled,) = world.records
    assert (settled.reason, settled.seconds, settled.cost) == (Reason.SETTLED, 91, 2 * MONEY_UNIT)
    assert (settled.call, settled.number, settled.at) == (CALLER, NUMBER, NOW)


async def test_where_nothing_has_a_price_nothing_goes_on_record(world: World) -> None:
    """There is nothing to settle."""
    world.shelf.leases = [lease()]
    await until(lambda: world.shelf.leases == [])
    await turns()
    assert world.records == []


async def test_the_leg_ends_last_and_the_dialplan_released_already(
    world: World, service_said: list[EventDict]
) -> None:
    """Nothing is left to release, and nothing said."""
    await world.listed()
    world.hears(begins(CALLER, "PJSIP/101-00000000", "4"), begins(), marks(), dials())
    world.hears(ends(CALLER), ends(LEG), ends("unheard-of"))
    await turns()
    assert "lease-released" not in [each["event"] for each in service_said]


async def test_a_call_of_no_site_of_ours_is_not_released(world: World) -> None:
    """Its policy may be on another machine."""
    await world.listed()
    world.shelf.leases = [lease(since=NOW, site="branch")]
    world.hears(begins(), marks(mark=f"{CALLER}:{NUMBER}:branch"), ends(LEG))
    await turns()
    assert len(world.shelf.leases) == 1


# ------------------------------------------------------------------------- what is forged


async def test_a_call_that_is_up_is_not_released_whatever_is_forged(
    world: World, service_said: list[EventDict]
) -> None:
    """Asterisk is asked; and the call is known as before, so that its true end is noticed."""
    await world.listed()
    world.shelf.leases = [lease(since=NOW)]
    world.hears(begins(CALLER, "PJSIP/101-00000000", "4"), begins(), marks(), dials())
    for _ in range(3):
        world.manager.forge(**ends(LEG))
        world.manager.forge(**ends(CALLER))
        await turns()
    assert len(world.shelf.leases) == 1
    assert "ami-forged" in [each["event"] for each in service_said]
    world.hears(ends(CALLER))
    await turns()
    assert len(world.shelf.leases) == 1  # its leg is up: a transfer
    world.hears(ends(LEG))
    await until(lambda: world.shelf.leases == [])


async def test_what_fits_into_a_number_is_not_even_heard(
    world: World, service_said: list[EventDict]
) -> None:
    """It lacks what each event has."""
    await world.listed()
    world.shelf.leases = [lease(since=NOW)]
    world.hears(begins(), marks(), dials())
    for piece in (f"Event: Hangup\r\nUniqueid: {LEG}", f"Uniqueid: {LEG}"):
        torn = f"Event: Newchannel\r\nChannel: x\r\nExten: 1\r\n\r\n{piece}\r\n\r\nPriority: 1"
        world.manager.send(torn.encode() + b"\r\n\r\n")
    await turns()
    assert len(world.shelf.leases) == 1
    told = [each["what"] for each in service_said if each["event"] == "ami-forged"]
    assert "a `Hangup` that lacks what each has" in told


async def test_nothing_is_released_while_asterisk_does_not_tell(
    world: World, service_said: list[EventDict]
) -> None:
    """It is asked again."""
    await world.listed()
    world.shelf.leases = [lease(since=NOW)]
    world.hears(begins(), marks(), dials())
    world.manager.refuses.add("Getvar")
    world.hears(ends())
    await until(lambda: "watch-failed" in [each["event"] for each in service_said])
    assert len(world.shelf.leases) == 1
    world.manager.refuses.clear()
    await until(lambda: world.shelf.leases == [])


async def test_a_list_that_lacks_a_call_releases_nothing_that_is_up(world: World) -> None:
    """Neither caller nor leg is on it, and the leg is up."""
    world.manager.up[CALLER] = {}
    world.shelf.leases = [lease(), lease("gone")]
    await until(lambda: len(world.shelf.leases) == 1)
    await turns()
    assert world.shelf.leases == [lease()]


async def test_a_torn_list_releases_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row lost its `Uniqueid`."""
    world.shelf.leases = [lease("gone")]
    answer = world.manager._answer

    def torn(action: dict[str, str]) -> bytes:
        head = b"Event: Status\r\nChannel: x\r\nExten: 1\r\n\r\n"
        return (head if action["Action"] == "Status" else b"") + answer(action)

    monkeypatch.setattr(world.manager, "_answer", torn)
    await world.listed()
    await turns()
    assert world.shelf.leases == [lease("gone")]
    monkeypatch.setattr(world.manager, "_answer", answer)
    world.manager.drop()
    await until(lambda: world.shelf.leases == [])


async def test_a_caller_that_is_up_and_never_was_heard_of_keeps_its_slot(world: World) -> None:
    """Only its leg was; there is nothing to put back for it."""
    await world.listed()
    world.manager.up[CALLER] = {}
    world.shelf.leases = [lease(since=NOW)]
    world.hears(begins(), marks(), dials(), ends())
    await turns()
    assert len(world.shelf.leases) == 1
