"""Programs, and the one that is the gate."""

from __future__ import annotations

import pytest

from tests.unit.audit.ways.marked import GATE, found, planted, ways

TEXTS = {
    "doors of ours": """
[phones]
exten => 1,1,AGI(agi://127.0.0.1/sign-in,call=1)
 same => n,AGI(hagi://gate.example/release)
exten => 2,1,AGI(agi://127.0.0.1/outbound-other) ; ! cannot-be-known
exten => 3,1,EAGI(x.py,${X}) ; ! cannot-be-known
exten => 4,1,ExternalIVR(x) ; ! cannot-be-known
exten => 5,1,System(ls)
exten => 6,1,TrySystem(cp x /var/spool/asterisk/outgoing) ; ! cannot-be-known
""",
    "what a program leaves is not known": """
[phones]
exten => 1,1,Set(x=0)
 same => n,AGI(x.py) ; ! cannot-be-known
 same => n,GotoIf($["${x}" = "1"]?dial)
 same => n,Hangup()
 same => n(dial),Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])
