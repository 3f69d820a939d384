"""Who calls on whose account: a fixed name, and digits that are the caller's own."""

from __future__ import annotations

import pytest

from fastagi.audit.entry import Entry, Party
from fastagi.audit.finding import Kind, Severity
from fastagi.audit.place import Place
from fastagi.audit.ways.find import find_ways
from tests.unit.audit.ways.marked import ASK, DEVICES, DIAL, GATE, found, planted, ways
from tests.unit.audit.ways.text import dialplan

NAME = "Gosub(dialguard,on-behalf,1(150))"
OUTSIDE = f"""
[outside]
exten => _X!,1,{ASK}
 same => n,{DIAL}
"""
OWN = {
    "what was dialled": f"""
[phones]
exten => _8X.,1,{NAME} ; ! another-is-charged
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN:1}})}},1)
""",
    "what is keyed": f"""
[phones]
exten => 77,1,{NAME} ; ! another-is-charged
 same => n,Read(number)
 same => n,Goto(outside,${{number}},1)
""",
    "what is keyed at a dial tone": f"""
[phones]
exten => 77,1,{NAME} ; ! another-is-charged
 same => n,DISA(no-password,outside) ; ! dial-tone-for-strangers
""",
    "through a Local channel": f"""
[phones]
exten => _8X.,1,Dial(Local/${{FILTER(0-9,${{EXTEN}})}}@queue/n)
[queue]
exten => _X.,1,{NAME} ; ! another-is-charged
 same => n,Goto(outside,${{EXTEN}},1)
""",
    "in a routine": """
[phones]
exten => _8X.,1,Gosub(names,s,1(150))
 same => n,Goto(outside,${FILTER(0-9,${EXTEN})},1)
[names]
exten => s,1,Gosub(dialguard,on-behalf,1(${ARG1})) ; ! another-is-charged
 same => n,Return()
""",
    "two lines with one name": f"""
[phones]
exten => _8X.,1,{NAME} ; ! another-is-charged
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN}})}},1)
exten => _9X.,1,{NAME} ; ! another-is-charged
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN}})}},1)
""",
    "a transfer, to the context that asks": f"""
[phones]
exten => 8,1,Dial(Local/0044@queue)
[queue]
exten => _X!,1,{NAME} ; ! another-is-charged
 same => n,{ASK}
 same => n,{DIAL}
""",
}
GIVEN = {
    "a number that is written": f"""
[phones]
exten => 7,1,{NAME}
 same => n,Goto(outside,0044123,1)
exten => 8,1,Dial(Local/0044123@queue/n)
[queue]
exten => _X.,1,{NAME}
 same => n,Goto(outside,${{EXTEN}},1)
""",
    "a number of a database": f"""
[phones]
exten => 7,1,{NAME}
 same => n,Goto(outside,${{DB(night/number)}},1)
exten => 8,1,Goto(queue,${{DB(night/number)}},1)
exten => 9,1,Dial(Local/${{DB(night/number)}}@queue/n)
[queue]
exten => _X.,1,{NAME}
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN}})}},1)
""",
    "a name that is none, or whose call it is": f"""
[phones]
exten => _7X.,1,Gosub(dialguard,on-behalf,1(${{CHANNEL(endpoint)}}))
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN}})}},1)
exten => _8X.,1,{NAME}
 same => n,Gosub(dialguard,on-behalf,1())
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN}})}},1)
""",
    "another number than the first": f"""
[phones]
exten => _8X.,1,{NAME}
 same => n,Gosub(dialguard,outbound,1(0044123))
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN}})}},1)
""",
    "who comes in by a trunk": f"""
[phones]
exten => 1,1,Hangup()
[from-trunk]
exten => _X.,1,{NAME}
 same => n,Goto(outside,${{FILTER(0-9,${{EXTEN}})}},1)
""",
    "another channel than the one that was named": f"""
[phones]
exten => _8X.,1,{NAME}
 same => n,Dial(Local/${{FILTER(0-9,${{EXTEN}})}}@outside/n)
""",
}


@pytest.mark.parametrize("name", OWN)
def test_digits_of_one_s_own_are_called_on_another_s_account(name: str) -> None:
    """It is told at the line that names somebody."""
    text = OWN[name] + OUTSIDE
    assert found(ways(text + GATE)) == planted(text)


@pytest.mark.parametrize("name", GIVEN)
def test_what_nobody_chooses_is_as_it_should_be(name: str) -> None:
    """Forwards, queues and numbers of the night, as the guide has them."""
    assert found(ways(GIVEN[name] + OUTSIDE + GATE)) == set()


def test_the_way_ends_where_the_gate_is_asked() -> None:
    """The sentence says whose account it is."""
    text = OWN["what was dialled"] + OUTSIDE
    (finding,) = ways(text + GATE).findings
    assert (finding.kind, finding.severity) == (Kind.NAMED, Severity.HIGH)
    assert "`150`" in finding.message
    assert [each.place.line for each in finding.way if each.place.file == "extensions.conf"] == [
        3,
        4,
        7,
    ]


def test_a_program_may_name_anybody() -> None:
    """A call file dials what it likes: that is its use."""
    text = f"[reminders]\nexten => _X!,1,{NAME}\n same => n,Goto(outside,${{EXTEN}},1)\n"
    machine = Entry("reminders", None, Party.MACHINE, "a program", Place("manager.conf", 1))
    assert found(find_ways(dialplan(text + OUTSIDE + GATE), (machine,), DEVICES)) == set()
