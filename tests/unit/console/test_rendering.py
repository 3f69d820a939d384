"""Pages: what is put in is escaped, and written as people of a language do."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from babel import Locale

from fastagi.console import assets
from fastagi.console.languages import Language
from fastagi.console.rendering import Renderer, Trouble, duration, moment
from fastagi.console.visits import STATUS

LONDON = ZoneInfo("Europe/London")
NOON = datetime(2026, 1, 5, 12, tzinfo=LONDON).timestamp()


def of(code: str) -> Language:
    """Return a language by its locale."""
    return Language(code.partition("_")[0], Locale.parse(code))


@pytest.mark.parametrize(
    ("code", "at", "written"),
    [
        ("en", NOON + 3600, "1:00\u202fPM"),
        ("en_GB", NOON + 3600, "13:00"),
        ("de", NOON + 3600, "13:00"),
        ("de", NOON + 86400, "06.01.26, 12:00"),
        ("fr", NOON - 86400, "04/01/2026 12:00"),
    ],
)
def test_a_moment_is_written_as_people_do(code: str, at: float, written: str) -> None:
    """In the site's time; with the date where it is not today's."""
    assert moment(at, NOON, LONDON, of(code)) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 min"),
        (0.5, "1 min"),
        (60, "1 min"),
        (61, "2 min"),
        (3599, "1 hr"),
        (3600, "1 hr"),
        (3601, "1 hr 1 min"),
        (8 * 3600, "8 hr"),
    ],
)
def test_a_duration_is_rounded_up(seconds: float, written: str) -> None:
    """Never nothing while there is some left."""
    assert duration(seconds, of("en")) == written


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_has_its_words_and_its_status(trouble: Trouble) -> None:
    """None is said by silence."""
    renderer = Renderer(("en",), assets.load())
    page = renderer.render(
        "trouble.html", of("en"), trouble=trouble, site="<office>", home="", here=""
    )
    said = page.partition("<h1>")[2].partition("<p>")[2].partition("</p>")[0]
    assert len(said.strip()) > 20
    assert STATUS[trouble] >= 400
    assert "&lt;office&gt;" in page
