"""The order of a FastAGI conversation, as a table.

    connection = Connection()
    connection.receive_data(received)          # b"" when the peer closed its side
    while (event := connection.next_event()) is not None:
        ...                                    # an Environment, a Reply, HungUp or Closed
    transport.write(connection.send(noop()))   # one command at a time

Who may say what, when, is `TRANSITIONS` and nothing else: what stands in no line of it ends the
conversation. No socket and no clock here; deadlines are the server's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING, Final, TypeAlias, assert_never

from fastagi.agi.environment import Environment, EnvironmentReader
from fastagi.agi.limits import Limits
from fastagi.agi.reply import Digits, Refusal, Refused, Result, read_result
from fastagi.errors import LocalProtocolError, RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastagi.agi.command import Command
    from fastagi.agi.reply import Reader


class State(StrEnum):
    """Where the conversation is."""

    GREETING = "in the environment"
    IDLE = "when nothing was asked"
    ASKED = "where a reply belongs"
    EXPLAINED = "in the explanation of a 520"
    CLOSED = "after the end"
    FAILED = "after an oddity"


class Input(StrEnum):
    """What can happen: a line of some kind, the end of the stream, or a command of ours."""

    FIELD = "a field"
    BLANK = "a blank line"
    HANGUP = "`HANGUP`"
    REPLY = "a reply"
    USAGE_BEGINS = "`520-`"
    USAGE_LINE = "a line of usage"
    USAGE_ENDS = "`520 End of proper usage.`"
    END = "the end of the stream"
    COMMAND = "a command"


class Action(Enum):
    """What is done about it."""

    KEEP_FIELD = auto()
    GIVE_ENVIRONMENT = auto()
    GIVE_HANGUP = auto()
    COUNT_COMMAND = auto()
    GIVE_REPLY = auto()
    COUNT_USAGE = auto()
    GIVE_USAGE = auto()
    GIVE_END = auto()


TRANSITIONS: Final[Mapping[tuple[State, Input], tuple[Action, State]]] = {
    (State.GREETING, Input.FIELD): (Action.KEEP_FIELD, State.GREETING),
    (State.GREETING, Input.BLANK): (Action.GIVE_ENVIRONMENT, State.IDLE),
    (State.IDLE, Input.COMMAND): (Action.COUNT_COMMAND, State.ASKED),
    (State.IDLE, Input.HANGUP): (Action.GIVE_HANGUP, State.IDLE),
    (State.IDLE, Input.END): (Action.GIVE_END, State.CLOSED),
    (State.ASKED, Input.REPLY): (Action.GIVE_REPLY, State.IDLE),
    (State.ASKED, Input.USAGE_BEGINS): (Action.COUNT_USAGE, State.EXPLAINED),
    (State.ASKED, Input.HANGUP): (Action.GIVE_HANGUP, State.ASKED),
    (State.ASKED, Input.END): (Action.GIVE_END, State.CLOSED),
    (State.EXPLAINED, Input.USAGE_LINE): (Action.COUNT_USAGE, State.EXPLAINED),
    (State.EXPLAINED, Input.USAGE_ENDS): (Action.GIVE_USAGE, State.IDLE),
    (State.EXPLAINED, Input.HANGUP): (Action.GIVE_HANGUP, State.EXPLAINED),
    (State.EXPLAINED, Input.END): (Action.GIVE_END, State.CLOSED),
}
"""All that may happen. A reply while IDLE, say, is not in it: nobody asked."""


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller has hung up. Variables can still be set; replies go on as ever."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Asterisk closed its side, at the end of a line: no byte is missing."""


Event: TypeAlias = Environment | Result | Digits | Refused | HungUp | Closed


