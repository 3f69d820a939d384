"""`configuration.mailboxes`: boxes, what they dial, and their digits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fastagi.audit.configuration.mailboxes import check_voicemail, read_mailboxes
from fastagi.audit.finding import Kind, Severity

if TYPE_CHECKING:
    from tests.unit.audit.configuration.conftest import Read


def test_a_box_has_its_own_options_or_those_of_all(read: Read) -> None:
    """Options of `[general]` count where a box has none; an empty one takes it away."""
    text = """\
[general]
dialout=all
aliasescontext=aliases
[zonemessages]
a=b
[default]
101 => -5432,Name,mail,pager,tz=x|DialOut=own
102 => 7777,Name
103 => 4711,Name,,,dialout=
[aliases]
1@x => 2@y
"""
    own, usual, none = read_mailboxes(read({"voicemail.conf": text}))
    assert (own.name, own.number, own.digits.value) == ("101@default", "101", "5432")
    found = own.option("dialout")
    assert found is not None
    assert (found.value, found.place.line) == ("own", 7)
    assert none.option("dialout") is None
    found = usual.option("dialout")
    assert found is not None
    assert (found.value, found.place.line) == ("all", 2)


def test_boxes_that_dial_are_told_together_where_one_line_says_so(read: Read) -> None:
    """And each option alone."""
    text = (
        "[general]\ndialout=out\n[default]\n"
        "101 => 905172,A\n102 => 518204,B,,,callback=back\n103 => 1,C,,,dialout=\n"
    )
    found = list(check_voicemail(read({"voicemail.conf": text})))
    told = [(each.severity, str(each.place)) for each in found if each.kind is Kind.VOICEMAIL]
    assert told == [
        (Severity.MEDIUM, "voicemail.conf:2"),
        (Severity.MEDIUM, "voicemail.conf:5"),
    ]
    messages = [each.message for each in found if each.kind is Kind.VOICEMAIL]
    assert "2 mailboxes" in messages[0]
    assert "`102@default`" in messages[1]
    assert "`back`" in messages[1]


@pytest.mark.parametrize(
    ("box", "severity"),
    [
        ("101 => 101,A", Severity.LOW),
        ("101 => -101,A", Severity.LOW),
        ("101 => ,A", Severity.LOW),
        ("101 => 1111,A", Severity.LOW),
        ("101 => 1234,A", Severity.LOW),
        ("101 => 101,A,,,dialout=x", Severity.MEDIUM),
        ("101 => 4812,A,,,callback=x", Severity.MEDIUM),
    ],
)
def test_digits_that_everybody_guesses_are_found(read: Read, box: str, severity: Severity) -> None:
    """Worse where the box dials; and never told."""
    found = check_voicemail(read({"voicemail.conf": f"[default]\n{box}\n"}))
    (weak,) = [each for each in found if each.kind is Kind.PASSWORD]
    assert weak.severity is severity
    assert "4812" not in weak.message


@pytest.mark.parametrize("box", ["101 => 4812,A", "101 => 481253,A"])
def test_good_digits_are_sound(read: Read, box: str) -> None:
    """Four do, of a box that dials nothing."""
    assert list(check_voicemail(read({"voicemail.conf": f"[default]\n{box}\n"}))) == []
