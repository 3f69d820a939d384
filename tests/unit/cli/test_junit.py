"""`junit`: what is written is XML whatever the names are, and says what CI shows."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from fastagi.cli.junit import TestCase, TestSuite, junit

FILE = Path("office.cases.toml")
POLICY = Path("policies/office.toml")


def _root(*tests: TestCase) -> ET.Element:
    return ET.fromstring(junit([TestSuite(POLICY, tests, 0.25)]))  # noqa: S314 - our own


def test_suites_and_tests_are_counted() -> None:
    """A failure is what did not hold, an error what could not be tried."""
    root = _root(
        TestCase("a", FILE, 1, "case"),
        TestCase("b", FILE, 7, "case", "verdict is `deny`, not `allow`"),
        TestCase("c", FILE, 0, "policy", "no TOML", is_error=True),
    )
    for element in (root, root[0]):
        assert [element.get(each) for each in ("tests", "failures", "errors", "time")] == [
            "3",
            "1",
            "1",
            "0.250",
        ]
    assert (root.tag, root[0].get("name")) == ("testsuites", "office")


def test_a_test_says_where_it_stands_and_why_it_failed() -> None:
    """As an attribute and as text: some show the one, some the other."""
    (found,) = _root(TestCase("b", FILE, 7, "case", "verdict is `deny`"))[0]
    where = [found.get(each) for each in ("classname", "file", "line")]
    assert where == ["office.case", "office.cases.toml", "7"]
    (failure,) = found
    assert (failure.tag, failure.get("type")) == ("failure", "case")
    assert failure.get("message") == "verdict is `deny`"
    assert failure.text == "office.cases.toml:7: verdict is `deny`"


def test_a_test_that_holds_says_nothing_else() -> None:
    """And is there all the same."""
    (found,) = _root(TestCase("a", FILE, 1, "case"))[0]
    assert list(found) == []


@given(st.text(max_size=40), st.text(min_size=1, max_size=40))
def test_no_name_makes_it_anything_but_xml(name: str, why: str) -> None:
    """What XML has no way to write is escaped; nothing gets out of its place."""
    root = _root(TestCase(name, FILE, 1, "case", why))
    (found,) = root.iter("testcase")
    assert [each.tag for each in root.iter()] == [
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
    ]
    if name.isprintable():
        assert found.get("name") == name


def test_what_is_illegal_is_escaped() -> None:
    """A NUL, an escape, half a surrogate pair."""
    (found,) = _root(TestCase('a\x00\x1b[2J\ud800\uffff&<"', FILE, 1, "case"))[0]
    assert found.get("name") == 'a\\x00\\x1b[2J\\xd800\\xffff&<"'
