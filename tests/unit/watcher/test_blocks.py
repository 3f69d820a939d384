"""What Asterisk may have made, and what it cannot have."""

from __future__ import annotations

import pytest

from fastagi.watcher.blocks import read
from tests.unit.watcher.samples import begins, dials, ends, marks, row, turns_to


def text_of(fields: dict[str, str]) -> str:
    """Return it as it is sent, with what never hurts."""
    lines = [f"{name}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "ChanVariable: a=1", "ChanVariable: b=2"])


RENAMED = {"Event": "Rename", "Channel": "a", "Newname": "b", "Uniqueid": "1.1"}
ROW = {"Event": "Status", **row()}
ANSWER = {"Response": "Success", "ActionID": "1"}


@pytest.mark.parametrize(
    "fields", [begins(), dials(), ends(), marks(), turns_to("6"), RENAMED, ROW, ANSWER]
)
def test_what_asterisk_says_is_read(fields: dict[str, str]) -> None:
    """With values that are empty or hold colons; variables may come more than once."""
    block = read(text_of(fields))
    assert block is not None
    assert (block.fields, block.oddity, block.torn_row) == (fields, "", "")
    assert block.is_event == ("Event" in fields)


@pytest.mark.parametrize("fields", [begins(), dials(), ends(), marks(), turns_to("6"), ROW])
def test_an_event_that_is_torn_anywhere_is_odd(fields: dict[str, str]) -> None:
    """Both pieces of it."""
    lines = [f"{name}: {value}" for name, value in fields.items()]
    last = max(i for i, line in enumerate(lines) if "Linkedid" in line)
    for at in range(1, last + 1):
        head, tail = read("\r\n".join(lines[:at])), read("\r\n".join(lines[at:]))
        assert head is not None
        assert tail is not None
        if "UserEvent" not in fields:  # before it says that it is ours, it is anybody's
            assert "lacks" in head.oddity
        assert "neither" in tail.oddity


def test_a_torn_row_says_whose_it_is() -> None:
    """As far as it got."""
    torn = read("Event: Status\r\nChannel: PJSIP/101-00000001")
    assert torn is not None
    assert torn.torn_row == "PJSIP/101-00000001"
    torn = read("Event: Status")
    assert torn is not None
    assert torn.torn_row == ""


@pytest.mark.parametrize(
    "text",
    [
        "Event: Hangup\r\nUniqueid: 1795954627.12",
        "Event: Hangup\r\nUniqueid: 1795954627.12\r\nLinkedid: 1",
        "Event: DialBegin\r\nDestUniqueid: 1795954627.12\r\nDialString: 999",
        "Event: UserEvent\r\nUserEvent: dialguard-leg\r\nUniqueid: 1\r\nLeg: a:1:",
        "Response: Success\r\nValue: x",
        "Response: Success\r\nActionID: 1\r\nactionid: 2",
        text_of(ends()) + "\r\nUNIQUEID: other",
        text_of(ANSWER) + "\r\nValue: a\r\nValue: b",
        "Event: A\r\nEvent: B",
        "no colon",
        "Exten: 1",
    ],
)
def test_what_is_forged_is_odd(text: str) -> None:
    """Whatever fits into a number, and whatever is said twice, in whatever letters."""
    block = read(text)
    assert block is not None
    assert block.oddity != ""


@pytest.mark.parametrize("text", ["Event: Shutdown", "Event: UserEvent\r\nX: 1\r\nX: 2"])
def test_what_is_not_used_is_not_looked_at(text: str) -> None:
    """A dialplan's own events may say what they like; what is said twice is left out."""
    block = read(text)
    assert block is not None
    assert block.oddity == ""
    assert "X" not in block.fields


def test_nothing_is_no_block() -> None:
    """As between two line breaks too many."""
    assert read("\r\n") is None
