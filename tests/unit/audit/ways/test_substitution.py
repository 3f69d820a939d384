"""What `${…}` comes to."""

from __future__ import annotations

import pytest

from fastagi.audit.ways.fixed import Names
from fastagi.audit.ways.language import (
    ALL,
    DIGITS,
    KEYS,
    Language,
    characters,
    of_any,
    of_pattern,
)
from fastagi.audit.ways.lookup import Lookup
from fastagi.audit.ways.state import LOCAL
from fastagi.audit.ways.substitution import JUDGED, Scope
from fastagi.audit.ways.values import (
    Hole,
    Origin,
    Value,
    constant,
    each_of,
    language_of,
    made,
    origin_of,
    unknown,
)
from tests.unit.audit.ways.text import dialplan

PLAN = """
[a]
exten => 1,1(there),NoOp()
exten => _2X,1,NoOp()
"""


@pytest.fixture(name="scope")
def _scope() -> Scope:
    plan = dialplan(PLAN)
    dialled = of_pattern("_12X")
    assert dialled is not None
    variables: dict[str, Value] = {
        "x": constant("abc:d"),
        f"{LOCAL}l": constant("local"),
        "wide": (Hole(Language((), ALL), Origin.DIALLED, "wide"),),
        "keyed": (Hole(of_any(KEYS), Origin.DIALLED, "keyed"),),
        "pair": ("4", Hole(Language((DIGITS,)), Origin.MADE)),
    }
    known = {"G": "global", "D_1": "PJSIP/1", "D_2": "PJSIP/2"}
    return Scope("a", dialled, variables, known, Lookup(plan), Names(plan))


@pytest.mark.parametrize(
    ("text", "comes_to"),
    [
        ("a$b", "a$b"),
        ("${x}", "abc:d"),
        ("${x:1}", "bc:d"),
        ("${x:-2}", ":d"),
        ("${x:-9}", "abc:d"),
        ("${x:0:2}", "ab"),
        ("${x:9}", ""),
        ("${l}", "local"),
        ("${G}${CONTEXT}", "globala"),
        ("${EXTEN:0:2}", "12"),
        ("${${l:0:0}x}", "abc:d"),
        ("${FILTER(a-b,${x})}", "ab"),
        ("${FILTER(\\x61,${x})}", "a"),
        ("${FILTER(0-9)}", ""),
        ("${IF($[1]?a:b)}${IF($[0]?a:b)}", "ab"),
        ("${CUT(x,:,2)}", "d"),
        ("${CUT(x,:,5)}", ""),
        ("${LEN(${x})}", "5"),
        ("${LEN(${pair})}", "2"),
        ("${GLOBAL(G)}", "global"),
        ("${DIALPLAN_EXISTS(a)}${DIALPLAN_EXISTS(b)}", "10"),
        ("${DIALPLAN_EXISTS(a,1,1)}${DIALPLAN_EXISTS(a,1,there)}", "11"),
        ("${DIALPLAN_EXISTS(a,3,1)}", "0"),
        ("${VALID_EXTEN(a,3)}", "0"),
        ("${ISNULL()}${ISNULL(${x})}${ISNULL(${EXTEN})}", "100"),
        ("${EXISTS()}${EXISTS(${x})}${EXISTS(${EXTEN})}", "011"),
        ("${PJSIP_DIAL_CONTACTS(101,x)}", "PJSIP/101"),
        ("${EVAL(${x})}", "abc:d"),
        ("$[1 + 1]", "2"),
        ("${MD5", None),
    ],
)
def test_what_is_known_is_put_in(scope: Scope, text: str, comes_to: str | None) -> None:
    """Variables, parts of them, functions."""
    assert scope.text(text) == comes_to


