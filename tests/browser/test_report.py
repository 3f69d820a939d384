"""The report's page in a real browser, from a file, as whoever gets it opens it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from fastagi.attacks.page import page as written
from tests.browser.test_people import looked_at
from tests.unit.attacks.samples import month, of_hostile
from tests.unit.attacks.test_page import STYLE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from fastagi.attacks.report import Report

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
        self._file = folder / "report.html"

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


def test_a_month_with_attacks_can_be_read_by_everybody(opened: Opened) -> None:
    """On a telephone and on a desk, with a screen reader and without; nothing is fetched."""
    page = opened.open(month())
    expect(page.locator("h1")).to_have_text("Attacks on office, 2026-11-01 to 2026-12-01")
    expect(page.locator("h2").first).to_have_text("Let through, from whom was attacked")
    expect(page.locator("svg").first).to_be_visible()
    page.locator("summary").click()
    expect(page.get_by_role("table", name="Entries of the book by sign")).to_be_visible()
    scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    looked_at(page, f"report-{'dark' if scheme else 'light'}")
    assert (opened.foreign, opened.told) == ([], [])


def test_what_an_attacker_calls_himself_runs_nowhere(opened: Opened) -> None:
    """It is text, and fetches nothing."""
    page = opened.open(of_hostile(HOSTILE))
    assert page.title().startswith("Attacks on office")
    assert page.locator("script, img").count() == 0
    looked_at(page, "report-hostile")
    assert (opened.foreign, opened.told) == ([], [])
