"""One request of a page; what forms have to show is tried in `test_people`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.console.world import World


async def test_the_language_is_the_browsers(world: World) -> None:
    """And the page says which it is, for screen readers."""
    async with world.browser() as browser:
        page = await browser.get("/office/", headers={"Accept-Language": "de-AT,en;q=0.5"})
    assert '<html lang="de">' in page.text
    assert "Anmelden" in page.text


async def test_a_language_that_was_chosen_is_kept(world: World) -> None:
    """In a cookie, also for pages of trouble."""
    async with world.browser() as browser:
        assert '<html lang="it">' in (await browser.get("/office/?lang=it")).text
        assert '<html lang="it">' in (await browser.get("/office/")).text
        assert '<html lang="it">' in (await browser.get("/nowhere/")).text


async def test_a_language_that_there_is_not_is_not_kept(world: World) -> None:
    """Nor is anything else that was sent."""
    async with world.browser() as browser:
        page = await browser.get("/office/?lang=x%0d%0aSet-Cookie:%20a=b")
    assert '<html lang="en">' in page.text
    assert all("form" in each for each in page.headers.get_list("set-cookie"))


@pytest.mark.parametrize("code", ["en", "es", "fr", "de", "it"])
async def test_each_language_is_offered_by_its_own_name(world: World, code: str) -> None:
    """To whoever cannot read the page."""
    async with world.browser() as browser:
        page = (await browser.get(f"/office/?lang={code}")).text
    for name in ("English", "Español", "Français", "Deutsch", "Italiano"):
        assert f">{name}</a>" in page
    assert f'lang="{code}" hreflang="{code}" aria-current="true"' in page


async def test_where_there_is_one_language_none_is_offered(world: World) -> None:
    """There is nothing to choose."""
    world.front = type(world.front)(world.front.url, languages=("de",))
    async with world.browser() as browser:
        page = (await browser.get("/office/?lang=en")).text
    assert "hreflang" not in page
    assert '<html lang="de">' in page
