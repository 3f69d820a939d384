"""The whole of the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi import tokens
from fastagi.errors import StoreError
from fastagi.tokens import Scope
from tests.unit.console.world import DESK

if TYPE_CHECKING:
    from structlog.typing import EventDict

    from tests.unit.console.world import World


async def test_the_api_is_there(world: World) -> None:
    """It describes itself, and opens a sign-in to the phone at the desk."""
    scopes, now = list(Scope), world.clock.now
    secret = await tokens.add(world.store, "office", "crm", scopes, (), None, now)
    async with world.browser() as asking:
        found = (await asking.get("/api/v1/openapi.json")).json()
        path = "/api/v1/sites/office/extensions/101/sign-ins"
        opened = await asking.post(path, headers={"Authorization": f"Bearer {secret}"})
    assert found["servers"] == [{"url": "/api/v1"}]
    assert opened.status_code == 201
    assert opened.headers["Location"] == f"{path}/{opened.json()['id']}"
    (live,) = await world.store.sign_ins("office", now)
    assert live.origin == DESK


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


async def test_a_program_is_refused_in_its_own_words(world: World) -> None:
    """Also where the web as a whole refuses it."""
    async with world.browser() as asking:
        big = await asking.post("/api/v1/sites/office/sign-ins", content=b"x" * 100_000)
        misdirected = await asking.get("/api/v1/openapi.json", headers={"Host": "evil.example"})
    assert (big.status_code, big.json()["code"]) == (413, "big-body")
    assert (misdirected.status_code, misdirected.json()["code"]) == (421, "misdirected")
    for each in (big, misdirected):
        assert each.json()["request_id"] == each.headers["X-Request-Id"]
