"""Dialplans that say themselves what is wrong with them: `; ! kind` behind the line."""

from __future__ import annotations

import re

from fastagi.audit.entry import Devices, Entry, Party
from fastagi.audit.place import Place
from fastagi.audit.ways.find import Ways, find_ways
from fastagi.audit.ways.moves import Lists
from tests.unit.audit.ways.text import dialplan

DEVICES = Devices(frozenset({"101", "102", "201"}), frozenset({"my-trunk", "other-trunk"}))
PHONES = Entry("phones", None, Party.PHONE, "endpoint `101`", Place("pjsip.conf", 1))
OUTSIDE = Entry("from-trunk", None, Party.OUTSIDE, "endpoint `my-trunk`", Place("pjsip.conf", 9))
MARK = re.compile(r"; ! ([\w -]+)$")

GATE = '#include "dialguard.conf"\n'
ASK = "Gosub(dialguard,outbound,1(${EXTEN}))"
DIAL = "Dial(PJSIP/${GUARD_NUMBER}@my-trunk,60,${GUARD_DIAL})"


def ways(text: str, lists: Lists | None = None, country: str = "") -> Ways:
    """Walk a dialplan from the phones and from outside."""
    return find_ways(dialplan(text), (PHONES, OUTSIDE), DEVICES, lists, country=country)


def found(result: Ways) -> set[tuple[int, str]]:
    """Return line and kind of each finding."""
    return {(each.place.line, each.kind.value) for each in result.findings}


def planted(text: str) -> set[tuple[int, str]]:
    """Return line and kind of each mark."""
    return {
        (number, kind)
        for number, line in enumerate(text.splitlines(), 1)
        if (mark := MARK.search(line))
        for kind in mark[1].split()
    }
