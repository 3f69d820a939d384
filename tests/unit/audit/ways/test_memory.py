"""What differs too often is forgotten, and no more than that."""

from __future__ import annotations

from fastagi.audit.entry import Entry, Party
from fastagi.audit.place import Place
from fastagi.audit.ways.language import ANYTHING
from fastagi.audit.ways.memory import Extensions, Memory, Visits, returned
from fastagi.audit.ways.state import LOCAL, State
from fastagi.audit.ways.values import constant, each_of

HERE = State("a", "1", 1)


def test_variables_are_joined_after_some_rounds() -> None:
    """What all had stays known."""
    memory = Memory()
    states = [
        memory.state("here", HERE.having({"i": (str(i),), "same": ("x",)}), 2) for i in range(4)
    ]
    assert states[1].known()["i"] == ("1",)
    last = states[3].known()
    assert last["same"] == ("x",)
    assert set(each_of(last["i"])) == {("1",), ("2",), ("3",)}
    assert "i" not in memory.state("here", HERE, 2).known()


def test_extensions_are_told_apart_up_to_a_number() -> None:
    """Those that were there before stay."""
    known = Extensions()
    assert known.dialled("here", "1", ANYTHING, 1) == "1"
    assert known.dialled("here", "2", ANYTHING, 1) is ANYTHING
    assert known.dialled("here", "1", ANYTHING, 1) == "1"


def test_who_came_before_is_not_new() -> None:
    """Of those who come together, only the others are."""
    phone, guest = (
        Entry("a", None, party, party.value, Place("x.conf", 1))
        for party in (Party.PHONE, Party.GUEST)
    )
    both = {Party.PHONE: phone, Party.GUEST: guest}
    visits = Visits()
    assert not visits.has("here", Party.PHONE)
    assert visits.new("here", {Party.PHONE: phone}) == {Party.PHONE: phone}
    assert visits.has("here", Party.PHONE)
    assert visits.new("here", both) == {Party.GUEST: guest}
    assert visits.new("here", both) == {}
    assert visits.new("there", both) == both
    assert len(visits) == 2


def test_a_routine_keeps_its_own_to_itself() -> None:
    """What it sets besides is known behind it."""
    before = HERE.having(
        {f"{LOCAL}ARG1": ("a",), f"{LOCAL}x": ("1",), f"{LOCAL}y": ("1",), "g": ("1",)}
    )
    after = HERE.having(
        {f"{LOCAL}ARG1": ("b",), f"{LOCAL}x": ("2",), f"{LOCAL}z": ("1",), "g": constant("2")}
    )
    known = dict(returned(before, after))
    assert known[f"{LOCAL}ARG1"] == ("a",)
    assert set(each_of(known[f"{LOCAL}x"])) == {("1",), ("2",)}
    assert known[f"{LOCAL}y"] == ("1",)
    assert known["g"] == ("2",)
    assert f"{LOCAL}z" not in known
