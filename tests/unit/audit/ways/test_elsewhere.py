"""Others are called, and callers sent on."""

from __future__ import annotations

import pytest

from fastagi.audit.ways.moves import Lists
from tests.unit.audit.ways.marked import GATE, found, planted, ways

TEXTS = {
    "keys, directories, queues": """
[phones]
exten => 1,1,WaitExten(5)
exten => 2,1,Directory(default,dir)
exten => 3,1,Queue(q,F(f^s^1),,,,,m,g)
exten => 4,1,Queue(q,,,,,x.agi) ; ! cannot-be-known
exten => 5,1,Bridge(x,F(br^s^1))
exten => _6X.,1,MixMonitor(a,b,echo ${EXTEN}) ; ! unfiltered-extension
exten => 7,1,ParkAndAnnounce(a,b,c,PJSIP/7@my-trunk) ; ! ungated-trunk
exten => 8,1,RetryDial(a,1,1,PJSIP/8@my-trunk) ; ! ungated-trunk
exten => 9,1,VoiceMail(1)
exten => 10,1,FollowMe(x) ; ! cannot-be-known
exten => 11,1,ChannelRedirect(x)
 same => n,AddQueueMember(q)
 same => n,ParkAndAnnounce(a)
exten => o,1,Dial(PJSIP/9@my-trunk) ; ! ungated-trunk
exten => t,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[dir]
exten => _1X,1,Dial(PJSIP/2@my-trunk) ; ! ungated-trunk
[f]
exten => s,1,Dial(PJSIP/3@my-trunk) ; ! ungated-trunk
[macro-m]
exten => s,1,Dial(PJSIP/4@my-trunk) ; ! ungated-trunk
[g]
exten => s,1,Dial(PJSIP/5@my-trunk) ; ! ungated-trunk
[br]
exten => s,1,Dial(PJSIP/6@my-trunk) ; ! ungated-trunk
""",
    "strangers": """
[from-trunk]
exten => 1,1,DISA(1234,x) ; ! dial-tone-for-strangers
exten => 2,1,DISA(no-password) ; ! dial-tone-for-strangers
exten => 3,1,Transfer(PJSIP/1) ; ! cannot-be-known
[phones]
exten => 1,1,Transfer(PJSIP/1)
exten => 2,1,BlindTransfer(1)
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_wrong_is_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(TEXTS[name] + GATE)) == planted(TEXTS[name])


def test_lists_of_other_files_are_dialled() -> None:
    """Where they are known, and of all where the name is not."""
    text = """
[phones]
exten => 1,1,Queue(q) ; ! ungated-trunk
exten => 2,1,FollowMe(${X}) ; ! ungated-trunk
exten => 3,1,Queue(other)
"""
    lists = Lists({"q": ["PJSIP/101", "PJSIP/1@my-trunk"]}, {"f": ["DAHDI/1/2"]})
    assert found(ways(text, lists)) == planted(text)
