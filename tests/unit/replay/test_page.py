"""A replay as one page: nothing runs in it, nothing comes from elsewhere, nothing breaks it."""

from __future__ import annotations

import dataclasses
import functools
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fastagi.replay.page import page
from tests.unit.attacks.test_page import ATTRIBUTES, STYLE, TAGS, Read
from tests.unit.replay.samples import AT_HOME, GAMBIA, a_call, hostile, month, office, replayed

MORE_TAGS = {"ul", "li", "h3", "section", "polyline", "code"}
MORE_ATTRIBUTES = {"points", "preserveaspectratio", "aria-hidden"}


def test_it_has_no_script_and_nothing_from_elsewhere() -> None:
    """No tag that fetches or runs, no address, and the browser is told to do neither."""
    html = page(month(), STYLE)
    read = Read(html)
    assert set(read.tags) <= TAGS | MORE_TAGS
    assert {name for name, _ in read.attributes} <= ATTRIBUTES | MORE_ATTRIBUTES
    assert "://" not in html
    assert "url(" not in html
    assert "@import" not in html
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("content", policy) in read.attributes


def test_every_plot_has_its_numbers_beside_it() -> None:
    """And says what it shows to who cannot see it."""
    read = Read(page(month(), STYLE))
    labels = [value for name, value in read.attributes if name == "aria-label"]
    for begins in ("calls by day: ", "835 refused by the hour", "What the attack cost over its"):
        assert any(each.startswith(begins) for each in labels), begins
    for table in ("Day by day, as a table", "Money of attack 1, as a table", "By country"):
        assert table in labels


@functools.cache
def _plain() -> Read:
    return Read(page(hostile("x"), STYLE))


@settings(max_examples=20)  # each is a replay, and a page of a hundred tables' rows
@given(st.text(min_size=1))
@example("<script>alert(1)</script>")
@example("</style><img src=x onerror=alert(1)>")
@example("`<b>`")
@example('"><svg onload=alert(1)>')
def test_whatever_is_in_the_records_is_text(text: str) -> None:
    """The page has the tags that it has with any other text."""
    read, plain = Read(page(hostile(text), STYLE)), _plain()
    assert set(read.tags) <= set(plain.tags) | {"code"}
    assert {name for name, _ in read.attributes} == {name for name, _ in plain.attributes}


@pytest.mark.parametrize("calls", [[], [a_call(dialled=AT_HOME)]], ids=["none", "one"])
def test_a_page_of_hardly_anything_is_one(calls: list[object]) -> None:
    """Nothing to draw is no mishap."""
    report = replayed([a_call(dialled=AT_HOME)] if calls else [])
    html = page(report, STYLE)
    assert ("Nothing in these calls looks like an attack." in html) is bool(calls)
    unpriced = replayed([a_call()], dataclasses.replace(office(), rates=None))
    assert "nobody knows what the calls cost" in page(unpriced, STYLE)


def test_what_is_beyond_is_told() -> None:
    """People and attacks that are not listed."""
    report = dataclasses.replace(month(), people_beyond=7, attacks_beyond=2, alone=1)
    html = page(report, STYLE)
    assert "and 7 more" in html
    assert "And 2 more attacks" in html
    assert "1 call besides look like fraud" in html


def test_a_table_that_does_not_hold_all_says_so() -> None:
    """Ten are shown, and all count."""
    html = page(month(), STYLE)
    name = "Calls that look legitimate and would have been refused, the dearest first"
    assert f"<caption>{name}; 10 of 26</caption>" in html
    few = page(replayed([a_call(dialled=GAMBIA) for _ in range(3)]), STYLE)
    assert " of 3</caption>" not in few


def test_there_is_one_word_for_who_is_asked_for_a_code() -> None:
    """In legends as in tables and in words."""
    html = page(month(), STYLE)
    assert '<span class="key ask">asked for a code</span>' in html
    assert "stepped up" not in html


def test_the_last_day_is_written_to_its_left() -> None:
    """To its right there is no room."""
    assert re.search(
        r'<text class="last" x="[0-9.]+" y="[0-9]+">12-31</text>', page(month(), STYLE)
    )
