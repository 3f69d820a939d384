"""Ways to a trunk are found, and only where there are any.

Each dialplan says itself what is wrong with it: `; ! kind` behind the line. There are many, so the
file is long.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fastagi.audit.entry import Devices
from fastagi.audit.finding import Kind
from fastagi.audit.ways.find import find_ways
from tests.unit.audit.ways.marked import (
    ASK,
    DEVICES,
    DIAL,
    GATE,
    OUTSIDE,
    PHONES,
    found,
    planted,
    ways,
)
from tests.unit.audit.ways.text import DIALPLANS, dialplan

ROOT = Path(__file__).parents[4]
FREEPBX = r"""
[phones]
exten => _X.,1,Macro(dialout-trunk,1,${FILTER(0-9,${EXTEN})})
[macro-dialout-trunk]
exten => s,1,Set(DIAL_TRUNK=${ARG1})
 same => n,Set(DIAL_NUMBER=${ARG2})
 same => n,Gosub(macro-dialout-trunk-predial-hook,s,1())
 same => n,GotoIf($["${PREDIAL_HOOK_RET}" = "BYPASS"]?bypass,1)
 same => n,Dial(${OUT_${DIAL_TRUNK}}/${DIAL_NUMBER}@x)
exten => bypass,1,MacroExit()
[macro-dialout-trunk-predial-hook]
exten => s,1,Set(DIALGUARD_TRUNK=${DIAL_TRUNK})
 same => n,Gosub(dialguard,outbound,1(${DIAL_NUMBER}))
 same => n,MSet(__TRANSFER_CONTEXT=from-internal-xfer)
 same => n,Dial(${OUT_${DIAL_TRUNK}}/${GUARD_NUMBER}${OUT_${DIAL_TRUNK}_S},,${X}${GUARD_DIAL})
 same => n,GotoIf($["${DIALSTATUS}" = "CHANUNAVAIL"]?next)
 same => n,Hangup(${GUARD_CAUSE})
 same => n(next),Set(PREDIAL_HOOK_RET=BYPASS)
 same => n,Return()
"""

SOUND = {
    "FreePBX": FREEPBX,
    "the gate, as it is meant": f"""
[phones]
exten => _X!,1,{ASK}
 same => n,{DIAL}
 same => n,Hangup(${{GUARD_CAUSE}})
""",
    "digits without plus": f"""
[phones]
exten => _X!,1,{ASK}
 same => n,Dial(PJSIP/${{FILTER(0-9,${{GUARD_NUMBER}})}}@my-trunk,60,${{GUARD_DIAL}})
""",
    "asked again for the second trunk": f"""
[phones]
exten => _X!,1,{ASK}
 same => n,{DIAL}
 same => n,GotoIf($["${{DIALSTATUS}}" != "CHANUNAVAIL"]?end)
 same => n,{ASK}
 same => n,Dial(PJSIP/${{GUARD_NUMBER}}@other-trunk,60,${{GUARD_DIAL}})
 same => n(end),Hangup()
""",
    "phones of patterns": """
[phones]
exten => _[12]XX,1,Dial(PJSIP/${EXTEN},30,i)
 same => n,Dial(PJSIP/101&PJSIP/102,30)
 same => n,Dial(${PJSIP_DIAL_CONTACTS(101)})
""",
    "a line that nobody comes to": """
[phones]
exten => 1,1,Hangup()
 same => n,Dial(PJSIP/0900@my-trunk)
exten => 2,1,Goto(end)
 same => n,Dial(PJSIP/0900@my-trunk)
 same => n(end),Hangup()
[nobody]
exten => _X.,1,Dial(PJSIP/${EXTEN}@my-trunk)
""",
    "shadowed by a pattern that is more specific": f"""
[phones]
exten => _0X.,1,{ASK}
 same => n,{DIAL}
 same => n,Hangup()
include => open
[open]
exten => _0X.,1,Dial(PJSIP/${{EXTEN}}@my-trunk)
""",
    "a verdict that is tested by hand": """
[phones]
exten => _X!,1,Set(GUARD_VERDICT=)
 same => n,AGI(agi://127.0.0.1:4573/outbound,call=${UNIQUEID},dialled=${FILTER(0-9,${EXTEN})})
 same => n,GotoIf($["${GUARD_VERDICT}" != "ALLOW"]?no)
 same => n,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL})
 same => n(no),Hangup()
""",
    "a verdict that is kept in a variable": """
[phones]
exten => _X!,1,Set(GUARD_VERDICT=)
 same => n,AGI(agi://127.0.0.1:4573/outbound,call=${UNIQUEID})
 same => n,Set(ok=${IF($["${GUARD_VERDICT}" = "ALLOW"]?1:0)})
 same => n,ExecIf($[${ok} = 0]?Hangup(21))
 same => n,Goto(verdict,${GUARD_VERDICT},1)
[verdict]
exten => ALLOW,1,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL})
""",
    "emergencies": """
