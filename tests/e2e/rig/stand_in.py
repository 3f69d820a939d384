"""A tiny FastAGI server in dialguard's place, for faults that it cannot be made to have itself.

It speaks just enough of the protocol to allow, to deny, to fall silent and to die half-way.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeAlias

from tests.e2e.rig.roots import RigError

if TYPE_CHECKING:
    from types import TracebackType


@dataclass
class Conversation:
    """One connection of Asterisk's.

    Attributes:
        began: When it was accepted, seconds since the epoch.
        environment: The `agi_…` lines, in order.
        ended: When the end of its input was seen; 0 while it was not.
    """

    socket: socket.socket
    began: float
    environment: list[tuple[str, str]] = field(default_factory=list)
    ended: float = 0.0
    _rest: bytes = b""

    @property
    def script(self) -> str:
        """The path of the AGI URL."""
        return dict(self.environment).get("agi_network_script", "")

    @property
    def arguments(self) -> dict[str, str]:
        """The `name=value` arguments."""
        values = (value for name, value in self.environment if name.startswith("agi_arg_"))
        return dict(value.partition("=")[::2] for value in values)

    @property
    def uniqueid(self) -> str:
        """The channel that asks."""
        return dict(self.environment)["agi_uniqueid"]

    def read_environment(self) -> None:
        """Read up to the blank line, or the end."""
        while line := self.line():
            name, _, value = line.partition(": ")
            self.environment.append((name, value))

    def line(self) -> str:
        """Read one line; empty at a blank line or at the end of input, which is then noted."""
        while b"\n" not in self._rest:
            chunk = self.socket.recv(4096)
            if not chunk:
                self.ended = time.time()
                return ""
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(errors="replace")

    def say(self, command: str) -> str:
        """Send a command and return the reply."""
        self.socket.sendall(command.encode() + b"\n")
        return self.line()

    def listen(self) -> None:
        """Say nothing until Asterisk ends the connection."""
        while not self.ended:
            self.line()

    def allow(self, number: str, seconds: int = 60, category: str = "national") -> None:
        """Let the call through, as dialguard would."""
        self.tell(
            GUARD_CALL=self.uniqueid,
            GUARD_NUMBER=number,
            GUARD_SECONDS=str(seconds),
            GUARD_CATEGORY=category,
            GUARD_VERDICT="ALLOW",
        )

    def tell(self, **variables: str) -> None:
        """Set channel variables, in order."""
        for name, value in variables.items():
            self.say(f'SET VARIABLE {name} "{value}"')


Answer: TypeAlias = Callable[[Conversation], None]


def listen(conversation: Conversation) -> None:
    """Accept the question and never answer it."""
    conversation.listen()


def close(_: Conversation) -> None:
    """Hear the question and hang up."""


def allow(conversation: Conversation) -> None:
    """Let every question through to the digits as dialled; take every release."""
    if conversation.script == "outbound":
        conversation.allow(conversation.arguments["dialled"])
    else:
        conversation.tell(GUARD_RELEASED="yes")


class StandIn:
    """The server, on a port of the loopback.

    Attributes:
        answer: What it does once a connection's environment is read; may be exchanged any time.
        conversations: All connections it had, in order.
    """

    def __init__(self, port: int, answer: Answer = allow) -> None:
        self.answer = answer
        self.conversations: list[Conversation] = []
        self._listener = _listener(port)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        for conversation in self.conversations:
            conversation.socket.close()

    def asked(self, script: str) -> list[Conversation]:
        """Return the conversations of one script, in order."""
        return [each for each in self.conversations if each.script == script]

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self._listener.accept()
                conversation = Conversation(peer, time.time())
                self.conversations.append(conversation)
                threading.Thread(target=self._serve, args=(conversation,), daemon=True).start()

    def _serve(self, conversation: Conversation) -> None:
        with contextlib.suppress(OSError), conversation.socket:
            conversation.read_environment()
            if conversation.ended == 0.0:
                self.answer(conversation)


def _listener(port: int, within_s: float = 10.0) -> socket.socket:
    """Listen on a port; whoever had it before may be a moment in going.

    Raises:
        RigError: Somebody has it still.
    """
    end = time.monotonic() + within_s
    while True:
        try:
            return socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError as error:
            if time.monotonic() > end:
                raise RigError(f"port {port} is taken\n{_listening()}") from error
            time.sleep(0.05)


def _listening() -> str:
    """Say who listens where, if the machine has what tells it."""
    if shutil.which("ss") is None:
        return ""
    return subprocess.run(["ss", "-ltnp"], capture_output=True, text=True, check=False).stdout
