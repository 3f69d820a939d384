"""Contexts that are nothing but the same includes are walked as one, and nothing is lost by it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.entry import Entry, Party
from fastagi.audit.place import Place
from fastagi.audit.ways import walk
from fastagi.audit.ways.alike import alike
from fastagi.audit.ways.find import Ways, find_ways
from tests.unit.audit.ways.marked import ASK, DEVICES, DIAL, GATE
from tests.unit.audit.ways.text import dialplan

if TYPE_CHECKING:
    from fastagi.audit.ways.state import Node

COMPANY = f"""
[one]
include => desks
include => outside,9:00-17:00,mon-fri,*,*
[two]
include => desks
include => outside,9:00-17:00,mon-fri,*,*
[three]
include => desks
include => outside,9:00-17:00,mon-fri,*,*
exten => 1,1,Goto(two,1,1)
[always]
include => desks
include => outside
[two-doors]
include => desks
include => outside
include => nothing
[nothing]
[desks]
exten => _1XX,1,Dial(PJSIP/101)
 same => n,WaitExten(5)
exten => h,1,Dial(PJSIP/1@my-trunk)
exten => i,1,Goto(one,0999,1)
[outside]
exten => _0X.,1,{ASK}
 same => n,{DIAL}
exten => _9X.,1,Dial(PJSIP/${{EXTEN}}@my-trunk)
"""
NAMES = ("one", "two", "three", "always", "two-doors", "nothing")


def company(text: str) -> Ways:
    """Walk it from a phone in each context."""
    entries = [
        Entry(name, None, party, f"{party.value} of `{name}`", Place("pjsip.conf", line))
        for line, name in enumerate(NAMES, 1)
        for party in (Party.PHONE, Party.TRANSFER)
    ]
    return find_ways(dialplan(text + GATE), entries, DEVICES)


def test_contexts_of_the_same_includes_are_alike() -> None:
    """Hours count as well as names, and order; one with lines of its own stands for itself."""
    found = alike(dialplan(COMPANY))
    assert {name: of for name, of in found.items() if name != of} == {"two": "one"}


@pytest.mark.parametrize(
    "line",
    [
        "[desks]\nexten => 7,1,Goto(${CONTEXT}-late,1,1)",
        "[desks]\nexten => 7,1,NoOp(${CUT(CONTEXT,-,1)})",
        "[outside]\ninclude => deeper\n[deeper]\nexten => 7,1,NoOp(${${name}})",
        "[desks]\nexten => 7,1,${CONTEXT}(1)",
        "[desks]\ninclude => two",
        "[two]\nswitch => Realtime/two@extensions",
    ],
)
def test_what_may_differ_is_not_alike(line: str) -> None:
    """Lines that ask for the context's name, contexts within others, switches of one's own."""
    found = alike(dialplan(COMPANY + line))
    assert found["two"] == "two"


def test_another_context_s_name_is_no_question_for_one_s_own() -> None:
    """`MACRO_CONTEXT` is another variable; what is not included is not looked at."""
    text = "[desks]\nexten => 7,1,NoOp(${MACRO_CONTEXT})\n[else]\nexten => 1,1,NoOp(${CONTEXT})"
    assert alike(dialplan(COMPANY + text))["two"] == "one"


def test_nothing_is_lost_where_contexts_are_walked_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same findings, by the same ways, and the same drawing as where each is walked."""
    as_one = company(COMPANY)
    assert as_one.findings
    monkeypatch.setattr(walk, "alike", lambda _: {})
    assert company(COMPANY) == as_one


def test_a_hundred_phones_take_no_more_steps_than_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each with a context of its own that includes all departments."""
    steps: list[Node] = []
    visit = walk.Walk._visit

    def counted(self: walk.Walk, node: Node) -> None:
        steps.append(node)
        visit(self, node)

    monkeypatch.setattr(walk.Walk, "_visit", counted)
    taken = []
    for count in (1, 100):
        includes = "".join(f"include => d{each}\n" for each in range(20))
        text = "".join(f"[phone-{each}]\n{includes}" for each in range(count))
        text += "".join(
            f"[d{each}]\nexten => {100 + each},1,Dial(PJSIP/101)\n" for each in range(20)
        )
        entries = [
            Entry(f"phone-{each}", None, Party.PHONE, "a phone", Place("pjsip.conf", each))
            for each in range(count)
        ]
        steps.clear()
        find_ways(dialplan(text), entries, DEVICES)
        taken.append(len(steps))
    assert taken == [20, 20]
