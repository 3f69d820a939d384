"""The whole of the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.console.world import World


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect"])
async def test_no_page_loads_its_scripts_from_elsewhere(world: World, path: str) -> None:
    """FastAPI's own would."""
    async with world.browser() as asking:
        assert (await asking.get(path)).status_code == 404


async def test_other_names_get_nothing(world: World) -> None:
    """Everything stands behind the guard."""
    async with world.browser(url="https://evil.example") as asking:
        assert (await asking.get("/api/v1/openapi.json")).status_code == 421
