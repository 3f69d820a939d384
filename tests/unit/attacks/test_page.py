"""A report as one page: nothing runs in it, nothing comes from elsewhere, nothing breaks it."""

from __future__ import annotations

import dataclasses
from html.parser import HTMLParser
from importlib.resources import files

from hypothesis import example, given
from hypothesis import strategies as st

from fastagi.attacks import plots
from fastagi.attacks.page import page
from fastagi.attacks.report import Estimate, Most, Through
from tests.unit.attacks.samples import month, of_hostile

STYLE = (files("fastagi.console") / "static" / "console.css").read_text("utf-8")
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "p", "span", "h1", "h2"),
    *("div", "table", "caption", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"),
    *("svg", "rect", "line", "text", "strong", "details", "summary"),
}
ATTRIBUTES = {
    *("lang", "charset", "name", "content", "http-equiv", "class", "tabindex", "role", "scope"),
    *("aria-label", "viewbox", "x", "y", "x1", "x2", "y1", "y2", "width", "height"),
}


class Read(HTMLParser):
    """What is in a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.texts.append(data)


def test_it_has_no_script_and_nothing_from_elsewhere() -> None:
    """No tag that fetches or runs, no address, and the browser is told to do neither."""
    html = page(month(), STYLE)
    read = Read(html)
    assert set(read.tags) <= TAGS
    assert {name for name, _ in read.attributes} <= ATTRIBUTES
    assert "://" not in html
    assert "url(" not in html
    assert "@import" not in html
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("content", policy) in read.attributes
    assert html.startswith("<!doctype html>")


def test_what_is_drawn_is_said_too() -> None:
    """Each plot has a label, and all of their numbers stand in a table."""
    read = Read(page(month(), STYLE))
    labels = [value for name, value in read.attributes if name == "aria-label"]
    drawn = plots.of_report(month())
    assert [each for each in labels if " a day" in each] == [each.label for each in drawn]
    assert read.tags.count("svg") == len(drawn)
    texts = " ".join(read.texts)
    for day in month().days:
        assert day.day in texts
    assert texts.index("Let through, from whom was attacked") < texts.index("What was seen")


def test_text_that_nobody_made_fit_to_be_shown_is_escaped() -> None:
    """Should any ever come into a report."""
    bad = '<script>alert(1)</script>"><img src=x>'
    report, most = month(), Most([(bad, 1)], 1)
    hostile = dataclasses.replace(
        report,
        sites=[bad],
        through=[
            Through(bad, bad, bad, bad, bad, bad, bad, [bad], bad, bad, 1, bad),
        ],
        attacks=[
            dataclasses.replace(
                report.attacks[0], site=bad, watch=bad, sign=bad, seen=bad, country=bad, did=[bad]
            )
        ],
        days=[dataclasses.replace(report.days[0], day=bad)],
        by_sign=[(bad, 1)],
        addresses=most,
        written=most,
        networks=most,
        countries=most,
        accounts=most,
        numbers=most,
        destinations=most,
        did=[(bad, 1)],
        held=[(bad, bad, 1)],
        estimates=[Estimate(bad, 1, 1, 1, 1)],
    )
    html = page(hostile, STYLE)
    assert "<script" not in html
    assert "<img" not in html
    read = Read(html)
    assert set(read.tags) <= TAGS
    assert {name for name, _ in read.attributes} <= ATTRIBUTES


@given(hostile=st.text(max_size=80))
@example(hostile="<script>alert(1)</script>")
@example(hostile='"><img src=x onerror=alert(1)>')
@example(hostile="</style></table>{{ 7 * 7 }}")
def test_no_hostile_text_becomes_a_part_of_it(hostile: str) -> None:
    """There are the same tags and attributes, whatever an attacker calls himself."""
    usual, read = Read(page(of_hostile("x"), "")), Read(page(of_hostile(hostile), ""))
    assert set(read.tags) <= TAGS
    assert {name for name, _ in read.attributes} <= ATTRIBUTES
    assert read.tags.count("table") <= usual.tags.count("table")
    assert not any(each in text for text in read.texts for each in "\u202e\u200b\x1b\x07\x00")


def test_a_report_of_nothing_is_a_page() -> None:
    """And says that there was nothing."""
    html = page(of_hostile(""), STYLE)
    assert "None in the book." not in html
    assert Read(html).tags.count("h1") == 1
