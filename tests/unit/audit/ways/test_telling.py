"""What is found is told once, by a way that can be read."""

from __future__ import annotations

from fastagi.audit.entry import Devices, Entry, Party
from fastagi.audit.place import Place
from fastagi.audit.ways.find import find_ways
from fastagi.audit.ways.telling import LONGEST
from tests.unit.audit.ways.marked import GATE, OUTSIDE, PHONES, ways
from tests.unit.audit.ways.text import dialplan

HOLE = "exten => 9,1,Dial(PJSIP/9@my-trunk)\n"


def test_each_party_is_told_of_once() -> None:
    """However many entries it has."""
    second = Entry("phones", None, Party.PHONE, "endpoint `102`", Place("pjsip.conf", 5))
    text = "[phones]\n" + HOLE + "[from-trunk]\ninclude => phones\n"
    found = find_ways(dialplan(text), (PHONES, second, OUTSIDE), Devices()).findings
    assert [each.way[0].text for each in found] == ["endpoint `101`", "endpoint `my-trunk`"]


def test_what_the_dialplan_itself_opens_is_told_if_nobody_else_comes_there() -> None:
    """By the line that opens it."""
    text = "[phones]\nexten => 1,1,Set(__TRANSFER_CONTEXT=t)\n[t]\n" + HOLE
    (found,) = ways(text).findings
    assert [hop.place.line for hop in found.way] == [1, 2, 4]
    assert "transferred" in found.message


def test_a_way_that_is_too_long_is_told_without_what_came_back() -> None:
    """The lines of routines between are left out."""
    steps = "".join([" same => n,NoOp()\n"] * LONGEST)
    text = (
        "[phones]\nexten => 1,1,Gosub(long,s,1)\n same => n,Dial(PJSIP/1@my-trunk)\n"
        f"[long]\nexten => s,1,NoOp()\n{steps} same => n,Return()\n"
    )
    (found,) = ways(text + GATE).findings
    assert [hop.place.line for hop in found.way] == [1, 2, 3]
