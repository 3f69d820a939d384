"""One conversation with Asterisk on a socket, which is also one caller's channel.

`Session` moves bytes between a transport and `fastagi.agi.connection`, puts a deadline on every
step, and offers the story what `fastagi.call.channel.Channel` promises. Digits pass through here
and are written nowhere.

A little longer than other files: one socket with one end, and each thing that a story asks of it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol, assert_never, cast

from fastagi.agi import command
from fastagi.agi.connection import Closed, Connection, Event, HungUp
from fastagi.agi.environment import Environment
from fastagi.agi.reply import Digits, Refusal, Refused, Result
from fastagi.call.channel import Keyed, Variable
from fastagi.errors import ChannelError, ChannelGone, ChannelSilent, RemoteProtocolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastagi.agi.command import Command
    from fastagi.agi.limits import Limits
    from fastagi.agi.reply import Reply
    from fastagi.server.deadlines import Deadlines


class Owner(Protocol):
    """Who made the session, and is told of its life."""

    def entered(self, session: Session) -> bool:
        """Say whether the session that has just connected may stay; cut it off if not."""
        ...

    def greeted(self, session: Session, environment: Environment) -> None:
        """Take the environment, once it is complete."""
        ...

    def failed(self, session: Session, why: RemoteProtocolError | ChannelSilent) -> None:
        """Learn that the peer said something odd, or said nothing for too long."""
        ...

    def left(self, session: Session) -> None:
        """Learn that the connection is gone; nothing follows."""
        ...


class Session(asyncio.Protocol):
    """One connection; implements `fastagi.call.channel.Channel`."""

    def __init__(self, owner: Owner, deadlines: Deadlines, limits: Limits) -> None:
        self._owner = owner
        self._deadlines = deadlines
        self._connection = Connection(limits)
        self._transport: asyncio.Transport
        self._timer: asyncio.TimerHandle | None = None
        self._reply: asyncio.Future[Reply] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._gone: ChannelError | None = ChannelGone("not connected yet")
        self._hung_up = False
        self._complete = False
        self.peer = ""

    # ------------------------------------------------------------------ asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Come in, if the owner says so, and start the first deadline."""
        self._transport = cast("asyncio.Transport", transport)
        self._gone = None
        name = transport.get_extra_info("peername")
        self.peer = str(name[0]) if name else ""
        if self._owner.entered(self):
            self._expect("the environment", self._deadlines.environment_s)

    def data_received(self, data: bytes) -> None:
        """Let the connection read, and act on what happened."""
        if self._gone is None:
            self._connection.receive_data(data)
            self._read_events()

    def eof_received(self) -> bool:
        """Note that Asterisk will send no more; the transport then closes itself."""
        self.data_received(b"")
        return False

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's word
        """Wake whoever waits for a reply, and tell the owner."""
        self._end(ChannelGone("the connection to Asterisk was lost"))
        self._owner.left(self)

    def pause_writing(self) -> None:
        """Hold the next command back: Asterisk does not read."""
        self._writable = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        """Let the next command go."""
        held_back, self._writable = self._writable, None
        if held_back is not None and not held_back.done():
            held_back.set_result(None)

    # ------------------------------------------------------------------ Channel

    @property
    def hung_up(self) -> bool:
        """Whether the caller hung up: whatever Asterisk was told, it will not dial."""
        return self._hung_up

    async def answer(self) -> None:
        """Answer the channel; nothing happens where it is answered already.

        Raises:
            ChannelGone: The caller hung up, or the connection is lost.
            ChannelSilent: Asterisk did not answer in time.
        """
        reply = await self._ask(command.answer(), self._deadlines.answer_s)
        if reply != Result(0):
            raise await self._why_failed(reply, "the channel could not be answered")

    async def progress(self) -> None:
        """Have the phone hear sounds without an answer: SIP 183, early media.

        Raises:
            ChannelGone: The caller hung up, or the connection is lost.
            ChannelSilent: Asterisk did not answer in time.
        """
        reply = await self._ask(command.execute("Progress"), self._deadlines.command_s)
        if reply != Result(0):
            raise await self._why_failed(reply, "early media could not be offered")

    async def bound(self, seconds: int) -> None:
        """Have Asterisk itself free the caller after so many seconds, should we fall silent.

        Raises:
            ChannelGone: The caller hung up, or the connection is lost.
            ChannelSilent: Asterisk did not answer in time.
        """
        reply = await self._ask(command.absolute_timeout(seconds), self._deadlines.command_s)
        if reply != Result(1):
            raise await self._why_failed(reply, "the channel could not be bounded")

    async def ask(self, sounds: Sequence[str], *, wait_s: int, most: int) -> Keyed:
        """Play sounds, which digits interrupt, and collect up to `most` digits, ended by `#`.

        Raises:
            ChannelError: A sound cannot be played. (Asterisk says the same as of a hangup.)
            ChannelGone: The caller hung up, or the connection is lost.
            ChannelSilent: Asterisk did not answer in time.
        """
        *first, last = sounds
        key = ""
        for sound in first:
            key = key or (await self._digits(command.stream_file(sound), 0, sound)).digits
        if key == "#":
            return Keyed("", timed_out=False)
        left = command.get_data("" if key else last, wait_s=wait_s, most=most - len(key))
        reply = await self._digits(left, wait_s * (most + 1), last)
        return Keyed(key + reply.digits, reply.timed_out)

    async def tell(self, variables: Mapping[Variable, str]) -> None:
        """Set channel variables, the verdict last, in one step; then hang up on Asterisk.

        Raises:
            ChannelGone: The caller hung up, or the connection is lost; whether Asterisk heard
                is not known if it was lost while we spoke.
            ChannelSilent: Asterisk did not answer in time; whether it heard is not known.
        """
        ordered = sorted(variables.items(), key=lambda each: each[0] is Variable.VERDICT)
        reply = await self._ask(command.mset(dict(ordered)), self._deadlines.command_s)
        if reply != Result(0):
            raise await self._why_failed(reply, "the answer could not be set; is MSet loaded")
        self.close()

    # ------------------------------------------------------------------ for the owner

    @property
    def gone(self) -> bool:
        """Whether nothing can be asked any more."""
        return self._gone is not None or self._hung_up

    @property
    def is_no_asterisk(self) -> bool:
        """Whether the peer began as no Asterisk does, by nobody's doing but its own."""
        return self._connection.is_no_asterisk

    async def prove(self) -> None:
        """Have Asterisk show that the environment is whole and its own.

        A newline in a caller's name can end the environment early, whole and well-formed but
        forged. What Asterisk really had to say then follows. It arrives before the reply to any
        command, because TCP keeps order: so whoever has had one reply has seen all, and
        anything odd. An end of the stream right after the environment proves the same.

        Raises:
            ChannelGone: Something odd followed, or the connection is lost.
            ChannelSilent: Asterisk did not answer in time.
        """
        try:
            await self._exchange(command.noop(), self._deadlines.command_s)
        except ChannelGone:
            if not self._complete:
                raise

    def cut(self) -> None:
        """Close at once, whatever is still to be written."""
        self._end(ChannelGone("refused at the door"), abort=True)

    def close(self) -> None:
        """Say no more: Asterisk goes on in its dialplan."""
        self._end(ChannelGone("the session is over"))

    # ------------------------------------------------------------------ inside

    async def _digits(self, asked: Command, keying_s: float, sound: str) -> Digits:
        """Play a sound and return what was keyed."""
        reply = await self._ask(asked, self._deadlines.sounds_s + keying_s)
        if not isinstance(reply, Digits):
            missing = f"could not play `{sound}`; is the sound file missing"
            raise await self._why_failed(reply, missing)
        return reply

    async def _ask(self, asked: Command, within_s: float) -> Reply:
        if self._hung_up:
            raise ChannelGone("the caller hung up")
        return await self._exchange(asked, within_s)

    async def _exchange(self, asked: Command, within_s: float) -> Reply:
        try:
            async with asyncio.timeout(within_s):
                if self._writable is not None:
                    await self._writable
                return await self._send(asked)
        except TimeoutError:
            silent = ChannelSilent(f"Asterisk did not answer within {within_s:g} s")
            self._end(silent, abort=True)
            raise silent from None

    def _send(self, asked: Command) -> asyncio.Future[Reply]:
        if self._gone is not None:
            raise self._gone
        line = self._connection.send(asked)
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(line)
        return self._reply

    async def _why_failed(self, reply: Reply, otherwise: str) -> ChannelError:
        """Find out whether a command failed because the caller hung up.

        The `HANGUP` line comes after the failed reply, and before the reply to anything else.
        """
        if reply == Refused(Refusal.DEAD):
            return ChannelGone("the caller hung up")
        if not self._hung_up:
            await self._exchange(command.noop(), self._deadlines.command_s)
        return ChannelGone("the caller hung up") if self._hung_up else ChannelError(otherwise)

    def _read_events(self) -> None:
        try:
            while (event := self._connection.next_event()) is not None:
                self._act(event)
        except RemoteProtocolError as odd:
            gone = ChannelGone("Asterisk was not understood")
            gone.__cause__ = odd
            self._end(gone, abort=True)
            self._owner.failed(self, odd)

    def _act(self, event: Event) -> None:
        match event:
            case Environment():
                self._expect("the session", self._deadlines.session_s)
                self._owner.greeted(self, event)
            case Result() | Digits() | Refused():
                if self._reply is not None and not self._reply.done():
                    self._reply.set_result(event)
            case HungUp():
                self._hung_up = True
            case Closed():
                self._complete = True
                self._end(ChannelGone("Asterisk closed the connection"))
            case _:
                assert_never(event)

    def _expect(self, what: str, within_s: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(within_s, self._too_late, what, within_s)

    def _too_late(self, what: str, within_s: float) -> None:
        silent = ChannelSilent(f"{what} took longer than {within_s:g} s")
        self._end(silent, abort=True)
        self._owner.failed(self, silent)

    def _end(self, gone: ChannelError, *, abort: bool = False) -> None:
        if self._gone is None:
            self._gone = gone
        if self._timer is not None:
            self._timer.cancel()
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(self._gone)
        self.resume_writing()
        if abort:
            self._transport.abort()
        else:
            self._transport.close()
