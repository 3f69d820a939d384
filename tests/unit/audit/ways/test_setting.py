"""Variables are set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.ways import walk
from tests.unit.audit.ways.marked import GATE, found, planted, ways

if TYPE_CHECKING:
    from fastagi.audit.ways.state import Node

TEXTS = {
    "by every means": """
[phones]
exten => 1,1,Set(LOCAL(x)=PJSIP/101)
 same => n,Set(x=PJSIP/102)
 same => n,Dial(${x})
 same => n,MSet(a=1,b="PJSIP/1@my-trunk",torn)
 same => n,Dial(${b}) ; ! ungated-trunk
 same => n,Set(${Z}=x)
 same => n,Set(LOCAL(${Z})=x)
 same => n,Set(ARRAY(c,d)=PJSIP/101,PJSIP/102)
 same => n,Dial(${c}) ; ! cannot-be-known
 same => n,Set(CALLERID(num)=1)
 same => n,Set(never=1)
 same => n,Read(${Z})
 same => n,Set(CHANNEL(hangup_handler_push)=)
 same => n,Set(CHANNEL(hangup_handler_push)=later,s,1(x))
 same => n,Set(__TRANSFER_CONTEXT=${Z})
[later]
exten => s,1,Dial(PJSIP/2@my-trunk) ; ! ungated-trunk
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])


@pytest.mark.parametrize(
    ("setting", "known"),
    [
        ("x=${DB(a/b)}", set()),
        ("x=0${DB(a/b)}", {"x"}),
        ("x=${EPOCH}", {"x"}),
        ("EPOCH=${DB(a/b)}", {"EPOCH"}),
        ("GUARD_VERDICT=${DB(a/b)}", {"GUARD_VERDICT"}),
        ("fixed=${DB(a/b)}", {"fixed"}),
    ],
)
def test_what_is_unknown_when_set_is_as_if_nobody_had_set_it(
    setting: str, known: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless something is known of it where it is not set: a global, a count, the gate's own."""
    nodes: list[Node] = []
    visit = walk.Walk._visit

    def seen(self: walk.Walk, node: Node) -> None:
        nodes.append(node)
        visit(self, node)

    monkeypatch.setattr(walk.Walk, "_visit", seen)
    text = f"""
[globals]
fixed = 1
[phones]
exten => 1,1,Set(x=1)
 same => n,Set({setting})
 same => n,Dial(PJSIP/101,${{x}}${{EPOCH}}${{GUARD_VERDICT}}${{fixed}})
"""
    ways(text)
    (dial,) = {each.state for each in nodes if each.step and each.step.application == "Dial"}
    assert {name for name, value in dial.variables if value != ("1",)} == known
