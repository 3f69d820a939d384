"""Results as JUnit XML, which GitLab, Jenkins and GitHub show beside a change.

The format has no standard; this is what all three read: a suite for each policy, a case for each
case, with its file and line, and the failure as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 (2.2) has no way to write, not even as a reference."""


@dataclass(frozen=True, slots=True)
class TestCase:
    """One test.

    Attributes:
        kind: `case`, `sequence`, `coverage`, `mutation` or `policy`.
        why: Why it failed; empty where it did not.
        is_error: Whether it could not even be tried.
    """

    __test__ = False  # pytest takes whatever is called so for a test

    name: str
    file: Path
    line: int
    kind: str
    why: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class TestSuite:
    """All tests of one policy.

    Attributes:
        seconds: How long they took.
    """

    __test__ = False  # as above

    policy: Path
    tests: Sequence[TestCase]
    seconds: float


def junit(suites: Sequence[TestSuite]) -> bytes:
    """Return the document, in UTF-8."""
    root = ET.Element("testsuites", {"name": "dialguard", **_sums(suites)})
    for suite in suites:
        head = {"name": _legal(suite.policy.stem), "file": _legal(str(suite.policy))}
        of_one = ET.SubElement(root, "testsuite", {**head, **_sums([suite])})
        for each in suite.tests:
            _add(of_one, suite, each)
    ET.indent(root)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def _add(of_one: ET.Element, suite: TestSuite, test: TestCase) -> None:
    where = {
        "classname": _legal(f"{suite.policy.stem}.{test.kind}"),
        "name": _legal(test.name),
        "file": _legal(str(test.file)),
        "line": str(test.line),
    }
    element = ET.SubElement(of_one, "testcase", where)
    if test.why:
        tag = "error" if test.is_error else "failure"
        told = ET.SubElement(element, tag, {"message": _legal(test.why), "type": test.kind})
        told.text = _legal(f"{test.file}:{test.line}: {test.why}")


def _sums(suites: Sequence[TestSuite]) -> dict[str, str]:
    tests = [test for suite in suites for test in suite.tests]
    return {
        "tests": str(len(tests)),
        "failures": str(sum(bool(each.why) and not each.is_error for each in tests)),
        "errors": str(sum(each.is_error for each in tests)),
        "skipped": "0",
        "time": f"{sum(suite.seconds for suite in suites):.3f}",
    }


def _legal(text: str) -> str:
    """Return a text with escapes in place of what XML cannot hold."""
    return _ILLEGAL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
