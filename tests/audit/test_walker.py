"""The walker by itself: what counts as leave, and where parties send each other.

That it walks as Asterisk does is shown on Asterisk, in tests/e2e/test_walker.py.
"""

from __future__ import annotations

from typing import Final

import pytest

from fastagi.audit.entry import Devices
from tests.audit.calls import Call, Sent, Walk
from tests.audit.walker import walk
from tests.audit.words import CannotWalkError, said
from tests.audit.written import dialplan

DEVICES: Final = Devices(frozenset({"101", "102"}), frozenset({"trunk"}))
HOMES: Final = {"101": "phones", "102": "phones"}
ASK: Final = "exten => _0.,1,Gosub(dialguard,outbound,1(${EXTEN}))"
RIGHT: Final = "Dial(PJSIP/${GUARD_NUMBER}@trunk,60,${GUARD_DIAL})"


def _walked(steps: str, call: Call | None = None) -> Walk:
    return walk(dialplan(f"[phones]\n{steps}"), DEVICES, call or Call("phones", "0049"))


ALLOWED: Final = Call("phones", "0049", verdicts=(True, True))


@pytest.mark.parametrize(
    ("dial", "faults"),
    [
        (RIGHT, ()),
        ("Dial(PJSIP/+${GUARD_NUMBER}@trunk,60,g${GUARD_DIAL})", ()),
        ("Dial(PJSIP/112@trunk)", ()),
        ("Dial(PJSIP/${EXTEN}@trunk,60,${GUARD_DIAL})", ("other digits than were judged",)),
        ("Dial(PJSIP/${GUARD_NUMBER}@trunk,60)", ("GUARD_DIAL is not there",)),
        (
            "Dial(PJSIP/${GUARD_NUMBER}@trunk,60,${GUARD_DIAL}b(x^s^1))",
            ("options behind GUARD_DIAL undo it",),
        ),
    ],
)
def test_leave_is_for_the_number_that_was_judged(dial: str, faults: tuple[str, ...]) -> None:
    """And with GUARD_DIAL, which nothing behind it undoes."""
    (reached,) = _walked(f"{ASK}\nsame => n,{dial}", ALLOWED).reached
    assert reached.faults == faults


def test_leave_is_for_one_dial() -> None:
    """A second Dial needs a second question."""
    once = _walked(f"{ASK}\nsame => n,{RIGHT}\nsame => n,{RIGHT}", ALLOWED)
    assert [each.faults for each in once.reached] == [(), ("the leave was used before",)]
    asked = "same => n,Gosub(dialguard,outbound,1(${EXTEN}))"
    twice = _walked(f"{ASK}\nsame => n,{RIGHT}\n{asked}\nsame => n,{RIGHT}", ALLOWED)
    assert twice.ungated == ()


def test_a_refusal_ends_the_call() -> None:
    """And so does a question about what is no number."""
    steps = f"{ASK}\nsame => n,Dial(PJSIP/1@trunk)\nexten => h,1,Dial(PJSIP/2@trunk)"
    assert _walked(steps).reached == ()
    assert _walked(steps, Call("phones", "0a", verdicts=(True,))).reached == ()


def test_leave_is_for_one_channel() -> None:
    """A Local channel has none, whatever it inherits."""
    walked = _walked(
        f"{ASK}\nsame => n,Set(__GUARD_NUMBER=${{GUARD_NUMBER}})\n"
        f"same => n,Dial(Local/1@next)\n[next]\nexten => 1,1,{RIGHT}",
        ALLOWED,
    )
    assert [each.faults for each in walked.reached] == [("no leave of this call",)]


def test_what_is_dialled_may_name_more() -> None:
    """`&` in what was dialled is another device."""
    walked = _walked("exten => _1.,1,Dial(PJSIP/${EXTEN})", Call("phones", "101&PJSIP/0900@trunk"))
    assert [each.device for each in walked.ungated] == ["PJSIP/0900@trunk"]


@pytest.mark.parametrize(
    ("options", "by", "reached"),
    [
        ("T", "caller", True),
        ("t", "called", True),
        ("", "forward", True),
        ("i", "forward", False),
        ("t", "caller", False),
        ("T", "called", False),
    ],
)
def test_parties_send_each_other_where_they_may(options: str, by: str, reached: bool) -> None:
    """By feature codes, and by a 302 of a phone that is rung without `i`."""
    call = Call("phones", "1", answers=(True,), sent=(Sent("07", by),), homes=HOMES)
    steps = f"exten => 1,1,Dial(PJSIP/101,,{options})\nexten => 07,1,Dial(PJSIP/7@trunk)"
    assert bool(_walked(steps, call).ungated) is reached


@pytest.mark.parametrize("by", ["called", "forward"])
def test_the_dialplan_may_say_where_parties_are_sent(by: str) -> None:
    """TRANSFER_CONTEXT and FORWARD_CONTEXT win over where a phone is at home."""
    call = Call("phones", "1", answers=(True,), sent=(Sent("07", by),), homes=HOMES)
    walked = _walked(
        "exten => 1,1,Set(__TRANSFER_CONTEXT=other)\nsame => n,Set(__FORWARD_CONTEXT=other)\n"
        "same => n,Dial(PJSIP/101,,t)\n[other]\nexten => 07,1,Dial(PJSIP/7@trunk)",
        call,
    )
    assert len(walked.ungated) == 1


def test_a_caller_hangs_up_when_it_likes() -> None:
    """Then `h` of where it is runs."""
    steps = "exten => 1,1,NoOp()\nsame => n,NoOp()\nexten => h,1,NoOp()"
    walked = _walked(steps, Call("phones", "1", hangs_up_after=1))
    assert [(each.extension, each.priority) for each in walked.trail] == [("1", 1), ("h", 1)]


def test_circles_end() -> None:
    """A dialplan that goes round is left after a while, and so are channels without end."""
    assert len(_walked("exten => _0.,1,Goto(1)").trail) == 300
    assert _walked("exten => _0.,1,Dial(Local/${EXTEN}@phones)").reached == ()


@pytest.mark.parametrize("steps", ["exten => _0.,1,AGI(x)", "exten => _0.,1,DISA(1234,phones)"])
def test_what_is_not_spoken_is_refused(steps: str) -> None:
    """Better no walk than a wrong one."""
    with pytest.raises(CannotWalkError):
        _walked(steps, Call("phones", "0049", keyed=("1",)))


@pytest.mark.parametrize("text", ["$[a b]", "$[!a]", "${SHELL(id)}"])
def test_words_that_are_not_spoken_are_refused(text: str) -> None:
    """Likewise."""
    with pytest.raises(CannotWalkError):
        said(text, lambda _: "")


@pytest.mark.parametrize("line", ["nonsense", "[phones]\nsame => nothing"])
def test_a_text_that_tests_do_not_write_is_refused(line: str) -> None:
    """A slip in a test does not become another dialplan."""
    with pytest.raises(ValueError, match="line"):
        dialplan(line)
