"""How long `dialguard audit` takes as a whole, of a thousand lines and of ten thousand.

`companies` is a hundred of them on one Asterisk: each with its phones, a menu, nights, routines
that call routines, two trunks behind the gate, and one of them a way past it.

`FreePBX` is one company in the shape that FreePBX writes: all phones in one context, which
includes all the others; macros that call macros and set many variables; a context for each menu,
queue, group, time condition and route; three trunks behind the predial hook, and a route past it.

`own contexts` is a context for each phone, nothing but includes of the same departments.

It is longer than others: most of it is what these dialplans say.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

SHIPPED: Final = Path(__file__).parents[1] / "dialplan"
LINES: Final = (1_000, 10_000)
TRUNKS: Final = 3
COMMAND: Final = [sys.executable, "-m", "fastagi", "audit", "--json"]
HEAD: Final = """[globals]
DIALGUARD_EMERGENCY_TRUNK = carrier

#include "dialguard/dialguard.conf"
#include "dialguard/emergency.conf"
"""
PHONES: Final = """[carrier]
type = endpoint
context = inbound
aors = carrier
allow_transfer = no

[carrier]
type = aor
contact = sip:carrier.example.net
"""


def main() -> None:
    """Print the table."""
    table = Table("site", "lines", "contexts", "findings", "seconds", "of CPU", "MiB")
    for (name, site), lines in itertools.product(SITES.items(), LINES):
        with tempfile.TemporaryDirectory() as folder:
            etc = Path(folder)
            written = _write(etc, *site(lines))
            out, began = etc / "found.json", time.perf_counter()
            with out.open("wb") as file, subprocess.Popen([*COMMAND, folder], stdout=file) as ran:
                _, _, used = os.wait4(ran.pid, 0)
            took_s = time.perf_counter() - began
            found = json.loads(out.read_bytes())
        cpu_s = used.ru_utime + used.ru_stime
        sizes = (f"{written:,}", f"{found['contexts']:,}", str(len(found["findings"])))
        table.add_row(name, *sizes, f"{took_s:.2f}", f"{cpu_s:.2f}", f"{used.ru_maxrss // 1024}")
    Console().print(table)


def _write(etc: Path, plan: str, phones: str) -> int:
    """Write the configuration of a site; return how many lines its dialplan has."""
    (etc / "dialguard").mkdir()
    for name in ("dialguard.conf", "emergency.conf"):
        shutil.copy(SHIPPED / name, etc / "dialguard" / name)
    (etc / "extensions.conf").write_text(plan)
    (etc / "pjsip.conf").write_text(phones)
    return plan.count("\n")


def companies(lines: int) -> tuple[str, str]:
    """Return the dialplan of a hundred companies, of so many lines, and their phones."""
    chance = random.Random(1)  # noqa: S311 - the same site every time
    plan, phones, inbound = [HEAD], [PHONES], ["[inbound]"]
    company = 0
    while sum(text.count("\n") for text in plan) + len(inbound) < lines:
        company += 1
        plan.append(_company(f"c{company}", chance, past_the_gate=company == 1))
        phones.append(_phone(f"c{company}"))
        inbound.append(f"exten => 4416329{company:05},1,Goto(c{company}-menu,s,1)")
    return "\n".join([*plan, *inbound, ""]), "\n".join(phones)


def own_contexts(lines: int) -> tuple[str, str]:
    """Return a dialplan with a context for each phone: they include the same departments."""
    # Each phone has as many includes as there are phones, and seven lines of its department.
    count = int((lines + 16) ** 0.5) - 4
    includes = "".join(f"include => department{each}\n" for each in range(count))
    departments = "".join(
        f"\n[department{each}]\nexten => {1000 + each},1,Dial(PJSIP/p{each}-100,30,i)\n"
        f" same => n,VoiceMail({1000 + each},u)\n same => n,Hangup()\n"
        for each in range(count)
    )
    phones = "".join(
        f"\n[p{each}-phones]\ninclude => dialguard-emergency\n{includes}include => outside\n"
        for each in range(count)
    )
    listed = "\n".join([PHONES, *(_phone(f"p{each}") for each in range(count))])
    return f"{HEAD}{OUTSIDE}{departments}{phones}", listed


def _phone(name: str, context: str = "") -> str:
    within = context or f"{name}-phones"
    return (
        f"[{name}-100]\ntype = endpoint\ncontext = {within}\nauth = {name}-100\n"
        f"aors = {name}-100\nset_var = TRANSFER_CONTEXT={within}\n\n"
        f"[{name}-100]\ntype = aor\nmax_contacts = 1\n\n"
        f"[{name}-100]\ntype = auth\nusername = {name}\npassword = k3{name}Zq8vT5mW1xR7\n"
    )


def freepbx(lines: int) -> tuple[str, str]:
    """Return a dialplan in FreePBX's shape, of so many lines, and its phones."""
    local, apps, plan = ["[ext-local]"], ["[from-internal-additional]"], [HEAD, OUT, MACROS]
    inbound, phones = ["[from-trunk]"], [PHONES]
    number = 0
    while sum(text.count("\n") + 1 for text in (*local, *apps, *plan, *inbound)) < lines:
        local.append(_extension(1000 + number))
        phones.append(_phone(str(1000 + number), "from-internal"))
        if number % 10 == 0:
            apps += [f"include => app-{kind}-{number}" for kind in ("queue", "group", "ivr")]
            plan.append(_applications(number))
            inbound.append(f"exten => 4416329{number:05},1,Goto(timeconditions,{number},1)")
        number += 1
    routes = [_route(each, past_the_hook=each == TRUNKS) for each in range(1, TRUNKS + 1)]
    apps += ["include => ext-local", "include => outbound-allroutes"]
    apps += ["[outbound-allroutes]", *(f"include => outrt-{each + 1}" for each in range(TRUNKS))]
    text = "\n".join([*plan, *routes, "\n".join(apps), "\n".join(local), "\n".join(inbound), ""])
    return text, "\n".join(phones)