[phones]
exten => 112,1,Dial(PJSIP/112@my-trunk)
exten => 9112,1,Goto(112,1)
""",
    "a routine of its own around the gate": """
[phones]
exten => _X!,1,Gosub(out,s,1(${EXTEN},my-trunk))
 same => n,Hangup()
[out]
exten => s,1,Gosub(dialguard,outbound,1(${ARG1}))
 same => n,Dial(PJSIP/${GUARD_NUMBER}@${ARG2},60,${GUARD_DIAL})
 same => n,Return()
""",
    "loops and recursion": """
[phones]
exten => s,1,Set(i=0)
 same => n,While($[${i} < 100000])
 same => n,Set(i=$[${i} + 1])
 same => n,EndWhile()
 same => n,Gosub(s,again)
 same => n(again),Set(j=${j}x)
 same => n,Gosub(s,again)
 same => n,Goto(s,1)
""",
    "by the phone's number, in a macro": """
[phones]
exten => _1XX,1,Macro(phone,PJSIP/${EXTEN})
exten => 8,1,Set(WHO=PJSIP/101)
 same => n,Dial(${WHO})
[macro-phone]
exten => s,1,Dial(${ARG1},30,i)
 same => n,Goto(s-${DIALSTATUS},1)
exten => s-NOANSWER,1,VoiceMail(${MACRO_EXTEN})
exten => _s-.,1,Goto(s-NOANSWER,1)
""",
    "an unknown variable, but of digits": """
[phones]
exten => 5,1,Read(number,,3)
 same => n,Dial(PJSIP/${FILTER(0-9,${number})})
""",
    "one of two phones": """
[globals]
DEVICE_101 = PJSIP/101
DEVICE_102 = PJSIP/102
[phones]
exten => 5,1,Dial(${IF($[${RAND(0,1)} = 1]?PJSIP/101:PJSIP/102)},30,i)
 same => n,Set(to=${IF($["${X}" = ""]?one:two)})
 same => n,Goto(${to},s,1)
exten => _10X,1,Dial(${DEVICE_${EXTEN}})
[one]
exten => s,1,Hangup()
[two]
exten => s,1,Hangup()
[three]
exten => s,1,Dial(PJSIP/0900@my-trunk)
""",
    "hours": f"""
[phones]
include => closed,18:00-8:00,*,*,*
exten => _X!,1,{ASK}
 same => n,{DIAL}
[closed]
exten => _X!,1,Playback(closed)
 same => n,Hangup()
""",
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_sound_raises_no_alarm(name: str) -> None:
    """However dangerous it looks."""
    assert ways(SOUND[name] + GATE).findings == ()


HOLES = {
    "straight": """
[phones]
exten => _0XXX,1,Dial(PJSIP/${EXTEN}@my-trunk) ; ! ungated-trunk
exten => 5,1,Dial(DAHDI/g1/5,30) ; ! ungated-trunk
""",
    "from outside": """
[from-trunk]
exten => 200,1,Dial(PJSIP/0900@my-trunk) ; ! ungated-trunk
""",
    "other digits": f"""
[phones]
exten => _XXXX,1,{ASK}
 same => n,Dial(PJSIP/${{EXTEN}}@my-trunk,60,${{GUARD_DIAL}}) ; ! other-digits-dialled
""",
    "a part of the digits": f"""
[phones]
exten => _XXXX,1,{ASK}
 same => n,Dial(PJSIP/${{GUARD_NUMBER:1}}@my-trunk,60,${{GUARD_DIAL}}) ; ! other-digits-dialled
""",
    "a prefix": f"""
[phones]
exten => _XXXX,1,{ASK}
 same => n,Dial(PJSIP/0900${{GUARD_NUMBER}}@my-trunk,60,${{GUARD_DIAL}}) ; ! other-digits-dialled
""",
    "not bound": f"""
[phones]
exten => _XXXX,1,{ASK}
 same => n,Dial(PJSIP/${{GUARD_NUMBER}}@my-trunk,60) ; ! leg-not-bound
""",
    "bound, and undone": f"""
[phones]
exten => _XXXX,1,{ASK}
 same => n,Dial(PJSIP/${{GUARD_NUMBER}}@my-trunk,60,${{GUARD_DIAL}}b(x^s^1)) ; ! leg-not-bound
exten => _1XXXX,1,{ASK}
 same => n,Dial(PJSIP/${{GUARD_NUMBER}}@my-trunk,60,M(x)${{GUARD_DIAL}}) ; ! leg-not-bound
""",
    "used twice": f"""
