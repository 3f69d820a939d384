"""A small manager interface (AMI), for what a real Asterisk cannot be made to do."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

BANNER = b"Asterisk Call Manager/11.0.0\r\n"

LOGIN_TOLD = (
    b"Event: SuccessfulAuth\r\nPrivilege: security,all\r\n"
    b"EventTV: 2026-01-05T09:00:00.000+0000\r\nSeverity: Informational\r\nService: AMI\r\n"
    b"EventVersion: 1\r\nAccountID: dialguard\r\nSessionID: 0x7f0000000001\r\n"
    b"LocalAddress: IPV4/TCP/127.0.0.1/5038\r\nRemoteAddress: IPV4/TCP/127.0.0.1/40000\r\n"
    b"UsingPassword: 0\r\nSessionTV: 2026-01-05T09:00:00.000+0000\r\n\r\n"
)


class Manager:
    """Plays Asterisk to whoever logs in.

    Attributes:
        port: Where it listens.
        secret: The password that it takes.
        rows: The channels it lists, as the fields of `Status` events.
        dialplan: The dialplan it lists, as the fields of `ListDialplan` events.
        actions: The actions it was asked for, pings aside.
        logins: How many logins it took.
        silent: Whether it answers nothing any more.
        up: The channels that are up, and what is asked of them: those it told of by `say`, the
            listed ones aside.
        gone: Channels that it does not know when they are to be hung up.
        refuses: Actions that it does not do.
        functions: What dialplan functions give that need no channel; the others give nothing.
        untold: Variables that it does not tell.
        tells_security: Whether it tells those who are logged in of a login.
        drops_at: The variable at which it loses every connection.
    """

    def __init__(self) -> None:
        self.port = 0
        self.secret = "a-secret-of-the-tests"
        self.rows: list[dict[str, str]] = []
        self.dialplan: list[dict[str, str]] = []
        self.actions: list[dict[str, str]] = []
        self.logins = 0
        self.silent = False
        self.up: dict[str, dict[str, str]] = {}
        self.gone: set[str] = set()
        self.refuses: set[str] = set()
        self.functions: dict[str, str] = {}
        self.untold: set[str] = set()
        self.drops_at = ""
        self.tells_security = False
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []
        self._talks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, at the port it had if it had one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Die, with every connection."""
        assert self._server is not None
        self._server.close()
        self.drop()
        await self._server.wait_closed()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def drop(self) -> None:
        """Lose every connection."""
        for each in self._writers:
            each.transport.abort()
        self._writers.clear()

    def say(self, **fields: str) -> None:
        """Have something happen, and tell everybody of it."""
        uniqueid = fields.get("Uniqueid", "")
        match fields.get("Event"):
            case "Newchannel":
                self.up[uniqueid] = {"CHANNEL(endpoint)": _endpoint(fields["Channel"])}
                self.up[uniqueid]["CHANNEL(state)"] = "Down"
            case "DialBegin" if fields["DestUniqueid"] in self.up:
                user = fields["DialString"].partition("@")[0]
                dialled = {"CHANNEL(pjsip,remote_uri)": f"<sip:{user}@192.0.2.1>"}
                self.up[fields["DestUniqueid"]] |= {**dialled, "CHANNEL(state)": "Ring"}
            case "UserEvent" if uniqueid in self.up:
                self.up[uniqueid]["DIALGUARD_LEG"] = fields["Leg"]
            case "Hangup":
                self.up.pop(uniqueid, None)
        self.forge(**fields)

    def forge(self, **fields: str) -> None:
        """Tell everybody of what did not happen."""
        self.send(_lines(fields))

    def send(self, raw: bytes) -> None:
        """Send bytes to everybody."""
        for each in self._writers:
            each.write(raw)

    def asked(self, action: str) -> list[dict[str, str]]:
        """Return the actions of a name that it was asked for."""
        return [each for each in self.actions if each["Action"] == action]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.append(talk)
        writer.write(BANNER)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in raw.split("\r\n") if ": " in line)
                if fields["Action"] != "Ping":
                    self.actions.append(fields)
                if not self.silent:
                    writer.write(self._answer(fields))
        writer.close()

    def _answer(self, action: dict[str, str]) -> bytes:
        name, number = action["Action"], action["ActionID"]
        if name in self.refuses:
            return _lines(
                {"Response": "Error", "ActionID": number, "Message": "Permission denied"}
            )
        if name == "Login":
            if action["Secret"] != self.secret:
                said = "Authentication failed"
                return _lines({"Response": "Error", "ActionID": number, "Message": said})
            self.logins += 1
            if self.tells_security:
                self.send(LOGIN_TOLD)
        if name == "Hangup" and action["Channel"] in self.gone:
            return _lines({"Response": "Error", "ActionID": number})
        if name == "Getvar":
            return _lines({"ActionID": number, **self._variable(action)})
        if name == "Status":
            return _list(number, "Status", "StatusComplete", self.rows)
        if name == "ShowDialPlan":
            return _list(number, "ListDialplan", "ShowDialPlanComplete", self.dialplan)
        return _lines({"Response": "Success", "ActionID": number, "Message": "done"})

    def _variable(self, action: dict[str, str]) -> dict[str, str]:
        """Answer what is asked of a channel, by its `uniqueid` or its name, or of none."""
        of, name = action.get("Channel"), action["Variable"]
        if name == self.drops_at:
            self.drop()
        if name in self.untold:
            return {"Response": "Error", "Message": "No such function"}
        if of is None:
            value = self.functions.get(name, "")
            return {"Response": "Success", "Variable": name, "Value": value}
        known = self.up.get(of)
        for each in self.rows:
            if of in {each["Uniqueid"], each["Channel"]}:
                mark = each["Variable"].partition("=")[2]
                known = {"DIALGUARD_LEG": mark, "UNIQUEID": each["Uniqueid"], **(known or {})}
        if known is None:
            return {"Response": "Error", "Message": "No such channel"}
        return {"Response": "Success", "Variable": name, "Value": known.get(name, "")}


def _endpoint(channel: str) -> str:
    return channel.removeprefix("PJSIP/").rpartition("-")[0]


def _list(number: str, event: str, last: str, rows: list[dict[str, str]]) -> bytes:
    """Answer with a list: its rows, and how many there are."""
    head = {"Response": "Success", "ActionID": number, "EventList": "start"}
    head["Message"] = "A list will follow"
    said = [{"Event": event, **each, "ActionID": number} for each in rows]
    tail = {"Event": last, "ActionID": number, "EventList": "Complete"}
    tail["ListItems"] = str(len(rows))
    return b"".join(map(_lines, [head, *said, tail]))


def _lines(fields: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode() + b"\r\n"


@contextmanager
def in_a_thread() -> Iterator[Manager]:
    """Play it in a loop of its own, for code that runs its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    manager = Manager()
    asyncio.run_coroutine_threadsafe(manager.start(), loop).result(10)
    try:
        yield manager
    finally:
        asyncio.run_coroutine_threadsafe(manager.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
