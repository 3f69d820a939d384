r"""Transcripts of FastAGI conversations, and playing them to `fastagi.agi`.

    # what: the caller keys 12 and falls silent
    # events: environment, result 0, digits `12` (timeout), hung up, closed
    < agi_network: yes        Asterisk sends this line; `\xe9` is that byte
    <~ 200 resu               … without its newline
    > NOOP                    we send this line
    < (closes)                that side sends no more
    < {9000*A}                nine thousand times the same

A conversation that must be refused has a line `# odd: …` with the error's message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from fastagi.agi.command import Command
from fastagi.agi.connection import Closed, Connection, HungUp
from fastagi.agi.environment import Environment
from fastagi.agi.reply import Digits, Refused, Result, read_digits, read_result
from fastagi.errors import LocalProtocolError, RemoteProtocolError
from tests.doubles.parse_args import parse_args

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fastagi.agi.connection import Event

HERE = Path(__file__).parent
RECORDED = sorted(HERE.glob("recorded/*.agi"))
HOSTILE = sorted(HERE.glob("hostile/*.agi"))

END = b""


@dataclass(frozen=True)
class Transcript:
    """One conversation.

    Attributes:
        steps: Bytes of theirs (`b""` is their end) and commands of ours, in order; bytes that
            follow each other are one.
        events: What has to come of it.
    """

    what: str
    events: tuple[str, ...]
    steps: tuple[bytes | Command, ...]


def read(path: Path) -> Transcript:
    """Read a transcript from its file."""
    head: dict[str, str] = {}
    steps: list[bytes | Command] = []
    for line in path.read_text("ascii").splitlines():
        mark, _, text = line.partition(" ")
        if mark == "#":
            name, _, value = text.partition(": ")
            head[name] = value
        elif line == "< (closes)":
            steps.append(END)
        elif mark == ">" and text != "(closes)":
            steps.append(_command(text.encode() + b"\n"))
        elif mark in {"<", "<~"}:
            got = _bytes(text) + (b"\n" if mark == "<" else b"")
            if steps and isinstance(steps[-1], bytes):
                got = steps.pop() + got  # type: ignore[operator]  # it is bytes: just asked
            steps.append(got)
    events = head["events"].split(", ") if head["events"] else []
    if "odd" in head:
        events.append(f"odd: {head['odd']}")
    return Transcript(head["what"], tuple(events), tuple(steps))


def _bytes(text: str) -> bytes:
    text = re.sub(r"\{(\d+)\*(.)\}", lambda found: int(found[1]) * found[2], text)
    return text.encode().decode("unicode_escape").encode("latin-1")


def _command(line: bytes) -> Command:
    words = parse_args(line)
    asks = words[:2] == [b"GET", b"DATA"] and len(words) == 5
    return Command(line, partial(read_digits, most=int(words[4])) if asks else read_result)


def play(steps: Iterable[bytes | Command], cut: Callable[[bytes], Iterable[bytes]]) -> list[str]:
    """Play a conversation, theirs cut into pieces, and return what happened in words."""
    connection = Connection()
    happened: list[str] = []
    try:
        for step in steps:
            if isinstance(step, Command):
                connection.send(step)
                continue
            for piece in cut(step) if step else [END]:
                connection.receive_data(piece)
                while (event := connection.next_event()) is not None:
                    happened.append(in_words(event))
    except RemoteProtocolError as odd:
        happened.append(f"odd: {odd}")
    except LocalProtocolError:
        happened.append("not our turn")
    return happened


def in_words(event: Event) -> str:
    """Name an event as transcripts do."""
    match event:
        case Environment():
            return "environment"
        case Result(value=value):
            return f"result {value}"
        case Digits(digits=digits, timed_out=timed_out):
            return f"digits `{digits}`{' (timeout)' * timed_out}"
        case Refused(why=why):
            return f"refused {int(why)}"
        case HungUp():
            return "hung up"
        case Closed():
            return "closed"
        case _:
            assert_never(event)
