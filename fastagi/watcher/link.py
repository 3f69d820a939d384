"""One connection to Asterisk's manager interface: panoramisk, behind a guard.

A value that holds a line break is refused, as it would be another action. Every action has its
deadline, and what does not answer pings is given up. Faults of whoever listens to events break
this link and nothing else. It is never mended: the next one is made by whoever wants one, so that
no action of the last is said again.

Events are hints: callers can forge them. An answer is none, as it carries a number that nobody
can guess; and nothing that is said ends the link, only the socket's end, or silence, does.

A little longer than other files, as one connection is one thing with one end; how what it says is
taken apart lies in `blocks`.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from fastagi.errors import LinkError, LoginRefused
from fastagi.watcher import blocks
from fastagi.watcher.forgeries import Forgeries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

log = structlog.get_logger(__name__)

ANSWER_S: Final = 5.0
"""How long Asterisk may take to answer an action, a list of thousands of channels included."""

PING_S: Final = 5.0
"""Seconds between two pings: a link that is half open is known for it after twice that."""

UNFINISHED_MAX: Final = 1 << 20
"""Characters of one message that is not finished; no Asterisk sends a thousandth of it."""

ACTION_ID_BYTES: Final = 16

NO_CHANNEL: Final = "No such channel"
"""What Asterisk says of one that is not up (action_getvar, manager.c)."""

TORN_MAX: Final = 1000
"""How many torn rows of a list are mended: each costs two questions."""

FORBIDDEN: Final = ("\r", "\n", "\0")

Fields: TypeAlias = Mapping[str, str]
OnEvent: TypeAlias = Callable[[Fields], object]
OnBlock: TypeAlias = Callable[[bytes], bool]

CALLS: Final = "system,call,user"
"""The classes of events that a watcher asks for. Security events are none of them, whatever its
user may read: they come as fast as an attacker sends, and who hears these answers calls, too."""


@dataclass(frozen=True, slots=True)
class Login:
    """Where an Asterisk is, and as whom to log in.

    Attributes:
        node: How its dialplan names itself (`DIALGUARD_NODE`), and so its leases.
        secret: Reads the password, anew at every login; raises a `DialguardError`.
    """

    node: str
    host: str
    port: int
    username: str
    secret: Callable[[], str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listing:
    """The channels that are up.

    Attributes:
        rows: One each.
        whole: Whether nothing odd came with them. What is not in a list that is not whole may be
            up all the same.
    """

    rows: Sequence[Fields]
    whole: bool


class Link:
    """A connection that is logged in, until it is lost."""

    def __init__(self, protocol: _Protocol) -> None:
        self._protocol = protocol

    @property
    def lost(self) -> asyncio.Event:
        """Set once the connection is lost."""
        return self._protocol.lost

    @property
    def forgeries(self) -> Forgeries:
        """Where what is forged is told of."""
        return self._protocol.forgeries

    async def ask(self, action: str, **values: str) -> Sequence[Fields]:
        """Do an action, and return its response, and what follows where it is a list.

        Raises:
            LinkError: A value cannot be sent, Asterisk said no, or nothing in time.
        """
        found = await _ask(self._protocol, action, values)
        if not found[0].success:
            said = _text(found[0].get("Message", ""))
            raise LinkError(f"Asterisk does not do `{action}`: {said}")
        return [_fields(each) for each in found]

    async def channels(self, variable: str) -> Listing:
        """List every channel, each with one variable.

        A row that somebody tore is mended by what Asterisk answers of its channel: nobody hides
        himself so. It says neither a bound nor a direction.
        """
        protocol = self._protocol
        before = protocol.forgeries.count
        protocol.torn_rows.clear()
        found = await self.ask("Status", Variables=variable)
        whole = protocol.forgeries.count == before
        rows = [each for each in found if each.get("Event") == "Status"]
        if found[-1].get("ListItems") != str(len(rows)):
            whole = False
        for name in tuple(protocol.torn_rows):
            uniqueid = await self.variable(name, "UNIQUEID")
            value = await self.variable(name, variable)
            if uniqueid and value is not None:
                torn = {"Channel": name, "Uniqueid": uniqueid, "Variable": f"{variable}={value}"}
                rows.append(torn)
        return Listing(rows, whole)

    async def variable(self, channel: str, name: str) -> str | None:
        """Return a variable of a channel, empty where it has none; None where it is not up.

        Args:
            channel: Its `uniqueid`, or its name.
            name: A variable, or a function.

        Raises:
            LinkError: As `ask`.
        """
        answer = (await _ask(self._protocol, "Getvar", {"Channel": channel, "Variable": name}))[0]
        if answer.success:
            return _text_of(answer, "Value")
        said = _text(answer.get("Message", ""))
        if said == NO_CHANNEL:
            return None
        raise LinkError(f"Asterisk does not tell `{name}` of a channel: {said}")

    async def function(self, name: str) -> str:
        """Return what a dialplan function gives that needs no channel.

        Empty too where Asterisk has no such function, or it fails: AMI does not tell these apart.

        Args:
            name: With its arguments, which must hold nothing of a caller that was not looked at.

        Raises:
            LinkError: As `ask`.
        """
        return _text_of((await self.ask("Getvar", Variable=name))[0], "Value")

    async def hang_up(self, channel: str) -> None:
        """End a channel, by its `uniqueid` or its exact name.

        Raises:
            LinkError: As `ask`, also where it is gone already; or the name is a pattern.
        """
        if channel.startswith("/"):
            raise LinkError("a channel to be ended is named, and not by a pattern")
        await self.ask("Hangup", Channel=channel)


@asynccontextmanager
async def connected(
    login: Login,
    on_event: OnEvent | None = None,
    *,
    ping_s: float = PING_S,
    classes: str = CALLS,
    first: OnBlock | None = None,
) -> AsyncIterator[Link]:
    """Connect and log in; the link is closed in the end.

    Args:
        login: Where, and as whom.
        on_event: Takes each event, at once; without it none are asked for.
        ping_s: Seconds between two pings.
        classes: The classes of events that are asked for; Asterisk sends no others.
        first: Is shown each message as it came, without its end; one that it takes is looked at
            no further. It is for events that come by the thousand, or whose form counts.

    Raises:
        LoginRefused: It is an Asterisk, and it does not let us in.
        LinkError: Nobody answers there, or no Asterisk does.
        DialguardError: As `Login.secret`.
    """
    secret = login.secret()
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ANSWER_S):
            transport, protocol = await loop.create_connection(
                lambda: _Protocol(login.node, on_event, first), login.host, login.port
            )
    except (OSError, TimeoutError) as error:
        raise LinkError(f"nobody answers at {login.host}:{login.port}") from error
    try:
        events = "off" if on_event is None else classes
        values = {"Username": login.username, "Secret": secret, "Events": events}
        answer = (await _ask(protocol, "Login", values))[0]
        if not answer.success:
            said = _text(answer.get("Message", ""))
            what = f"Asterisk at {login.host}:{login.port} refuses `{login.username}`: {said}"
            raise LoginRefused(what)
        pings = asyncio.create_task(_ping(protocol, ping_s))
        try:
            yield Link(protocol)
        finally:
            pings.cancel()
            await asyncio.gather(pings, return_exceptions=True)
    finally:
        protocol.give_up()
        transport.abort()


async def _ping(protocol: _Protocol, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        try:
            await _ask(protocol, "Ping", {}, within_s=every_s)
        except LinkError:
            protocol.give_up()
            return


async def _ask(
    protocol: _Protocol, name: str, values: Mapping[str, str], within_s: float = ANSWER_S
) -> Sequence[Message]:
    if any(each in value for value in values.values() for each in FORBIDDEN):
        raise LinkError(
            f"a value of `{name}` holds a line break; it would be an action of its own"
        )
    if protocol.lost.is_set():
        raise LinkError("the connection to Asterisk is lost")
    number = secrets.token_hex(ACTION_ID_BYTES)  # who cannot guess it can forge no answer
    action = Action({"Action": name, "ActionID": number, **values})
    answer = protocol.send(action, as_list=None)  # None: the response says whether it is one
    lost = asyncio.ensure_future(protocol.lost.wait())
    try:
        await asyncio.wait({answer, lost}, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        lost.cancel()
        protocol.responses.pop(action.id, None)
    if answer.done():
        found = answer.result()
        return found if isinstance(found, list) else [found]
    if protocol.lost.is_set():
        raise LinkError("the connection to Asterisk was lost")
    raise LinkError(f"Asterisk did not answer `{name}` within {within_s:g} s")


def _fields(message: Message) -> Fields:
    return {name: value for name, value in message.items() if isinstance(value, str)}


def _text_of(message: Mapping[str, object], name: str) -> str:
    value = message.get(name, "")
    return value if isinstance(value, str) else ""


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "no reason given"


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol; it is its own factory, so that nothing connects again by itself."""

    forgetable_actions: tuple[str, ...] = ()

    def __init__(self, node: str, on_event: OnEvent | None, first: OnBlock | None) -> None:
        self.lost = asyncio.Event()
        self.forgeries = Forgeries(node)
        self.torn_rows: set[str] = set()
        self._on_event = on_event
        self._first = first
        self._unfinished = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.encoding = "utf-8"
        self.factory = self
        self.log.disabled = True  # it would log every message, secrets and all, at its own levels

    def data_received(self, data: bytes) -> None:
        """Take what came. panoramisk's own reader trusts it: `Event: Shutdown` closes the link."""
        *whole, self._unfinished = (self._unfinished + data).split(blocks.END)
        try:
            for each in whole:
                if self._first is not None and self._first(each):
                    continue
                block = blocks.read(each.decode("utf-8", "replace"))
                if block is not None:
                    self._take(block)
        except Exception:
            log.exception("ami-link-broke")
            self.give_up()
            return
        if len(self._unfinished) > UNFINISHED_MAX:
            log.error("ami-link-broke", why="a message without an end")
            self.give_up()

    def _take(self, block: blocks.Block) -> None:
        """Hand a block to the action that it answers, or to who hears events."""
        if block.oddity:
            self.forgeries.found(block.oddity)
            if block.torn_row and len(self.torn_rows) < TORN_MAX:
                self.torn_rows.add(block.torn_row)
            return
        action = self.responses.get(block.fields.get("ActionID", ""))
        if action is None:
            if block.is_event and self._on_event is not None:
                self._on_event(block.fields)
        elif block.is_event and not action.responses:
            self.forgeries.found("an event in place of a response")
        elif action.add_message(Message(block.fields)):
            self.responses.pop(action.id, None)

    def connection_lost(self, exc: object) -> None:  # noqa: ARG002 - whatever it was
        """End."""
        self.give_up()

    def give_up(self) -> None:
        """Close the connection, and wake who waits for an answer."""
        self.lost.set()
        self.closed = True
        with contextlib.suppress(AttributeError):  # it was never connected
            self.transport.close()