[phones]
exten => _XXXX,1,{ASK}
 same => n,{DIAL}
 same => n,Dial(PJSIP/${{GUARD_NUMBER}}@other-trunk,60,${{GUARD_DIAL}}) ; ! verdict-used-again
""",
    "not checked": """
[phones]
exten => _XXXX,1,Set(GUARD_VERDICT=)
 same => n,AGI(agi://127.0.0.1/outbound,call=${UNIQUEID})
 same => n,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL}) ; ! verdict-not-checked
""",
    "checked by its status": """
[phones]
exten => _XXXX,1,AGI(agi://127.0.0.1/outbound,call=${UNIQUEID})
 same => n,GotoIf($["${AGISTATUS}" != "SUCCESS"]?no)
 same => n,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL}) ; ! verdict-not-checked
 same => n(no),Hangup()
""",
    "a verdict of before": """
[phones]
exten => _XXXX,1,AGI(agi://127.0.0.1/outbound,call=${UNIQUEID})
 same => n,GotoIf($["${GUARD_VERDICT}" != "ALLOW"]?no)
 same => n,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL}) ; ! verdict-used-again
 same => n(no),Hangup()
""",
    "tested without quotes": """
[phones]
exten => _XXXX,1,Set(GUARD_VERDICT=)
 same => n,AGI(agi://127.0.0.1/outbound,call=${UNIQUEID})
 same => n,GotoIf($[${GUARD_VERDICT} != ALLOW]?no)
 same => n,Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL}) ; ! verdict-not-checked
 same => n(no),Hangup()
""",
    "jumps": """
[phones]
exten => _2XX,1,Goto(other,${EXTEN:1},1)
exten => _3XX,1,GotoIf($[${RAND(0,1)} = 1]?other,${EXTEN:1},1)
exten => _4XX,1,GotoIfTime(*,*,*,*?fourth,s,1:fifth,s,1)
exten => 6,1,ExecIf($["${X}" = "1"]?Dial(PJSIP/6@my-trunk):Goto(sixth,s,lab)) ; ! ungated-trunk
exten => 7,1,TryExec(Exec(Dial(PJSIP/7@my-trunk))) ; ! ungated-trunk
exten => 8,1,GosubIf($[1]?eighth,s,1(PJSIP/8@my-trunk))
exten => 9,1,Macro(ninth)
 same => n,Dial(PJSIP/9@my-trunk) ; ! ungated-trunk
[other]
exten => _XX,1,Dial(DAHDI/g1/${EXTEN}) ; ! ungated-trunk
[fourth]
exten => s,1,Dial(PJSIP/4@my-trunk) ; ! ungated-trunk
[fifth]
exten => s,1,Dial(PJSIP/5@my-trunk) ; ! ungated-trunk
[sixth]
exten => s,1,Hangup()
 same => n(lab),Dial(PJSIP/66@my-trunk) ; ! ungated-trunk
[eighth]
exten => s,1,Dial(${ARG1}) ; ! ungated-trunk
[macro-ninth]
exten => s,1,NoOp()
""",
    "jumps to what is computed": """
[phones]
exten => _2XX,1,Goto(to-${X},s,1)
exten => _3XX,1,Goto(${X},s,1) ; ! cannot-be-known
exten => _4XX,1,Goto(to-b,${X},1)
exten => _5XX,1,Goto(to-c,s,${X})
exten => 6,1,${X}(y) ; ! cannot-be-known
exten => 7,1,Dial(${X}) ; ! cannot-be-known
[to-a]
exten => s,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[to-b]
exten => 77,1,Dial(PJSIP/2@my-trunk) ; ! ungated-trunk
[to-c]
exten => s,1,Hangup()
 same => n,Dial(PJSIP/3@my-trunk) ; ! ungated-trunk
""",
    "channels that begin": """
[phones]
exten => 1,1,Dial(Local/1@a/n)
exten => 2,1,Originate(Local/1@b,exten,c,1,1)
exten => 3,1,Page(PJSIP/101&Local/1@d)
exten => 4,1,Dial(PJSIP/101,30,gF(e^1^1)U(f)M(g)b(h^1^1)G(i^1^1))
exten => 5,1,Set(CHANNEL(hangup_handler_push)=j,1,1)
exten => 6,1,Set(__TRANSFER_CONTEXT=k)
exten => 7,1,BlindTransfer(1,l)
exten => 8,1,ChannelRedirect(PJSIP/x,m,1,1)
exten => 9,1,AddQueueMember(q,Local/1@n)
exten => 10,1,DISA(1234,o)
exten => 11,1,Originate(PJSIP/1@my-trunk,app,Playback,x) ; ! ungated-trunk
[a]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[b]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[c]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[d]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[e]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[f]
exten => s,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[macro-g]
exten => s,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[h]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[i]
exten => 1,1,Hangup()
exten => 1,2,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[j]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[k]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[l]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[m]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[n]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[o]
exten => 1,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
""",
    "priorities of another extension": """
