"""Loops have two ends."""

from __future__ import annotations

import pytest

from tests.unit.audit.ways.marked import GATE, found, planted, ways

TEXTS = {
    "nested, continued, left": """
[phones]
exten => 1,1,While($[${X}])
 same => n,While($[1])
 same => n,ExecIf($["${Y}"]?ContinueWhile())
 same => n,ExitWhile()
 same => n,EndWhile()
 same => n,EndWhile()
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => 2,1,While($[1])
 same => n,EndWhile()
 same => n,Dial(PJSIP/2@my-trunk)
""",
    "torn": """
[phones]
exten => 1,1,While($[0])
 same => n,Dial(PJSIP/1@my-trunk)
exten => 2,1,EndWhile()
 same => n,Dial(PJSIP/2@my-trunk)
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])
