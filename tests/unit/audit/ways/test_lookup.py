"""Lines are looked up as Asterisk does."""

from __future__ import annotations

from fastagi.audit.dialplan import Switch
from fastagi.audit.ways.language import ANYTHING, Language
from fastagi.audit.ways.lookup import Found, Lookup
from tests.unit.audit.ways.text import dialplan

TEXT = """
[a]
exten => _1XX,1,Wide()
exten => _10X,1,Narrow()
exten => _10X,2,Second()
exten => 101,1(here),Exact()
exten => 1-0-2,1,Dashes()
exten => 101/555,1,ForOne()
exten => _9XX/555,1,ForOnePattern()
exten => _[1,1,Torn()
exten => 5,hint,PJSIP/5
include => b
include => hours,9:00-17:00,*,*,*
include => c
include => a
switch => Realtime/x
[b]
exten => _2X,1,Included()
include => a
[hours]
exten => 3,1,Hours()
[c]
exten => 3,1,Always()
exten => 3,1,Twice()
"""
LOOKUP = Lookup(dialplan(TEXT))


def names(dialled: str | Language, wanted: int | str | None = 1) -> list[str]:
    """Return the applications of what is found, and the kinds of switches."""
    return [
        found.kind if isinstance(found, Switch) else found.step.application
        for found in LOOKUP.find("a", dialled, wanted)
    ]


def test_exact_ones_go_before_patterns_and_those_before_includes() -> None:
    """Of one that is for some callers only, the next may run, too."""
    assert names("101") == ["ForOne", "Exact"]
    assert names("102") == ["Dashes"]
    assert names("1-02") == ["Dashes"]
    assert names("105") == ["Narrow"]
    assert names("150") == ["Wide"]
    assert names("25") == ["Realtime", "Included"]
    assert names("3") == ["Realtime", "Hours", "Always"]
    assert names("900") == ["ForOnePattern", "Realtime"]
    assert LOOKUP.may_miss("a", "900", 1)
    assert not LOOKUP.may_miss("a", "101", 1)


def test_a_priority_that_is_missing_is_looked_for_further_on() -> None:
    """101 has no second one, but the pattern has; a label is the number it stands at."""
    assert names("101", 2) == ["Second"]
    assert names("101", "here") == ["ForOne", "Exact"]
    assert names("105", None) == ["Narrow", "Second"]
    assert names("101", 7) == ["Realtime"]


def test_whatever_is_dialled_may_be_any_of_them() -> None:
    """With what is left for each."""
    found = [each for each in LOOKUP.find("a", ANYTHING, 1) if isinstance(each, Found)]
    left = {each.step.application: each.dialled for each in found}
    assert left["Exact"] == "101"
    narrow, wide = left["Narrow"], left["Wide"]
    assert isinstance(narrow, Language)
    assert isinstance(wide, Language)
    assert not narrow.has("101")
    assert narrow.has("105")
    assert not wide.has("105")
    assert LOOKUP.may_miss("a", ANYTHING, 1)


def test_includes_are_told() -> None:
    """And there may be no such context."""
    (_, found) = LOOKUP.find("a", "25", 1)
    assert isinstance(found, Found)
    assert [include.context for include in found.through] == ["b"]
    assert found.context == "b"
    assert LOOKUP.find("nowhere", "1", 1) == ()
    assert "a" in LOOKUP
    assert list(LOOKUP.names()) == ["a", "b", "hours", "c"]
