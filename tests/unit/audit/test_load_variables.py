"""Variables that are put in while a dialplan is loaded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastagi.audit.load_variables import DEEPEST, expand

KNOWN = {"A": "123", "B": "A", "E": ""}


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("", ""),
        ("_X.", "_X."),
        ("_${A}X", "_123X"),
        ("${A}${A}", "123123"),
        ("${E}x${NOTHING}", "x"),
        ("${${B}}", "123"),
        ("$A$", "$A$"),
        ("$$A${A}", "$$A123"),
        ("${A", "123"),
        ("${A:1}", "23"),
        ("${A:-1}", "3"),
        ("${A:-9}", "123"),
        ("${A:9}", ""),
        ("${A:0:2}", "12"),
        ("${A:1:1}", "2"),
        ("${A:0:-1}", "12"),
        ("${A:1:-5}", ""),
        ("${A:x}", "123"),
        ("${A:+1}", "23"),
        ("${A{x}y}", ""),
    ],
)
def test_globals_are_put_in(text: str, becomes: str) -> None:
    """As Asterisk does without a call; what is not set is nothing."""
    assert expand(text, KNOWN) == becomes


@pytest.mark.parametrize(
    "text",
    [
        "$[1 + 2]",
        "${GLOBAL(A)}",
        "x${ENV(HOME)}",
        "${EPOCH}",
        "${ASTETCDIR}",
        "${${ENV(A)}}",
        "${A" + "${A" * (DEEPEST + 1),
    ],
)
def test_what_depends_on_more_is_not_known(text: str) -> None:
    """Functions, expressions, the machine."""
    assert expand(text, KNOWN) is None


@given(st.text("${}[]():A1-", max_size=30))
def test_no_text_makes_it_fail(text: str) -> None:
    """Whatever stands there; without a dollar it stays as it is."""
    expanded = expand(text, KNOWN)
    assert "$" in text or expanded == text
