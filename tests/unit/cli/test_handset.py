"""The pretend phone's line, against scripted services."""

from __future__ import annotations

import hashlib
import socket
import threading
from typing import TYPE_CHECKING, BinaryIO

import pytest

from fastagi.call.channel import Argument
from fastagi.cli import handset
from fastagi.cli.handset import Handset
from fastagi.cli.pretend_asterisk import Call, Leg
from fastagi.errors import ChannelGone, ChannelSilent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ALLOW = b'EXEC MSet "GUARD_REASON=allowed,GUARD_VERDICT=ALLOW"\n'


class Service:
    """Takes connections; says its lines on the first, keeps what it heard, and closes.

    Attributes:
        environment: Of all connections, one after the other.
        replies: To its lines.
    """

    def __init__(self, *lines: bytes, connections: int = 1, abort: bool = False) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.door.settimeout(20)
        self.environment = b""
        self.replies: list[bytes] = []
        self._lines = lines
        self._connections = connections
        self._abort = abort
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        host, port = self.door.getsockname()
        return host, port

    def _serve(self) -> None:
        for said in (self._lines, *[()] * (self._connections - 1)):
            line, _ = self.door.accept()
            with line, line.makefile("rb") as asterisk:
                self._talk(line, asterisk, said)

    def _talk(self, line: socket.socket, asterisk: BinaryIO, lines: tuple[bytes, ...]) -> None:
        while (field := asterisk.readline()).strip():
            self.environment += field
        for said in lines:
            line.sendall(said)
            self.replies.append(asterisk.readline())
        if self._abort:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def end(self) -> None:
        """Wait until it is through."""
        self._thread.join()
        self.door.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Service]]:
    """Return what starts scripted services, which are ended afterwards."""
    services: list[Service] = []

    def start(*lines: bytes, abort: bool = False) -> Service:
        services.append(Service(*lines, abort=abort))
        return services[-1]

    yield start
    for service in services:
        service.end()


def a_handset(address: tuple[str, int], secret: str = "", **more: str) -> Handset:
    """Return extension 101 dialling Rome."""
    leg = Leg("101", "900390612345678", "try-1.2", "127.0.0.1:4573")
    return Handset(address, leg, secret, {Argument(name): text for name, text in more.items()})


def deaf() -> Call:
    """Return a call whose caller neither hears nor keys."""
    return Call(hear=lambda _: None, key=lambda _: "")


def test_dialling_asks_as_the_dialplan_does(serve: Callable[..., Service]) -> None:
    """The environment, then the arguments by name; the verdict ends up in the variables."""
    service = serve(ALLOW)
    call = deaf()
    a_handset(service.address, transport="tls").dial(call)
    service.end()
    assert service.environment.splitlines()[-6:] == [
        b"agi_arg_1: call=try-1.2",
        b"agi_arg_2: dialled=900390612345678",
        b"agi_arg_3: endpoint=101",
        f"agi_arg_4: agent={handset.AGENT}".encode(),
        f"agi_arg_5: contact={handset.CONTACT}".encode(),
        b"agi_arg_6: transport=tls",
    ]
    assert service.replies == [b"200 result=0\n"]
    assert call.variables["GUARD_VERDICT"] == "ALLOW"


def test_a_secret_becomes_a_token(serve: Callable[..., Service]) -> None:
    """The secret itself is never sent."""
    service = serve(ALLOW)
    a_handset(service.address, "open sesame").dial(deaf())
    service.end()
    token = hashlib.sha1(b"open sesame:try-1.2:900390612345678").hexdigest()  # noqa: S324 - as the dialplan's
    assert f"agi_arg_6: token={token}".encode() in service.environment
    assert b"sesame" not in service.environment


def test_hanging_up_releases_the_call(serve: Callable[..., Service]) -> None:
    """By call and site, with a token of its own; nobody talked."""
    service = serve()
    a_handset(service.address, "open sesame", site="office", trunk="pstn").hang_up()
    service.end()
    token = hashlib.sha1(b"open sesame:try-1.2:release:0").hexdigest()  # noqa: S324 - as above
    assert service.environment.splitlines()[-4:] == [
        b"agi_arg_1: call=try-1.2",
        b"agi_arg_2: talked=0",
        b"agi_arg_3: site=office",
        f"agi_arg_4: token={token}".encode(),
    ]


def test_a_close_without_a_verdict_is_no_verdict(serve: Callable[..., Service]) -> None:
    """As for the dialplan: whatever is not ALLOW is a refusal."""
    with pytest.raises(ChannelGone, match="without a verdict"):
        a_handset(serve(b"ANSWER\n").address).dial(deaf())


def test_a_reset_without_a_verdict_is_said(serve: Callable[..., Service]) -> None:
    """A service that dies half-way."""
    with pytest.raises(ChannelGone):
        a_handset(serve(b"ANSWER\n", abort=True).address).dial(deaf())


def test_a_reset_after_the_verdict_is_no_matter(serve: Callable[..., Service]) -> None:
    """What was said was said."""
    call = deaf()
    a_handset(serve(ALLOW, abort=True).address).dial(call)
    assert call.variables["GUARD_VERDICT"] == "ALLOW"


def test_nobody_there_is_said() -> None:
    """And what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        address = door.getsockname()
    with pytest.raises(ChannelGone, match="dialguard serve"):
        a_handset(address).dial(deaf())


def test_a_service_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while, as Asterisk would by its absolute timeout."""
    monkeypatch.setattr(handset, "SILENCE_S", 0.1)
    with (
        socket.create_server(("127.0.0.1", 0)) as door,
        pytest.raises(ChannelSilent, match="does not answer"),
    ):
        a_handset(door.getsockname()).dial(deaf())
