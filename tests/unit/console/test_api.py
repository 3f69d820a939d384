"""The API's routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.console.world import World


async def test_it_describes_itself(world: World) -> None:
    """And nothing but itself: pages are for people."""
    async with world.browser() as asking:
        answer = await asking.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert all(path.startswith("/api/v1/") for path in answer.json()["paths"])
