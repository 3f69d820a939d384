"""Replies, each read by the command that asked."""

from __future__ import annotations

import pytest

from fastagi.agi.reply import (
    Digits,
    Refusal,
    Refused,
    Reply,
    Result,
    read_digits,
    read_key,
    read_result,
)
from fastagi.errors import RemoteProtocolError

REFUSALS = [
    (b"510 Invalid or unknown command", Refusal.UNKNOWN),
    (b"511 Command Not Permitted on a dead channel or intercept routine", Refusal.DEAD),
    (b"511 Command Not Permitted on a dead channel", Refusal.DEAD),
    (b"520 Invalid command syntax.  Proper usage not available.", Refusal.USAGE),
]


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"200 result=0", Result(0)),
        (b"200 result=1", Result(1)),
        (b"200 result=-1", Result(-1)),
        (b"200 result=-2", Result(-2)),
        (b"200 result=0 endpos=8000", Result(0, 8000)),
        *((line, Refused(why)) for line, why in REFUSALS),
    ],
)
def test_results(line: bytes, reply: Reply) -> None:
    """A number, perhaps with an end position, or a refusal."""
    assert read_result(line) == reply


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"200 result=1234", Digits("1234", timed_out=False)),
        (b"200 result=", Digits("", timed_out=False)),
        (b"200 result= (timeout)", Digits("", timed_out=True)),
        (b"200 result=12 (timeout)", Digits("12", timed_out=True)),
        (b"200 result=7*8A", Digits("7*8A", timed_out=False)),
        (b"200 result=-1", Result(-1)),
        *((line, Refused(why)) for line, why in REFUSALS),
    ],
)
def test_digits(line: bytes, reply: Reply) -> None:
    """Digits, with or without silence after them, a failure, or a refusal."""
    assert read_digits(line, most=6) == reply


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"200",
        b"200 result",
        b"200 result=",
        b"200 result=1 ",
        b"200 result=1 (x)",
        b"200 result=0x10",
        b"200 result=12345678901",
        b"200 result=\xd9\xa1",  # an Arabic digit one
        b" 200 result=1",
        b"200 RESULT=1",
        b"510",
        b"511 \x1b",
        b"520-Invalid",
        b"HANGUP",
    ],
)
def test_what_is_no_result(line: bytes) -> None:
    """Nothing that is nearly a reply is one, and none of it is quoted."""
    with pytest.raises(RemoteProtocolError, match=f"a line of {len(line)} bytes is no reply"):
        read_result(line)


@pytest.mark.parametrize(
    "line",
    [
        b"200 result=12#",
        b"200 result=1 2",
        b"200 result=-2",
        b"200 result=12 (Timeout)",
        b"200 result=12  (timeout)",
        b"200 result=12 endpos=1",
    ],
)
def test_what_are_no_digits(line: bytes) -> None:
    """The same for digits."""
    with pytest.raises(RemoteProtocolError, match="no reply"):
        read_digits(line, most=6)


def test_no_more_digits_than_were_asked_for() -> None:
    """The message does not show them."""
    with pytest.raises(RemoteProtocolError, match="than the 3 that were asked for") as odd:
        read_digits(b"200 result=4711", most=3)
    assert "4711" not in str(odd.value)


def test_digits_do_not_show_in_a_repr() -> None:
    """They are a PIN or a code."""
    assert "4711" not in repr(Digits("4711", timed_out=False))


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"200 result=0 endpos=8000", Digits("", timed_out=True)),
        (b"200 result=0", Digits("", timed_out=True)),
        (b"200 result=52 endpos=80", Digits("4", timed_out=False)),
        (b"200 result=35 endpos=80", Digits("#", timed_out=False)),
        (b"200 result=42 endpos=80", Digits("*", timed_out=False)),
        (b"200 result=-1 endpos=80", Result(-1)),
        *((line, Refused(why)) for line, why in REFUSALS),
    ],
)
def test_the_key_that_interrupted_a_sound(line: bytes, reply: Reply) -> None:
    """Its ASCII code, 0 for none, -1 for a hangup."""
    assert read_key(line) == reply


@pytest.mark.parametrize("line", [b"200 result=10", b"200 result=180", b"200 result=-3", b"x"])
def test_what_is_no_key_is_refused(line: bytes) -> None:
    """A phone has twelve keys, some have four more."""
    with pytest.raises(RemoteProtocolError):
        read_key(line)


def test_a_key_does_not_show() -> None:
    """It may be the first of a PIN."""
    assert "4" not in repr(read_key(b"200 result=52 endpos=80"))
