"""What a browser is signed in as."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.console import sessions
from fastagi.stores.sign_ins import REMEMBERED_S, SignedOff, SignIn, Way
from tests.unit.console.world import DESK

if TYPE_CHECKING:
    from tests.unit.console.world import World


@pytest.fixture
async def opened(world: World) -> SignIn:
    """Somebody is signed in for an hour."""
    now = world.clock.now
    sign_in = SignIn(
        *("office", "101", "id-1", "101", Way.PAGE, DESK, ""),
        *(now, now + 3600, 0, now),
    )
    await world.store.open_sign_in(sign_in, None, 1, now)
    return sign_in


async def test_a_session_is_found_by_its_key_alone(world: World, opened: SignIn) -> None:
    """Which nobody else has: the store keeps a digest."""
    key = await sessions.begin(opened, world.ports)
    assert await sessions.sign_in_of("office", key, world.ports) == opened
    for wrong in ("", key[:-1], key + "x", "\ud800"):
        assert await sessions.sign_in_of("office", wrong, world.ports) is None
    assert await sessions.sign_in_of("branch", key, world.ports) is None
    (kept,) = await world.store.records("office", sessions.KIND, "", 10, world.clock.now)
    assert key not in repr(kept)


async def test_no_two_are_alike(world: World, opened: SignIn) -> None:
    """Of the same sign-in neither."""
    keys = {await sessions.begin(opened, world.ports) for _ in range(3)}
    assert len(keys) == 3


async def test_it_remembers_why_it_is_over(world: World, opened: SignIn) -> None:
    """For as long as the store does."""
    key = await sessions.begin(opened, world.ports)
    world.clock.now += 3600
    over = await sessions.sign_in_of("office", key, world.ports)
    assert over is not None
    assert over.why is SignedOff.EXPIRED
    world.clock.now += REMEMBERED_S
    assert await sessions.sign_in_of("office", key, world.ports) is None


async def test_one_that_was_ended_is_nobodys(world: World, opened: SignIn) -> None:
    """Whatever becomes of its sign-in."""
    key = await sessions.begin(opened, world.ports)
    await sessions.end("office", key, world.ports)
    assert await sessions.sign_in_of("office", key, world.ports) is None