class Connection:
    """One conversation, from the side of the server."""

    __slots__ = (
        "_buffer", "_commands", "_ended", "_environment", "_failure", "_hangups",
        "_limits", "_read", "_state", "_usage",
    )  # fmt: skip

    def __init__(self, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        self._limits = limits
        self._state = State.GREETING
        self._environment = EnvironmentReader(limits)
        self._buffer = bytearray()
        self._ended = False
        self._read: Reader = read_result
        self._commands = 0
        self._hangups = 0
        self._usage = 0
        self._failure: RemoteProtocolError | None = None

    @property
    def state(self) -> State:
        """Where the conversation is."""
        return self._state

    @property
    def is_no_asterisk(self) -> bool:
        """Whether the peer began as no Asterisk does, by nobody's doing but its own.

        Whoever went away again amid a line, or before the first, may be anybody.
        """
        failed_early = self._failure is not None and self._environment.is_all_their_own
        return failed_early and not self._ended

    def receive_data(self, data: bytes) -> None:
        """Take what the peer sent; `b""` says that it will send no more."""
        if not data:
            self._ended = True
        # Cut where some limit is broken for certain: `next_event` raises before it gets there.
        self._buffer += data[: self._limits.buffered - len(self._buffer)]

    def next_event(self) -> Event | None:
        """Return what happened next, or None until there is more data.

        Raises:
            RemoteProtocolError: The peer said what Asterisk never says. Close the connection;
                every further call raises the same.
        """
        if self._failure is not None:
            raise self._failure
        try:
            return self._next_event()
        except RemoteProtocolError as failure:
            self._state = State.FAILED
            self._failure = failure
            self._buffer.clear()
            raise

    def send(self, command: Command) -> bytes:
        """Return the bytes of a command, to be written at once: a partial line spins Asterisk.

        Raises:
            LocalProtocolError: A command is not in its place here, or one too many.
        """
        step = TRANSITIONS.get((self._state, Input.COMMAND))
        if step is None:
            raise LocalProtocolError(f"a command may not be sent {self._state.value}")
        if self._commands == self._limits.commands:
            raise LocalProtocolError(f"a session may send {self._commands} commands")
        action, self._state = step
        self._read = command.read
        self._act(action, command.line)
        return command.line

    def _next_event(self) -> Event | None:
        event: Event | None = None
        while event is None:
            line = self._next_line()
            if line is not None:
                event = self._happen(self._kind_of(line), line)
            elif not self._ended or self._state is State.CLOSED:
                break
            elif self._buffer:
                raise RemoteProtocolError(f"the stream ends amid a line, {self._state.value}")
            else:
                event = self._happen(Input.END, b"")
        return event

    def _next_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", 0, self._limits.line + 1)
        if end < 0:
            if len(self._buffer) > self._limits.line:
                raise RemoteProtocolError(
                    f"a line is over {self._limits.line} bytes, {self._state.value}"
                )
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _kind_of(self, line: bytes) -> Input:
        if self._state is State.GREETING:
            return Input.FIELD if line else Input.BLANK
        if line == b"HANGUP":
            return Input.HANGUP
        if self._state is State.EXPLAINED:
            ends = line == b"520 End of proper usage."
            return Input.USAGE_ENDS if ends else Input.USAGE_LINE
        return Input.USAGE_BEGINS if line.startswith(b"520-") else Input.REPLY

    def _happen(self, happened: Input, line: bytes) -> Event | None:
        step = TRANSITIONS.get((self._state, happened))
        if step is None:
            raise RemoteProtocolError(f"{happened.value} came {self._state.value}")
        action, self._state = step
        return self._act(action, line)

    def _act(self, action: Action, line: bytes) -> Event | None:
        match action:
            case Action.KEEP_FIELD:
                self._environment.take(line)
                return None
            case Action.GIVE_ENVIRONMENT:
                return self._environment.finish()
            case Action.GIVE_HANGUP:
                self._hangups += 1
                if self._hangups > self._limits.hangups:
                    raise RemoteProtocolError(f"`HANGUP` came {self._hangups} times")
                return HungUp()
            case Action.GIVE_REPLY:
                return self._read(line)
            case Action.COUNT_USAGE:
                self._usage += len(line) + 1
                if self._usage > self._limits.usage:
                    raise RemoteProtocolError(f"a 520 is over {self._limits.usage} bytes")
                return None
            case Action.GIVE_USAGE:
                self._usage = 0
                return Refused(Refusal.USAGE)
            case Action.GIVE_END:
                return Closed()
            case Action.COUNT_COMMAND:
                self._commands += 1
                return None
            case _:
                assert_never(action)
