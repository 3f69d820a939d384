"""Globals that nobody sets, and variables that somebody reads."""

from __future__ import annotations

from fastagi.audit.ways.fixed import Names, fixed
from tests.unit.audit.ways.text import dialplan

TEXT = """
[globals]
A = 1
B = ${A}2${A}
C = ${UNKNOWN}
SET = 3
SET_LATER = 4
KEY_7 = 5
[a]
exten => s,1,Set(GLOBAL(SET)=x)
exten => s,2,SetGlobalVar(SET_LATER=x)
exten => s,3,ExecIf($[1]?Set(GLOBAL(KEY_${x})=y))
exten => s,4,${app}(${one}${two_${x}}${CUT(three,:,1)})
"""


def test_globals_are_fixed_if_nobody_sets_them() -> None:
    """By name, or by a name that is computed; with others put in."""
    assert fixed(dialplan(TEXT)) == {"A": "1", "B": "121"}


def test_names_that_are_read() -> None:
    """By a known name, a computed one, or one that a function takes; and those of the gate."""
    names = Names(dialplan(TEXT))
    for name in ("one", "two_x", "three", "x", "app", "A", "GUARD_VERDICT", "ARG1", "EXITCONTEXT"):
        assert name in names
    assert "SET_LATER" not in names
