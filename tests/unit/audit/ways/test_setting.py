"""Variables are set."""

from __future__ import annotations

import pytest

from tests.unit.audit.ways.marked import GATE, found, planted, ways

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
