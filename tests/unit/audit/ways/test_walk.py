"""The walk ends, and comes to everything."""

from __future__ import annotations

import pytest

from tests.unit.audit.ways.marked import GATE, found, planted, ways

TEXTS = {
    "extensions that grow": """
[phones]
exten => _X.,1,Goto(0${FILTER(0-9,${EXTEN})},1)
exten => _*X,1,Gosub(1${EXTEN},1)
exten => _[1]!,1,Gosub(1${EXTEN},1)
""",
    "a macro falls off its end": """
[phones]
exten => 1,1,Macro(m)
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[macro-m]
exten => s,1,Macro(n)
[macro-n]
exten => s,1,NoOp()
""",
    "back with nobody to come back to": """
[phones]
exten => 1,1,Return()
 same => n,Dial(PJSIP/1@my-trunk)
exten => 2,1,StackPop()
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => 3,1,Goto(dialguard,outbound,1)
exten => 4,1,Goto(nowhere,1,1)
exten => 5,1,Goto(phones,nobody,1)
exten => i,1,Dial(PJSIP/5@my-trunk) ; ! ungated-trunk
""",
    "inside, behind the gate": """
[globals]
DIALGUARD_INSIDE = inside
[phones]
exten => _X!,1,Gosub(dialguard,outbound,1(${EXTEN}))
[inside]
exten => _1XX,1,Dial(PJSIP/${EXTEN}@my-trunk) ; ! ungated-trunk
""",
    "behind the routine's other doors": """
[phones]
exten => 1,1,Gosub(dialguard,on-behalf,1(150))
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => 2,1,Gosub(dialguard,give-back,1(a,b))
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => 3,1,Gosub(dialguard,outbound,5(1))
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => 4,1,Gosub(dialguard,outbound,1(1))
 same => n,Gosub(dialguard,release,1)
 same => n,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,,${GUARD_DIAL}) ; ! verdict-used-again
exten => 5,1,Gosub(dialguard,feature,1(sign-in))
 same => n,Dial(PJSIP/1@my-trunk)
""",
    "a label of an included context": """
[phones]
exten => _.,1,Hangup()
 same => n,Goto(b)
include => included
[included]
exten => _1XX,1,NoOp()
 same => n(a),Hangup()
 same => n(b),Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => _2XX,1,Hangup()
 same => n,Hangup()
 same => n(a),Dial(PJSIP/2@my-trunk) ; ! ungated-trunk
[from-trunk]
exten => 7,1,Goto(phones,100,a)
exten => 8,1,Goto(phones,200,a)
""",
    "some callers only": """
[phones]
exten => _X./101,1,NoOp()
 same => n,Hangup()
exten => _X.,1,Hangup()
 same => n,Dial(PJSIP/1@my-trunk)
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])


def test_a_walk_that_is_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so."""
    monkeypatch.setattr("fastagi.audit.ways.walk.MOST", 1)
    text = """
[phones]
exten => 1,1,NoOp()
 same => n,NoOp() ; ! cannot-be-known
 same => n,NoOp()
"""
    assert [kind for _, kind in found(ways(text))] == ["cannot-be-known"]


def test_what_differs_too_often_is_forgotten() -> None:
    """And is not walked again and again."""
    lines = [f"exten => {n},1,Set(i={n})\n same => n,Goto(x,s,1)\n" for n in range(100, 250)]
    text = (
        "[phones]\n"
        + "".join(lines)
        + (
            "[x]\nexten => s,1,NoOp(${i})\n same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk\n"
            " same => n,Gosub(y,s,1)\n[y]\nexten => s,1,GotoIf($[${Z}]?end)\n same => n,Return()\n"
            " same => n(end),Return()\n"
        )
    )
    assert found(ways(text)) == planted(text)


def test_includes_within_includes_are_drawn() -> None:
    """Each from the context that has it."""
    text = "[phones]\ninclude => a\n[a]\ninclude => b\n[b]\nexten => 1,1,Dial(PJSIP/101)\n"
    arrows = [
        (x.source.name, x.target.name) for x in ways(text).graph.edges if x.kind == "include"
    ]
    assert arrows == [("a", "b"), ("phones", "a")]
