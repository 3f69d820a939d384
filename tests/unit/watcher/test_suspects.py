"""Legs that passed the gate by, and those that only look so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.watcher.samples import (
    LEG,
    NUMBER,
    begins,
    dials,
    ends,
    marks,
    policy,
    row,
    turns_to,
    until,
)
from tests.unit.watcher.world import turns

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from tests.unit.watcher.world import World


async def test_a_bypass_is_recorded_told_and_counted(
    world: World, service_said: list[EventDict]
) -> None:
    """Once, though the leg goes on to ring and to be answered."""
    await world.listed()
    world.hears(begins(), dials())
    await until(lambda: world.bypasses != [])
    world.hears(turns_to("6"))
    await turns()
    assert [each.reason for each in world.records] == ["bypass"]
    assert len(world.bypasses) == 1
    said = next(each for each in service_said if each["event"] == "bypass")
    assert (said["number"], said["caller"]) == ("+44163296xxxx", "PJSIP/101-00000000")
    assert world.hung_up == []


async def test_a_bypass_is_hung_up_where_asked_for(world: World) -> None:
    """And a call that asked, a moment late, is not; nor one that is over already."""
    world.policies = [policy('[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n')]
    await world.listed()
    world.hears(begins("5", "PJSIP/my-trunk-00000005"), dials(leg="5"), marks("5"))
    world.hears(begins("6", "PJSIP/my-trunk-00000006"), dials(leg="6"), ends("6"))
    world.hears(begins(), dials())
    await until(lambda: world.hung_up != [])
    await turns()
    assert set(world.hung_up) == {LEG}
    assert len(world.records) == 1


async def test_a_leg_that_was_up_before_is_told_of_once_and_left_alone(
    world: World, service_said: list[EventDict]
) -> None:
    """It may have asked; calls that come in are not told of."""
    world.policies = [policy('[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n')]
    world.manager.rows = [
        row(mark="(null)"),
        row("7", "PJSIP/my-trunk-00000007", "(null)", data=""),
        row("8", "PJSIP/other-00000008", "(null)"),
    ]
    await world.listed()
    world.manager.drop()
    await until(lambda: len(world.manager.asked("Status")) > 1)
    await turns()
    told = [each for each in service_said if each["event"] == "unknown-leg"]
    assert [each["channel"] for each in told] == ["PJSIP/my-trunk-00000001"]
    assert world.hung_up == []


# ------------------------------------------------------------------------- what is forged


HANG_UP = '[bypass]\ntrunks = ["my-trunk"]\nthen = "hang-up"\n'


@pytest.mark.parametrize(
    "forged",
    [
        [ends()],
        [marks()],
        [{"Event": "Rename", "Channel": "a", "Newname": "x", "Uniqueid": LEG}],
        [dials("112@my-trunk")],
        [{"Event": "Shutdown"}],
    ],
    ids=["hangup", "mark", "rename", "dialled", "shutdown"],
)
@pytest.mark.parametrize("is_dialled", [True, False], ids=["after", "before"])
async def test_a_bypass_is_named_and_ended_whatever_is_forged(
    world: World, forged: list[dict[str, str]], is_dialled: bool
) -> None:
    """Before or after it was dialled: what it is, Asterisk says."""
    world.policies = [policy(HANG_UP)]
    await world.listed()
    world.hears(begins())
    if is_dialled:
        world.hears(dials())
    for each in forged:
        world.manager.forge(**each)
    world.hears(dials())
    await until(lambda: world.hung_up != [])
    assert set(world.hung_up) == {LEG}
    assert [each.number for each in world.records] == [NUMBER]
    assert len(world.manager.asked("Login")) == 1


async def test_a_bypass_of_which_no_more_is_heard_is_named(world: World) -> None:
    """What tells that it was dialled may be torn by who calls; while it is down it is not yet."""
    await world.listed()
    world.hears(begins())
    world.manager.up[LEG]["CHANNEL(state)"] = "Down"
    await until(lambda: len(world.manager.asked("Getvar")) > 4)
    assert world.bypasses == []
    world.manager.up[LEG]["CHANNEL(state)"] = "Ringing"
    await until(lambda: world.bypasses != [])


async def test_a_call_of_another_trunk_is_left_alone_whatever_is_forged(world: World) -> None:
    """Nobody gets a call of others ended."""
    world.policies = [policy(HANG_UP)]
    await world.listed()
    world.hears(begins(name="PJSIP/101-00000001"), dials("101"))
    renamed = {"Event": "Rename", "Channel": "a", "Newname": "PJSIP/my-trunk-00000001"}
    world.manager.forge(**renamed, Uniqueid=LEG)
    await until(lambda: world.manager.asked("Getvar") != [])
    await turns()
    assert (world.hung_up, world.bypasses) == ([], [])


async def test_a_hang_up_that_fails_is_tried_again(world: World) -> None:
    """Until the leg is gone; it is on record once."""
    world.policies = [policy(HANG_UP)]
    await world.listed()
    world.manager.refuses.add("Hangup")
    world.hears(begins(), dials())
    await until(lambda: len(world.hung_up) > 1)
    world.manager.refuses.clear()
    tried = len(world.hung_up)
    await until(lambda: len(world.hung_up) > tried)
    tried = len(world.hung_up)
    await turns()
    assert len(world.hung_up) == tried
    assert len(world.records) == 1


async def test_a_leg_of_which_asterisk_tells_nothing_is_looked_at_again(
    world: World, service_said: list[EventDict]
) -> None:
    """It may be a bypass, and may be none."""
    await world.listed()
    world.manager.refuses.add("Getvar")
    world.hears(begins(), dials())
    await until(lambda: "watch-failed" in [each["event"] for each in service_said])
    assert world.bypasses == []
    world.manager.refuses.clear()
    await until(lambda: world.bypasses != [])


async def test_a_leg_that_began_while_the_link_was_down_is_a_bypass(world: World) -> None:
    """It was not up when the watch began; and its record is one, though links come and go."""
    world.policies = [policy(HANG_UP)]
    world.manager.refuses.add("Hangup")
    await world.listed()
    await turns()
    dialled = {"CHANNEL(endpoint)": "my-trunk", "CHANNEL(pjsip,remote_uri)": f"<sip:{NUMBER}@h>"}
    world.manager.up[LEG] = dialled
    world.manager.rows = [row(mark="(null)"), row("2", "PJSIP/my-trunk-00000002")]
    for _ in range(2):
        world.manager.actions.clear()
        world.manager.drop()
        await world.listed()
        await until(lambda: world.hung_up != [])
    assert set(world.hung_up) == {LEG}
    assert [each.number for each in world.records] == [NUMBER]