OUTSIDE: Final = """
[outside]
exten => _0X!,1,Gosub(dialguard,outbound,1(${EXTEN}))
 same => n,Dial(PJSIP/${GUARD_NUMBER}@carrier,60,${GUARD_DIAL})
 same => n,Hangup(${GUARD_CAUSE})

[inbound]
exten => _X.,1,Goto(department0,1000,1)
"""
OUT: Final = "\n[globals]\n" + "".join(
    f"OUT_{each} = PJSIP/carrier\nOUTPREFIX_{each} =\nOUTMAXCHANS_{each} = 4\n"
    for each in range(1, TRUNKS + 1)
)
MACROS: Final = """
[from-internal]
include => dialguard-emergency
include => from-internal-additional
exten => h,1,Macro(hangupcall)

[inbound]
include => from-trunk

[macro-hangupcall]
exten => s,1,GotoIf($["${USE_CONFIRMATION}" = ""]?done)
 same => n,Set(DB_DEL=${RG_INDEX})
 same => n(done),Hangup()

[macro-user-callerid]
exten => s,1,Set(TOUCH_MONITOR=${UNIQUEID})
 same => n,Set(AMPUSER=${IF($["${AMPUSER}" = ""]?${CALLERID(number)}:${AMPUSER})})
 same => n,GotoIf($["${CUT(CHANNEL,@,2):5:5}" = "queue"]?report)
 same => n,ExecIf($["${REALCALLERIDNUM}" = ""]?Set(REALCALLERIDNUM=${CALLERID(number)}))
 same => n,Set(AMPUSERCIDNAME=${DB(AMPUSER/${AMPUSER}/cidname)})
 same => n(report),GotoIf($["${ARG1}" = "SKIPTTL"]?continue)
 same => n,Set(__TTL=${IF($["foo${TTL}" = "foo"]?64:$[${TTL} - 1])})
 same => n,GotoIf($[${TTL} > 0]?continue)
 same => n,Hangup()
 same => n(continue),NoOp(${CALLERID(all)})

[macro-exten-vm]
exten => s,1,Macro(user-callerid)
 same => n,Set(RingGroupMethod=none)
 same => n,Set(__EXTTOCALL=${ARG2})
 same => n,Set(__PICKUPMARK=${ARG2})
 same => n,Set(RT=${IF($["${ARG1}" != "novm"]?15:${DB(AMPUSER/${ARG2}/ringtimer)})})
 same => n,Macro(dial-one,${RT},i,${ARG2})
 same => n,GotoIf($["${DIALSTATUS}" = "ANSWER"]?exit,1)
 same => n,GotoIf($["${ARG1}" = "novm"]?exit,1)
 same => n,Macro(vm,${ARG1},${DIALSTATUS})
exten => exit,1,MacroExit()

[macro-dial-one]
exten => s,1,Set(DEXTEN=${ARG3})
 same => n,Set(DIALSTATUS_CW=)
 same => n,GotoIf($["${DB(CF/${DEXTEN})}" != ""]?forwarded)
 same => n,GotoIf($["${DB(DND/${DEXTEN})}" = "YES"]?busy)
 same => n,Dial(PJSIP/${DEXTEN}-100,${ARG1},${ARG2})
 same => n,MacroExit()
 same => n(busy),Set(DIALSTATUS=BUSY)
 same => n,MacroExit()
 same => n(forwarded),Set(DEXTEN=${FILTER(0-9,${DB(CF/${DEXTEN})})})
 same => n,Dial(Local/${DEXTEN}@from-internal/n,60)

[macro-vm]
exten => s,1,Macro(user-callerid,SKIPTTL)
 same => n,GotoIf($["${ARG2}" = "BUSY"]?busy:none)
 same => n(busy),VoiceMail(${ARG1}@default,b)
 same => n,MacroExit()
 same => n(none),VoiceMail(${ARG1}@default,u)

[macro-dialout-trunk]
exten => s,1,Set(DIAL_TRUNK=${ARG1})
 same => n,Set(DIAL_NUMBER=${ARG2})
 same => n,Set(DIAL_TRUNK_OPTIONS=i)
 same => n,Set(GROUP()=OUT_${DIAL_TRUNK})
 same => n,GotoIf($["${OUTMAXCHANS_${DIAL_TRUNK}}" = ""]?dial)
 same => n,GotoIf($[${GROUP_COUNT(OUT_${DIAL_TRUNK})} > ${OUTMAXCHANS_${DIAL_TRUNK}}]?full)
 same => n(dial),Set(OUTNUM=${OUTPREFIX_${DIAL_TRUNK}}${DIAL_NUMBER})
 same => n,Gosub(macro-dialout-trunk-predial-hook,s,1)
 same => n,GotoIf($["${PREDIAL_HOOK_RET}" = "BYPASS"]?full)
 same => n,Hangup()
 same => n(full),NoOp(next trunk)

[macro-dialout-trunk-predial-hook]
exten => s,1,Set(DIALGUARD_TRUNK=${DIAL_TRUNK})
 same => n,Gosub(dialguard,outbound,1(${OUTNUM}))
 same => n,Dial(${OUT_${DIAL_TRUNK}}/${GUARD_NUMBER},300,${GUARD_DIAL})
 same => n,GotoIf($["${DIALSTATUS}" = "CHANUNAVAIL" | "${DIALSTATUS}" = "CONGESTION"]?next)
 same => n,Hangup(${GUARD_CAUSE})
 same => n(next),Set(PREDIAL_HOOK_RET=BYPASS)
 same => n,Return()
"""


