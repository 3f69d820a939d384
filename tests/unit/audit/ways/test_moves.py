"""Targets are read as Asterisk reads them."""

from __future__ import annotations

import pytest

from fastagi.audit.dialplan import Dialplan
from fastagi.audit.ways.fixed import Names
from fastagi.audit.ways.lookup import Lookup
from fastagi.audit.ways.moves import Target, parsed
from fastagi.audit.ways.substitution import Scope

PLAN = Dialplan({})


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("1", Target(None, None, ("1",))),
        ("s,1", Target(None, ("s",), ("1",))),
        (" a , s , 1 ", Target(("a",), ("s",), ("1",))),
        ("${CONTEXT},s,x,y", Target(("here",), ("s",), ("x",))),
    ],
)
def test_what_is_not_said_is_the_line_s_own(text: str, target: Target) -> None:
    """Context, extension, priority."""
    scope = Scope("here", "1", {}, {}, Lookup(PLAN), Names(PLAN))
    assert parsed(scope, text) == target
