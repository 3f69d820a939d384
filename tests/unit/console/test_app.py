"""The whole of the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.errors import StoreError

if TYPE_CHECKING:
    from structlog.typing import EventDict

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


async def test_a_program_is_told_so_that_it_can_read_it(world: World) -> None:
    """No page."""
    async with world.browser() as asking:
        answer = await asking.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["detail"]


class Away:
    """A store that is away."""

    def __getattr__(self, name: str) -> object:
        """Fail, whatever is asked."""

        async def fail(*_: object) -> None:
            raise StoreError("away")

        return fail


async def test_a_store_that_is_away_is_said(world: World, told: list[EventDict]) -> None:
    """To the browser in a page, to the operator in the log."""
    async with world.browser(store=Away()) as browser:
        browser.cookies.set("__Host-dialguard-session", "x")
        page = await browser.get("/office/")
    assert page.status_code == 503
    assert "Try again in a minute" in page.text
    assert [line["event"] for line in told] == ["web-without-store"]


async def test_what_breaks_shows_nothing_of_itself(world: World) -> None:
    """The log has it; the browser gets a page."""

    class Broken:
        """Policies that break."""

        def of(self, site: str) -> None:
            """Break."""
            raise ZeroDivisionError("4711")

    app = world.app(policies=Broken())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=world.front.url) as browser:
        page = await browser.get("/office/")
    assert page.status_code == 500
    assert "4711" not in page.text
    assert "ZeroDivision" not in page.text
    assert "content-security-policy" in page.headers
