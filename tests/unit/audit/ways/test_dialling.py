"""Dial and its like."""

from __future__ import annotations

import pytest

from tests.unit.audit.ways.marked import GATE, found, planted, ways

TEXTS = {
    "options that go on": """
[phones]
exten => 1,1,Dial(PJSIP/101,,F)
 same => n,Hangup()
exten => 2,1,Dial(PJSIP/101,,F(s^1))
exten => 3,1,Dial(PJSIP/101,,G(5)d)
 same => 6,Dial(PJSIP/3@my-trunk)
exten => 4,1,Dial(PJSIP/101,,U(u^PJSIP/4@my-trunk))
exten => s,1,Dial(PJSIP/2@my-trunk) ; ! ungated-trunk
[u]
exten => s,1,Dial(${ARG1}) ; ! ungated-trunk
""",
    "local channels, pages, originates": """
[phones]
exten => 1,1,Page(PJSIP/101&PJSIP/1@my-trunk,b(b^s^1)) ; ! ungated-trunk
exten => 2,1,Originate(PJSIP/101,exten,o)
exten => 3,1,Dial(Local/s)
[b]
exten => s,1,Dial(PJSIP/2@my-trunk) ; ! ungated-trunk
[o]
exten => s,1,Dial(PJSIP/3@my-trunk) ; ! ungated-trunk
[default]
exten => s,1,Dial(PJSIP/4@my-trunk) ; ! ungated-trunk
""",
    "a phone between the yes and the trunk": """
[phones]
exten => _XXXX,1,Gosub(dialguard,outbound,1(${EXTEN}))
 same => n,Dial(PJSIP/101,5,i)
 same => n,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL})
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])
