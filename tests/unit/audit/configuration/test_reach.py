"""`configuration.reach`: whom queues and follow-me ring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastagi.audit.configuration.reach import Reach, Rung, read_reach
from fastagi.audit.place import Place

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


def test_members_of_a_queue(read: Read) -> None:
    """What is dialled, without penalty and names."""
    text = (
        "[general]\nmember => no\n[a]\nmember => PJSIP/101,0,Bob\nmember => ,1\n"
        "member = Local/5@x\n[b]\n"
    )
    assert read_reach(read({"queues.conf": text})).queues == {
        "a": (
            Rung("PJSIP/101", Place("queues.conf", 4)),
            Rung("Local/5@x", Place("queues.conf", 6)),
        ),
        "b": (),
    }


def test_numbers_of_follow_me(read: Read) -> None:
    """Several may ring at once, each in the context of the profile."""
    text = "[general]\n[Bob]\ncontext=out\nnumber => 0039&0041,20,1\nnumber =>\n[amy]\nnumber=5\n"
    assert read_reach(read({"followme.conf": text})).follow_me == {
        "Bob": (
            Rung("Local/0039@out", Place("followme.conf", 4)),
            Rung("Local/0041@out", Place("followme.conf", 4)),
        ),
        "amy": (Rung("Local/5@default", Place("followme.conf", 7)),),
    }


def test_sections_of_one_name_are_taken_together(read: Read) -> None:
    """Which of them counts differs by version; whoever may be rung is looked at."""
    files = read(
        {
            "queues.conf": "[a]\nmember => PJSIP/1\n[a]\nmember => PJSIP/2\n",
            "followme.conf": "[a]\nnumber => 1\n[a]\nnumber => 2\n",
        }
    )
    found = read_reach(files)
    assert [each.dialled for each in found.queues["a"]] == ["PJSIP/1", "PJSIP/2"]
    assert [each.dialled for each in found.follow_me["a"]] == [
        "Local/1@default",
        "Local/2@default",
    ]


def test_without_files_nobody_is_rung(read: Read) -> None:
    """Both are empty."""
    assert read_reach(read({})) == Reach()
