"""A finding is known again."""

from __future__ import annotations

from dataclasses import replace

from fastagi.audit.finding import Kind
from fastagi.audit.place import Place
from fastagi.audit.report.fingerprint import LENGTH, fingerprints
from tests.unit.audit.report.samples import ALL, UNGATED


def test_moved_lines_change_nothing() -> None:
    """Neither its own line nor those of the way, nor priorities that others shift."""
    way = tuple(
        replace(each, priority=each.priority + 1, place=Place(each.place.file, 99))
        for each in UNGATED.way
    )
    moved = replace(UNGATED, place=Place(UNGATED.place.file, 99), way=way)
    assert fingerprints([moved]) == fingerprints([UNGATED])


def test_whatever_else_is_written_makes_another() -> None:
    """Another kind, sentence, file or way."""
    others = [
        replace(UNGATED, kind=Kind.STALE),
        replace(UNGATED, message="something else."),
        replace(UNGATED, place=Place("other.conf", 12)),
        replace(UNGATED, way=UNGATED.way[1:]),
    ]
    marks = fingerprints([UNGATED, *others, *ALL[2:]])
    assert len(set(marks)) == len(marks)
    assert {len(each) for each in marks} == {LENGTH}


def test_two_that_say_the_same_are_told_apart() -> None:
    """By how many there were before."""
    first, second, third = fingerprints([UNGATED, UNGATED, UNGATED])
    assert (second, third) == (f"{first}:2", f"{first}:3")


def test_text_that_is_no_text_has_one_too() -> None:
    """A file may hold any bytes."""
    assert fingerprints([replace(UNGATED, message="\udc80")])
