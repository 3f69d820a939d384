"""A service on loopback that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import structlog

from fastagi.lookups.pacing import Pace
from fastagi.lookups.service import Credentials, Place, Service
from fastagi.lookups.subject import Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from structlog.typing import EventDict

    Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

TOKEN = json.dumps({"access_token": "a.b-c", "expires_in": 86400, "token_type": "Bearer"})
HUB_FOUND = '{"message": "Phone Number found."}'
HUB_NOT_FOUND = '{"message": "Phone Number not found."}'
NODE_FOUND = '{"phone_number_found": "5355512345"}'


def answer(status: int, body: str | bytes, *headers: str) -> bytes:
    """Return an HTTP answer."""
    raw = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(raw)}", *headers, "", ""]
    return "\r\n".join(head).encode() + raw


@dataclass
class Stub:
    """Answers each path with what is laid down for it, and others with `else_`."""

    answers: dict[str, bytes] = field(default_factory=dict)
    else_: bytes = answer(404, HUB_NOT_FOUND)
    talk: Talk | None = None
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    port: int = 0
    _talking: set[asyncio.Task[None]] = field(default_factory=set)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one who connected, until either has enough."""
        task = asyncio.current_task()
        assert task is not None
        self._talking.add(task)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                line, *headers = head.split("\r\n")
                path = line.split()[1]
                length = [each for each in headers if each.lower().startswith("content-length:")]
                body = await reader.readexactly(int(length[0].split()[1]) if length else 0)
                self.asked.append(path)
                self.heads.append(head)
                self.bodies.append(body.decode())
                if self.talk is not None:
                    await self.talk(reader, writer)
                    break
                writer.write(self.answers.get(path, self.else_))
                await writer.drain()
        writer.close()

    async def end(self) -> None:
        """Talk no more."""
        for task in self._talking:
            task.cancel()
        await asyncio.gather(*self._talking, return_exceptions=True)

    def place(self, *before: str, credentials: bool = False) -> Place:
        """Return where it is."""
        at = f"http://127.0.0.1:{self.port}"
        urls = {Kind.NUMBER: f"{at}/phone-numbers/", Kind.ADDRESS: f"{at}/ip-addresses/"}
        known = Credentials(f"{at}/token", "me", "s3cret-of-mine", f"{at}/api")
        return Place(urls, before or ("",), known if credentials else None)

    def service(self, *before: str, credentials: bool = False) -> Service:
        """Return one that asks it; to be closed."""
        place = self.place(*before, credentials=credentials)
        return Service(place, Pace(60_000), asyncio.get_running_loop().time)


@pytest.fixture
def told() -> Iterator[list[EventDict]]:
    """Return what the log was told."""
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """Return one that listens."""
    stub = Stub()
    server = await asyncio.start_server(stub, "127.0.0.1", 0)
    stub.port = server.sockets[0].getsockname()[1]
    yield stub
    server.close()
    await stub.end()
    await server.wait_closed()
