"""Applications, and those within others."""

from __future__ import annotations

import pytest

from tests.unit.audit.ways.marked import GATE, found, planted, ways

TEXTS = {
    "within others": """
[phones]
exten => 1,1,ExecIf($[1]?Dial(PJSIP/1@my-trunk)) ; ! ungated-trunk
exten => 2,1,ExecIf($[0]?Dial(PJSIP/2@my-trunk))
 same => n,ExecIf($[0]?NoOp():Dial(PJSIP/2@my-trunk)) ; ! ungated-trunk
exten => 3,1,ExecIfTime(9:00-17:00,*,*,*?Dial(PJSIP/3@my-trunk)) ; ! ungated-trunk
 same => n,Dial(PJSIP/3@my-trunk) ; ! ungated-trunk
""",
    "computed": """
[globals]
APP = Dial
[phones]
exten => 1,1,${APP}(PJSIP/1@my-trunk) ; ! ungated-trunk
exten => 2,1,${OTHER}(PJSIP/1@my-trunk) ; ! cannot-be-known
""",
    "a shell": """
[phones]
exten => _1X.,1,Set(x=${SHELL(echo ${EXTEN})}) ; ! unfiltered-extension
exten => _2X.,1,Set(x=${SHELL(echo ${FILTER(0-9,${EXTEN})})})
exten => 3,1,Set(x=SHELL( )
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])


def test_what_is_buried_too_deep_is_not_known() -> None:
    """Rather than taken for nothing."""
    buried = "Exec(" * 41 + "Dial(PJSIP/1@my-trunk)" + ")" * 41
    text = f"[phones]\nexten => 1,1,{buried} ; ! cannot-be-known\n"
    assert found(ways(text)) == planted(text)
