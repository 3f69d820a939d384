"""How long `dialguard audit` takes as a whole, of a thousand lines and of ten thousand.

A site is a hundred companies on one Asterisk: each with its phones, a menu, nights, routines that
call routines, two trunks behind the gate, and one of them a way past it.
"""

from __future__ import annotations

import json
import random
import resource
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
    table = Table("lines", "contexts", "findings", "seconds", "of CPU", "MiB")
    for lines in LINES:
        with tempfile.TemporaryDirectory() as folder:
            etc = Path(folder)
            written = large_site(etc, lines)
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            done = subprocess.run([*COMMAND, folder], capture_output=True, check=False)
            took_s = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            found = json.loads(done.stdout)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        sizes = (f"{written:,}", f"{found['contexts']:,}", str(len(found["findings"])))
        table.add_row(*sizes, f"{took_s:.2f}", f"{cpu_s:.2f}", f"{after.ru_maxrss // 1024}")
    Console().print(table)


def large_site(etc: Path, lines: int) -> int:
    """Write the configuration of a large site; return how many lines its dialplan has."""
    (etc / "dialguard").mkdir()
    for name in ("dialguard.conf", "emergency.conf"):
        shutil.copy(SHIPPED / name, etc / "dialguard" / name)
    chance = random.Random(1)  # noqa: S311 - the same site every time
    plan, phones, inbound = [HEAD], [PHONES], ["[inbound]"]
    company = 0
    while sum(text.count("\n") for text in plan) + len(inbound) < lines:
        company += 1
        plan.append(_company(f"c{company}", chance, past_the_gate=company == 1))
        phones.append(_phone(f"c{company}"))
        inbound.append(f"exten => 4416329{company:05},1,Goto(c{company}-menu,s,1)")
    text = "\n".join([*plan, *inbound, ""])
    (etc / "extensions.conf").write_text(text)
    (etc / "pjsip.conf").write_text("\n".join(phones))
    return text.count("\n")


def _phone(name: str) -> str:
    return (
        f"[{name}-100]\ntype = endpoint\ncontext = {name}-phones\nauth = {name}-100\n"
        f"aors = {name}-100\nset_var = TRANSFER_CONTEXT={name}-phones\n\n"
        f"[{name}-100]\ntype = aor\nmax_contacts = 1\n\n"
        f"[{name}-100]\ntype = auth\nusername = {name}\npassword = k3{name}Zq8vT5mW1xR7\n"
    )


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


if __name__ == "__main__":
    main()
