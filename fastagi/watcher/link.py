"""One connection to Asterisk's manager interface: panoramisk, behind a guard.

A value that holds a line break is refused, as it would be another action. Every action has its
deadline, and what does not answer pings is given up. Bytes that no Asterisk sends, and faults of
whoever listens to events, break this link and nothing else. It is never mended: the next one is
made by whoever wants one, so that no action of the last is said again.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol

from fastagi.errors import LinkError, LoginRefused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from panoramisk.message import Message

log = structlog.get_logger(__name__)

ANSWER_S: Final = 5.0
"""How long Asterisk may take to answer an action, a list of thousands of channels included."""

PING_S: Final = 5.0
"""Seconds between two pings: a link that is half open is known for it after twice that."""

UNFINISHED_MAX: Final = 1 << 20
"""Characters of one message that is not finished; no Asterisk sends a thousandth of it."""

FORBIDDEN: Final = ("\r", "\n", "\0")

Fields: TypeAlias = Mapping[str, str]
OnEvent: TypeAlias = Callable[[Fields], object]


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


class Link:
    """A connection that is logged in, until it is lost."""

    def __init__(self, protocol: _Protocol) -> None:
        self._protocol = protocol

    @property
    def lost(self) -> asyncio.Event:
        """Set once the connection is lost."""
        return self._protocol.lost

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

    async def channels(self, variable: str) -> Sequence[Fields]:
        """List every channel, each with one variable."""
        rows = await self.ask("Status", Variables=variable)
        return [each for each in rows if each.get("Event") == "Status"]

    async def hang_up(self, channel: str) -> None:
        """End a channel, named exactly.

        Raises:
            LinkError: As `ask`, also where it is gone already; or the name is a pattern.
        """
        if channel.startswith("/"):
            raise LinkError("a channel to be ended is named, and not by a pattern")
        await self.ask("Hangup", Channel=channel)


@asynccontextmanager
async def connected(
    login: Login, on_event: OnEvent | None = None, *, ping_s: float = PING_S
) -> AsyncIterator[Link]:
    """Connect and log in; the link is closed in the end.

    Args:
        login: Where, and as whom.
        on_event: Takes each event, at once; without it none are asked for.
        ping_s: Seconds between two pings.

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
                lambda: _Protocol(on_event), login.host, login.port
            )
    except (OSError, TimeoutError) as error:
        raise LinkError(f"nobody answers at {login.host}:{login.port}") from error
    try:
        events = "off" if on_event is None else "on"
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
    action = Action({"Action": name, **values})
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
    """Return a message's fields; one that comes twice holds nothing that can be trusted."""
    return {name: value for name, value in message.items() if isinstance(value, str)}


def _text(value: object) -> str:
    return value if isinstance(value, str) and value else "no reason given"


class _Protocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's protocol; it is its own factory, so that nothing connects again by itself."""

    forgetable_actions: tuple[str, ...] = ()

    def __init__(self, on_event: OnEvent | None) -> None:
        self.lost = asyncio.Event()
        self._on_event = on_event

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self.encoding = "utf-8"
        self.factory = self
        self.log.disabled = True  # it would log every message, secrets and all, at its own levels

    def data_received(self, data: bytes) -> None:
        """Take what came; what cannot be read ends it all."""
        try:
            super().data_received(data)
        except Exception:
            log.exception("ami-link-broke")
            self.give_up()
            return
        if sum(map(len, self.queue)) > UNFINISHED_MAX:
            log.error("ami-link-broke", why="a message without an end")
            self.give_up()

    def dispatch(self, event: Message) -> None:
        """Hand an event on."""
        if self._on_event is not None:
            self._on_event(_fields(event))

    def connection_lost(self, exc: object) -> None:  # noqa: ARG002 - whatever it was
        """End; also at Asterisk's `Shutdown` event."""
        self.give_up()

    def give_up(self) -> None:
        """Close the connection, and wake who waits for an answer."""
        self.lost.set()
        self.closed = True
        with contextlib.suppress(Exception):
            self.transport.close()
