"""What Asterisk answers, read by the command that asked.

A reply has no type of its own: `200 result=4711` is a number after EXEC and digits after GET DATA.
Digits are secrets, so no message here quotes what was received. Source: `res_agi.c`,
`agi_handle_command` and the handlers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

from fastagi.errors import RemoteProtocolError


class Refusal(IntEnum):
    """Why Asterisk did not run a command."""

    UNKNOWN = 510
    """There is no such command."""
    DEAD = 511
    """The channel is gone, and the command needs one."""
    USAGE = 520
    """The command's words are wrong."""


@dataclass(frozen=True, slots=True)
class Result:
    """`200 result=N`: what the command's handler returned; -1 is a failure, often a hangup.

    Attributes:
        endpos: Samples played, where the command plays and tells.
    """

    value: int
    endpos: int | None = None


@dataclass(frozen=True, slots=True)
class Digits:
    """`200 result=1234` or `200 result=12 (timeout)` after GET DATA; the key after STREAM FILE."""

    digits: str = field(repr=False)
    timed_out: bool


@dataclass(frozen=True, slots=True)
class Refused:
    """A 510, 511 or 520: the command did not run."""

    why: Refusal


Reply: TypeAlias = Result | Digits | Refused
Reader: TypeAlias = Callable[[bytes], Reply]

_REFUSED: Final = re.compile(rb"(510|511|520) [^\x00-\x1f\x7f]*")
_RESULT: Final = re.compile(rb"200 result=(-?[0-9]{1,10})(?: endpos=([0-9]{1,20}))?")
_DIGITS: Final = re.compile(rb"200 result=([0-9A-Da-d*]*)( \(timeout\))?")
_KEYS: Final = "0123456789*#ABCDabcd"
_FAILED: Final = b"200 result=-1"


def read_result(line: bytes) -> Result | Refused:
    """Read the reply to ANSWER, EXEC, NOOP or SET VARIABLE.

    Raises:
        RemoteProtocolError: It is none.
    """
    if found := _RESULT.fullmatch(line):
        endpos = found[2]
        return Result(int(found[1]), None if endpos is None else int(endpos))
    return _read_refusal(line)


def read_key(line: bytes) -> Digits | Result | Refused:
    """Read the reply to a STREAM FILE that any key interrupts: the key's ASCII code, 0 for none.

    Raises:
        RemoteProtocolError: It is none.
    """
    if (found := _RESULT.fullmatch(line)) is None:
        return _read_refusal(line)
    code = int(found[1])
    if code == -1:
        return Result(-1)
    if code == 0:
        return Digits("", timed_out=True)
    if chr(code & 0x7F) not in _KEYS or code > 0x7F:
        raise RemoteProtocolError("a reply has a key that no phone has")
    return Digits(chr(code), timed_out=False)


def read_digits(line: bytes, most: int) -> Digits | Result | Refused:
    """Read the reply to a GET DATA that asked for up to `most` digits.

    Raises:
        RemoteProtocolError: It is none, or has more digits than were asked for.
    """
    if line == _FAILED:
        return Result(-1)
    found = _DIGITS.fullmatch(line)
    if found is None:
        return _read_refusal(line)
    if len(found[1]) > most:
        raise RemoteProtocolError(f"a reply has more digits than the {most} that were asked for")
    return Digits(found[1].decode("ascii"), timed_out=found[2] is not None)


def _read_refusal(line: bytes) -> Refused:
    found = _REFUSED.fullmatch(line)
    if found is None:
        raise RemoteProtocolError(f"a line of {len(line)} bytes is no reply to what was asked")
    return Refused(Refusal(int(found[1])))
