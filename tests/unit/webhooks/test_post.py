"""One delivery by HTTP: what a receiver, or whoever stands in its place, could do to us."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from fastagi.webhooks import post as room
from fastagi.webhooks.post import Post
from tests.unit.webhooks.conftest import HOOK, NOW, Receiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

BODY = '{"id":"e","event":"denial"}'


@contextlib.asynccontextmanager
async def posting(receiver: Receiver) -> AsyncIterator[Post]:
    """Deliver to a receiver without a socket."""
    post = Post(HOOK, httpx.MockTransport(receiver))
    yield post
    await post.close()


@contextlib.asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[Post]:
    """Deliver to somebody who says what they like."""

    async def talks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await talk(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        over.set()

    over = asyncio.Event()
    server = await asyncio.start_server(talks, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    post = Post(replace(HOOK, url=f"http://127.0.0.1:{port}/told"))
    yield post
    await post.close()
    await over.wait()
    server.close()
    await server.wait_closed()


async def test_an_event_is_delivered_signed() -> None:
    """With its id, and as JSON."""
    receiver = Receiver()
    async with posting(receiver) as post:
        assert await post.deliver("e", BODY, NOW) == ""
    (seen,) = receiver.seen
    assert receiver.told == [("denial", "e")]
    assert (seen.method, str(seen.url)) == ("POST", HOOK.url)
    assert seen.headers["Dialguard-Delivery"] == "e"
    assert seen.headers["Content-Type"] == "application/json"
    assert "authorization" not in seen.headers


@pytest.mark.parametrize("status", [200, 201, 299])
async def test_any_success_is_taking_in(status: int) -> None:
    """Programs differ."""
    async with posting(Receiver(status)) as post:
        assert await post.deliver("e", BODY, NOW) == ""


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 410, 429, 500, 503])
async def test_nothing_else_is(status: int) -> None:
    """A redirect is not followed: elsewhere somebody else may listen."""
    receiver = Receiver(status, headers={"Location": "http://169.254.169.254/"})
    async with posting(receiver) as post:
        assert await post.deliver("e", BODY, NOW) == f"it answered {status}"
    assert len(receiver.seen) == 1


@pytest.mark.parametrize(
    "error",
    [
        httpx.ConnectError("x hunter2"),
        httpx.RemoteProtocolError("hunter2"),
        httpx.InvalidURL("hunter2"),
    ],
)
async def test_what_goes_wrong_is_told_without_the_url(error: Exception) -> None:
    """It may hold a key."""
    async with posting(Receiver(broken=error)) as post:
        assert await post.deliver("e", BODY, NOW) == type(error).__name__


async def test_an_answer_without_an_end_is_not_read() -> None:
    """Its status is enough."""
    sent = 0

    async def gushes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"}")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
        while sent < 2000:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 1

    async with serving(gushes) as post, asyncio.timeout(10):
        assert await post.deliver("e", BODY, NOW) == ""
    assert sent < 2000


async def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the whole never."""
    monkeypatch.setattr(room, "WITHIN_S", 0.3)

    async def drips(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(200):
            writer.write(b"H")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(drips) as post, asyncio.timeout(10):
        assert await post.deliver("e", BODY, NOW) in {
            "it did not answer within 0 s",
            "RemoteProtocolError",
        }


async def test_headers_without_an_end_are_given_up() -> None:
    """h11 bounds them."""

    async def babbles(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            writer.write(b"X-%d: y\r\n" % number)
            await writer.drain()

    async with serving(babbles) as post, asyncio.timeout(10):
        assert await post.deliver("e", BODY, NOW) in {"RemoteProtocolError", "ReadError"}


async def test_no_proxy_is_taken_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor a password out of ~/.netrc."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    seen = b""

    async def listens(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal seen
        seen = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async with serving(listens) as post:
        assert await post.deliver("e", BODY, NOW) == ""
    assert seen.startswith(b"POST /told HTTP/1.1\r\n")
