"""The page of a replay in a real browser, from a file, as whoever gets it opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from fastagi.replay.page import page as written
from tests.browser.test_people import looked_at
from tests.unit.attacks.test_page import STYLE
from tests.unit.replay.samples import hostile, month

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from fastagi.replay.report import Report

HOSTILE = "<script>document.title='ran'</script><img src=http://127.0.0.1:9/x onerror=alert(1)>"


class Opened:
    """A window, and what it asked for."""

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.asked: list[str] = []
        self.told: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda told: self.told.append(told.text))
        page.on("pageerror", lambda error: self.told.append(str(error)))
        self._file = folder / "replay.html"

    def open(self, report: Report) -> Page:
        """Show a report."""
        self._file.write_text(written(report, STYLE), "utf-8")
        self.page.goto(self._file.as_uri())
        return self.page

    @property
    def foreign(self) -> list[str]:
        """What was asked for besides the file."""
        return [each for each in self.asked if each != self._file.as_uri()]


@pytest.fixture(params=["light", "dark"])
def opened(request: pytest.FixtureRequest, chromium: Browser, tmp_path: Path) -> Iterator[Opened]:
    """A window of somebody who likes it light, or dark."""
    context = chromium.new_context(
        color_scheme=request.param, viewport={"width": 1280, "height": 800}
    )
    yield Opened(context.new_page(), tmp_path)
    context.close()


def test_a_month_with_an_attack_can_be_read_by_everybody(opened: Opened) -> None:
    """On a telephone and on a desk, with a screen reader and without; nothing is fetched."""
    page = opened.open(month())
    expect(page.locator("h1")).to_have_text(
        "What this policy would have done to the calls of office"
    )
    expect(page.locator(".attack h3").first).to_contain_text("Attack from extension 109")
    expect(page.locator("svg.curve").first).to_be_visible()
    for each in page.locator("summary").all():
        each.click()
    expect(page.get_by_role("table", name="What attack 1 cost by when")).to_be_visible()
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    looked_at(page, f"replay-{'dark' if scheme else 'light'}")
    assert (opened.foreign, opened.told) == ([], [])


def test_what_a_caller_calls_himself_runs_nowhere(opened: Opened) -> None:
    """It is text, and fetches nothing."""
    page = opened.open(hostile(HOSTILE))
    assert page.title().startswith("What this policy")
    assert page.locator("script, img").count() == 0
    looked_at(page, "replay-hostile")
    assert (opened.foreign, opened.told) == ([], [])


@pytest.mark.parametrize("width", [1100, 1280])
def test_a_table_fits_a_desk(opened: Opened, width: int) -> None:
    """Nothing of it is cut off, and no day's name either."""
    page = opened.open(month())
    page.set_viewport_size({"width": width, "height": 800})
    for each in page.locator(".wide:visible").all():
        assert each.evaluate("each => each.scrollWidth - each.clientWidth") == 0
    for day in page.locator("svg.day text").all():
        assert day.evaluate(
            "each => each.getBoundingClientRect().right"
            " <= each.ownerSVGElement.getBoundingClientRect().right"
        )
