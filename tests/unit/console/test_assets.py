"""Styles and scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastagi.console import assets

if TYPE_CHECKING:
    from tests.unit.console.world import World


async def test_a_page_loads_its_own_and_nothing_else(world: World) -> None:
    """Each is there, may be kept, and is of the right kind."""
    async with world.browser() as browser:
        page = await browser.get("/office/")
        urls = re.findall(r'(?:src|href)="(/_[^"]+)"', page.text)
        assert len(urls) == 3
        for url in urls:
            found = await browser.get(url)
            assert found.status_code == 200
            assert "immutable" in found.headers["cache-control"]
            assert "content-security-policy" in found.headers
        assert re.findall(r'(?:src|href)="(?!/)[^"]*"', page.text) == []
        assert "style=" not in page.text
        assert re.search(r"\son\w+=", page.text) is None


async def test_another_version_is_not_there(world: World) -> None:
    """It might be kept for a year under a wrong name."""
    async with world.browser() as browser:
        assert (await browser.get("/_/0000000000000000/page.css")).status_code == 404


def test_nothing_of_ours_asks_elsewhere() -> None:
    """No address of another host in styles or scripts."""
    for each in assets.load().values():
        text = each.content.decode().replace("http://www.w3.org/2000/svg", "")
        assert re.search(r"https?:|//[a-z]+\.|@import|url\(", text) is None
