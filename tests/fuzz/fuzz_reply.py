"""Replies to every kind of command, fed any bytes in any pieces."""

from __future__ import annotations

from typing import Final

from fastagi.agi.command import get_data, noop
from fastagi.agi.connection import Connection, State
from fastagi.agi.reply import Digits
from fastagi.errors import RemoteProtocolError
from tests.doubles.far_end import environment

SEEDS: Final = (
    b"\x05200 result=0\n200 result=12 (timeout)\nHANGUP\n",
    b"\xff200 result=-1\nHANGUP\n511 Command Not Permitted on a dead channel\n",
    b"\x10520-Invalid command syntax.  Proper usage follows:\nusage\n520 End of proper usage.\n",
    b"\x01200 result=0 endpos=8000\n510 Invalid or unknown command\n",
)

_GREETING: Final = environment()
_COMMANDS: Final = (noop(), get_data("beep", wait_s=1, most=6))


def one_input(data: bytes) -> None:
    """Take it whole, and in pieces as long as its first byte says: the same comes of both."""
    size = max(1, data[0]) if data else 1
    pieces = [data[at : at + size] for at in range(1, len(data), size)]
    assert _converse([data[1:]] if data[1:] else []) == _converse(pieces)


def _converse(pieces: list[bytes]) -> list[object]:
    connection = Connection()
    connection.receive_data(_GREETING)
    events: list[object] = [connection.next_event()]
    connection.send(_COMMANDS[0])
    try:
        for piece in pieces:
            connection.receive_data(piece)
            while (event := connection.next_event()) is not None:
                if isinstance(event, Digits):
                    assert len(event.digits) <= 6
                events.append(event)
                if connection.state is State.IDLE and len(events) < 40:
                    connection.send(_COMMANDS[len(events) % 2])
    except RemoteProtocolError as odd:
        events.append(str(odd))
    return events