def _extension(number: int) -> str:
    return f"""exten => {number},1,Set(__RINGTIMER=${{DB(AMPUSER/{number}/ringtimer)}})
 same => n,Macro(exten-vm,{number},{number})
 same => n,GotoIf($["${{DIALSTATUS}}" = "ANSWER"]?end)
 same => n(dest),Set(__PICKUPMARK=)
 same => n(end),Hangup()
exten => *{number},1,Macro(vm,{number},DIRECTDIAL)
 same => n,Hangup()
exten => vmu{number},1,Macro(vm,{number},NOANSWER)"""


def _applications(number: int) -> str:
    """Return a menu, a queue, a group and hours of a department."""
    rung = "&".join(f"PJSIP/{1000 + number + each}-100" for each in range(3))
    return f"""
[app-queue-{number}]
exten => {4000 + number},1,Macro(user-callerid)
 same => n,Answer()
 same => n,Set(__NODEST=${{EXTEN}})
 same => n,QueueLog({4000 + number},${{UNIQUEID}},NONE,DID,${{FROM_DID}})
 same => n,Queue({4000 + number},t,,,300)
 same => n,Goto(ext-local,vmu{1000 + number},1)

[app-group-{number}]
exten => {5000 + number},1,Macro(user-callerid)
 same => n,GotoIf($["${{REALCALLERIDNUM}}" = ""]?none)
 same => n,Dial({rung},20,i)
 same => n(none),Goto(app-queue-{number},{4000 + number},1)

[app-ivr-{number}]
exten => {6000 + number},1,Goto(ivr-{number},s,1)

[ivr-{number}]
exten => s,1,Set(IVR_LOOPS=0)
 same => n,Answer()
 same => n(start),Background(ivr-{number}-welcome)
 same => n,WaitExten(10)
exten => 1,1,Goto(ext-local,{1000 + number},1)
exten => 2,1,Goto(app-group-{number},{5000 + number},1)
exten => i,1,Set(IVR_LOOPS=$[${{IVR_LOOPS}} + 1])
 same => n,GotoIf($[${{IVR_LOOPS}} > 3]?end)
 same => n,Goto(s,start)
 same => n(end),Hangup()
exten => t,1,Goto(app-queue-{number},{4000 + number},1)

[timeconditions]
exten => {number},1,GotoIfTime(8:00-18:00,mon-fri,*,*?open)
 same => n,Goto(ext-local,vmu{1000 + number},1)
 same => n(open),Goto(ivr-{number},s,1)
"""