@pytest.mark.parametrize(
    ("text", "language", "origin"),
    [
        ("${EXTEN}", of_pattern("_12X"), Origin.DIALLED),
        ("${EXTEN:1}", of_pattern("_2X"), Origin.DIALLED),
        ("${EXTEN:-1}", Language((DIGITS,)), Origin.DIALLED),
        ("${EXTEN:1:-1}", of_any(DIGITS), Origin.DIALLED),
        ("${EXTEN:${q}}", of_any(DIGITS), Origin.DIALLED),
        ("${FILTER(0-9,${wide})}", of_any(DIGITS), Origin.DIALLED),
        ("${FILTER(0-9,${pair})}", Language((1 << 0x34, DIGITS)), Origin.MADE),
        ("${FILTER(0-9*#,${EXTEN})}", of_pattern("_12X"), Origin.DIALLED),
        ("${FILTER(13-9,${EXTEN})}", of_any(DIGITS & ~characters("02")), Origin.DIALLED),
        ("${GUARD_NUMBER}", JUDGED, Origin.NUMBER),
        ("${FILTER(0-9,${GUARD_NUMBER})}", of_any(DIGITS), Origin.NUMBER),
        ("${FILTER(1-9,${GUARD_NUMBER})}", of_any(DIGITS & ~1 << 0x30), Origin.DIALLED),
        ("${GUARD_NUMBER:1}", JUDGED, Origin.DIALLED),
        ("${CUT(GUARD_NUMBER,+,2)}", JUDGED, Origin.DIALLED),
        ("${CUT(q,:,1)}", of_any(ALL), Origin.UNKNOWN),
        ("${CUT(${q},:,1)}", of_any(ALL), Origin.UNKNOWN),
        ("${UNIQUE}", of_any(ALL), Origin.UNKNOWN),
        ("${${q}}", of_any(ALL), Origin.UNKNOWN),
        ("${NO_${q}}", of_any(ALL), Origin.UNKNOWN),
        ("${EPOCH}${GROUP_COUNT(x)}", of_any(DIGITS), Origin.MADE),
        ("${LEN(${wide})}", of_any(DIGITS), Origin.MADE),
        ("${TOUPPER(${keyed})}", of_any(ALL), Origin.DIALLED),
        ("${DB(a/b)}", of_any(ALL), Origin.UNKNOWN),
        ("${GLOBAL(q)}", of_any(ALL), Origin.UNKNOWN),
        ("${RAND(1,2)}", of_any(DIGITS), Origin.MADE),
        ("${MATH(1+2)}", of_any(DIGITS | characters("-.")), Origin.MADE),
        ("${REGEX(a b)}", of_any(characters("01")), Origin.MADE),
        ("${ISNULL(${wide})}${EXISTS(${wide})}", of_any(characters("01")), Origin.MADE),
        ("${DIALPLAN_EXISTS(${q})}", of_any(characters("01")), Origin.MADE),
        ("${DIALPLAN_EXISTS(a,1,${q})}", of_any(characters("01")), Origin.MADE),
        ("${DIALPLAN_EXISTS(a,${keyed},1)}", of_any(characters("01")), Origin.MADE),
        ("${SHA1(x)}${MD5(x)}", of_any(characters("0123456789abcdef")), Origin.MADE),
    ],
)
def test_what_is_not_known_keeps_its_characters(
    scope: Scope, text: str, language: Language, origin: Origin
) -> None:
    """And whose it is."""
    value = scope.value(text)
    assert language_of(value) == language
    assert origin_of(value) is origin


def test_computed_names_are_those_of_globals(scope: Scope) -> None:
    """All that fit."""
    assert each_of(scope.value("${D_${q}}")) == [("PJSIP/1",), ("PJSIP/2",)]
    assert each_of(scope.value("${IF($[${q}]?a:b)}")) == [("a",), ("b",)]
    assert each_of(scope.value("${IFTIME(*,*,*,*?a:b)}")) == [("a",), ("b",)]


def test_conditions_are_of_what_is_put_in(scope: Scope) -> None:
    """`$[…]`, or any text."""
    assert scope.holds("$[1 = 1]") is True
    assert scope.holds(" ${l:9} ") is False
    assert scope.holds("${q}") is None
    assert unknown("q") == scope.value("${q}")
    assert made(DIGITS) == scope.value("${PRIORITY}")
