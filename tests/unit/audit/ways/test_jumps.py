"""Jumps and routines."""

from __future__ import annotations

import pytest

from tests.unit.audit.ways.marked import GATE, found, planted, ways

TEXTS = {
    "labels and priorities": """
[phones]
exten => 1,1,Goto(here)
 same => n,Hangup()
 same => n(here),GotoIf($[0]?here:+2)
 same => n,Hangup()
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => 2,1,GotoIf($[0]?phones,1,here)
 same => n,Goto(n)
 same => n,Goto(phones,3,1)
exten => 3,1,GosubIf($["${X}"]?s,1)
 same => n,Return()
exten => s,1,MacroIf($[1]?m)
 same => n,GosubIf($[0]?s,1)
 same => n,MacroIf($[0]?m)
 same => n,AELSub(ael,PJSIP/1@my-trunk)
[macro-m]
exten => s,1,MacroExit()
[ael]
exten => ~~s~~,1,Dial(${ARG1}) ; ! ungated-trunk
""",
    "what a routine returns": """
[phones]
exten => 1,1,Gosub(check,s,1)
 same => n,GotoIf($["${GOSUB_RETVAL}" = "yes"]?no)
 same => n,Dial(PJSIP/1@my-trunk)
 same => n(no),Hangup()
[check]
exten => s,1,Return(yes)
""",
    "a hours jump": """
[phones]
exten => 1,1,GotoIfTime(9:00-17:00,*,*,*?there)
 same => n,Hangup()
 same => n(there),Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])