def _route(number: int, *, past_the_hook: bool) -> str:
    """Return a route that tries two trunks; the last is dialled without asking, if so."""
    other = number % TRUNKS + 1
    last = (
        "Dial(${OUT_1}/${FILTER(0-9,${EXTEN})},300,i)"
        if past_the_hook
        else f"Macro(dialout-trunk,{other},${{FILTER(0-9,${{EXTEN}})}},,on)"
    )
    return f"""
[outrt-{number}]
exten => _0{number}XXX.,1,Macro(user-callerid,SKIPTTL)
 same => n,Set(_ROUTEID={number})
 same => n,Set(MOHCLASS=default)
 same => n,Macro(dialout-trunk,{number},${{FILTER(0-9,${{EXTEN}})}},,on)
 same => n,{last}
 same => n,Hangup()
"""


def _company(name: str, chance: random.Random, *, past_the_gate: bool) -> str:
    """Return the contexts of one company, some sixty lines."""
    desks = "\n".join(
        f"exten => {100 + desk},1,Gosub({name}-ring,s,1({100 + desk},{chance.randint(15, 40)}))\n"
        " same => n,Hangup()"
        for desk in range(chance.randint(5, 12))
    )
    hours = f"{chance.randint(7, 9)}:00-{chance.randint(16, 19)}:00,mon-fri,*,*"
    past = "PJSIP/${FILTER(0-9,${EXTEN})}@carrier,60,i" if past_the_gate else "PJSIP/c1-100"
    return f"""
[{name}-phones]
include => dialguard-emergency
include => {name}-desks
include => {name}-outside,{hours}
include => {name}-late

[{name}-desks]
{desks}
exten => *60,1,SayUnixTime()
 same => n,Hangup()

[{name}-ring]
exten => s,1,Set(LOCAL(away)=${{FILTER(0-9,${{DB(CF/{name}/${{ARG1}})}})}})
 same => n,GotoIf($["${{away}}" != ""]?away)
 same => n,Dial(PJSIP/{name}-100,${{ARG2}},i)
 same => n,GotoIf($["${{DIALSTATUS}}" = "BUSY"]?busy:none)
 same => n(busy),VoiceMail(${{ARG1}}@{name},b)
 same => n,Return()
 same => n(none),VoiceMail(${{ARG1}}@{name},u)
 same => n,Return()
 same => n(away),Dial(Local/${{away}}@{name}-outside/n,60)
 same => n,Return()

[{name}-outside]
exten => _0!,1,Set(CDR(accountcode)={name})
 same => n,GotoIfTime({hours}?day:{name}-late,${{EXTEN}},1)
 same => n(day),Gosub({name}-line,s,1(${{EXTEN}}))
 same => n,Hangup(${{GUARD_CAUSE}})
exten => _+X!,1,Goto(00${{FILTER(0-9,${{EXTEN}})}},1)

[{name}-line]
exten => s,1,Set(DIALGUARD_TRUNK=carrier)
 same => n,Gosub(dialguard,outbound,1(${{ARG1}}))
 same => n,Dial(PJSIP/${{GUARD_NUMBER}}@carrier,60,${{GUARD_DIAL}})
 same => n,GotoIf($["${{DIALSTATUS}}" != "CHANUNAVAIL" & "${{DIALSTATUS}}" != "CONGESTION"]?end)
 same => n,Gosub(dialguard,outbound,1(${{ARG1}}))
 same => n,Dial(PJSIP/${{GUARD_NUMBER}}@carrier,60,${{GUARD_DIAL}})
 same => n(end),Return()

[{name}-late]
exten => _00.,1,Playback(ss-noservice)
 same => n,Hangup(21)
exten => _0XXX.,1,ExecIf($["${{EXTEN:1:1}}" = "8"]?Goto({name}-outside,${{EXTEN}},day))
 same => n,Dial({past})
 same => n,Hangup()

[{name}-menu]
exten => s,1,Answer()
 same => n,Background({name}-welcome)
 same => n,WaitExten(5)
exten => 1,1,Goto({name}-desks,100,1)
exten => 2,1,Goto({name}-desks,101,1)
exten => i,1,Playback(option-is-invalid)
 same => n,Goto(s,1)
exten => t,1,Goto(1,1)
"""


SITES: Final = {"companies": companies, "FreePBX": freepbx, "own contexts": own_contexts}


if __name__ == "__main__":
    main()