[phones]
exten => 100,1,NoOp()
exten => _1XX,2,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
""",
    "what Asterisk goes to by itself": """
[phones]
exten => 1,1,Background(menu)
exten => h,1,Originate(PJSIP/1@my-trunk,app,NoOp) ; ! ungated-trunk
exten => i,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
""",
    "loops": """
[phones]
exten => 1,1,Set(i=0)
 same => n,While($[${i} < 3])
 same => n,ExecIf($[${i} = 2]?ExitWhile())
 same => n,Set(i=$[${i} + 1])
 same => n,EndWhile()
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
""",
    "unfiltered": f"""
[phones]
exten => _1.,1,Dial(PJSIP/${{EXTEN}}@my-trunk) ; ! ungated-trunk unfiltered-extension
exten => _2X.,1,System(echo ${{EXTEN}}) ; ! unfiltered-extension
exten => _3X!,1,Set(number=${{EXTEN:1}})
 same => n,Dial(Local/${{number}}@nowhere) ; ! unfiltered-extension
exten => _4X.,1,AGI(agi://127.0.0.1/outbound,dialled=${{EXTEN}}) ; ! unfiltered-extension
exten => _5X.,1,{ASK}
""",
    "programs": """
[phones]
exten => 1,1,AGI(dial.pl) ; ! cannot-be-known
exten => 2,1,Stasis(app) ; ! cannot-be-known
exten => 3,1,System(asterisk -rx "channel originate x") ; ! cannot-be-known
switch => Realtime/x ; ! cannot-be-known
""",
    "out of a macro, off the stack": """
[phones]
exten => 1,1,Macro(a)
exten => 2,1,Gosub(b,s,1)
 same => n,Hangup()
[macro-a]
exten => s,1,Goto(c,s,1)
[b]
exten => s,1,StackPop()
 same => n,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
[c]
exten => s,1,Dial(PJSIP/1@my-trunk) ; ! ungated-trunk
""",
}


@pytest.mark.parametrize("name", HOLES)
def test_holes_are_found(name: str) -> None:
    """Each at its line, and nothing else."""
    assert found(ways(HOLES[name] + GATE)) == planted(HOLES[name])


def test_the_shipped_example_is_sound() -> None:
    """So is the whole of `dialplan/extensions.conf`."""
    assert ways((DIALPLANS / "extensions.conf").read_text()).findings == ()


def test_what_install_md_says_is_sound() -> None:
    """The plain one; what goes into FreePBX is audited as a whole, with its own dialplan."""
    blocks = re.split(r"^```.*\n", (ROOT / "docs" / "install.md").read_text(), flags=re.MULTILINE)
    (block,) = (each for each in blocks if '#include "dialguard/emergency.conf"' in each)
    assert find_ways(dialplan(block), (PHONES, OUTSIDE), DEVICES).findings == ()


def test_hundreds_of_phones_that_share_a_routine_end_there() -> None:
    """Patterns and exact extensions, with routines that all of them call."""
    lines = ["[phones]", f"exten => _0X!,1,{ASK}", f" same => n,{DIAL}"]
    for number in range(1000, 1400):
        lines += [
            f"exten => {number},1,Set(who=PJSIP/{number})",
            f" same => n,Gosub(ring,s,1({number}))",
            ' same => n,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)',
            " same => n(busy),VoiceMail(1)",
        ]
    lines += ["[ring]", "exten => s,1,NoOp()", *[" same => n,NoOp(${ARG1})"] * 9]
    lines += [" same => n,Dial(PJSIP/${ARG1},30,i)", " same => n,Return()"]
    text = "\n".join(lines) + "\n" + GATE
    plan = dialplan(text)
    devices = Devices(frozenset(str(number) for number in range(1000, 1400)))
    assert find_ways(plan, (PHONES, OUTSIDE), devices).findings == ()


def test_a_way_is_told_line_by_line() -> None:
    """From the entry to the trunk, by includes, jumps and routines."""
    text = """
[phones]
include => inside
[inside]
exten => _2X,1,Gosub(sub,s,1)
 same => n,Goto(out,${EXTEN},there)
[sub]
exten => s,1,Return()
[out]
exten => _XX,1,Hangup()
 same => n(there),Dial(PJSIP/${EXTEN}@my-trunk)
"""
    (finding,) = ways(text).findings
    assert [(hop.place.line, hop.text) for hop in finding.way] == [
        (1, "endpoint `101`"),
        (3, "include => inside"),
        (5, "Gosub(sub,s,1)"),
        (8, "Return()"),
        (6, "Goto(out,${EXTEN},there)"),
        (11, "Dial(PJSIP/${EXTEN}@my-trunk)"),
    ]
    assert finding.kind is Kind.UNGATED
