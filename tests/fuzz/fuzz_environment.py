"""The environment and everything a server makes of it, fed any bytes at all."""

from __future__ import annotations

import contextlib
from typing import Final

from fastagi.agi.connection import Connection
from fastagi.agi.environment import Environment
from fastagi.errors import RemoteProtocolError
from fastagi.server.door import Door
from fastagi.server.question import question_of
from tests.doubles.far_end import environment

SEEDS: Final = (
    environment(),
    environment("call=1.2", "dialled=+39", "endpoint=josé", "token=0", script="release"),
    environment(script="x?y=z", name="X\nagi_callingpres: 0"),
    b"GET / HTTP/1.1\r\n\r\n",
)

_DOOR: Final = Door(["127.0.0.1"], "hush")


def one_input(data: bytes) -> None:
    """Refuse it, or make of it a question whose every word is clean."""
    connection = Connection()
    connection.receive_data(data)
    with contextlib.suppress(RemoteProtocolError):
        event = connection.next_event()
        if isinstance(event, Environment):
            question = question_of(event, "127.0.0.1")
            for word in (*question.arguments.values(), question.channel, question.uniqueid):
                assert word.isprintable()
                word.encode()
            assert not _DOOR.trusts(question)
