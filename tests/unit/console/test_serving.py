"""HTTP on a real socket, and who is kept from holding it up."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from starlette.responses import PlainTextResponse

from fastagi.console import serving
from fastagi.console.serving import Bounds, Doorkeeper, serve
from tests.servers.certificates import make_certificates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def who(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the address that asks."""
    await PlainTextResponse(scope["client"][0])(scope, receive, send)


@contextlib.asynccontextmanager
async def served(bounds: Bounds, **tls: Path) -> AsyncIterator[int]:
    """Serve meanwhile; yields the port."""
    door = socket.create_server(("127.0.0.1", 0))
    door.setblocking(False)
    port, stopped, ready = door.getsockname()[1], asyncio.Event(), asyncio.Event()
    serving = asyncio.create_task(serve(who, door, bounds, stopped, ready.set, **tls))
    try:
        async with asyncio.timeout(20):
            await ready.wait()
        yield port
    finally:
        stopped.set()
        await serving


async def ask(port: int, request: bytes = GET, tls: ssl.SSLContext | None = None) -> bytes:
    """Return what is answered until the connection is closed, or nothing more comes."""
    reading, writing = await asyncio.open_connection("127.0.0.1", port, ssl=tls)
    answer = b""
    with contextlib.suppress(TimeoutError, ConnectionError, asyncio.IncompleteReadError):
        writing.write(request)
        async with asyncio.timeout(2):
            answer = await reading.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: ([0-9]+)", answer)
            answer += await (reading.readexactly(int(length[1])) if length else reading.read())
    await hang_up(writing)
    return answer


async def test_it_answers_and_does_not_say_what_it_is() -> None:
    """No name, no version."""
    async with served(Bounds()) as port:
        answer = await ask(port)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"server:" not in answer.lower()
    assert answer.endswith(b"127.0.0.1")


async def test_who_asks_for_whom_is_believed_of_proxies_alone() -> None:
    """Else everybody could be anybody, and no lockout would hold."""
    forwarded = GET.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 9.9.9.9, 192.0.2.9\r\n\r\n")
    async with served(Bounds()) as port:
        assert (await ask(port, forwarded)).endswith(b"127.0.0.1")
    async with served(Bounds(proxies=(ip_network("127.0.0.0/8"),))) as port:
        assert (await ask(port, forwarded)).endswith(b"192.0.2.9")


async def test_a_head_that_does_not_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the first request, and of any after it; whoever asks in time is not."""
    monkeypatch.setattr(serving, "HEAD_S", 0.3)
    async with served(Bounds()) as port:
        reading, writing = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writing.write(GET)
            async with asyncio.timeout(5):
                assert (await reading.readuntil(b"127.0.0.1")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.2)
        writing.write(b"GET / HTTP/1.1\r\n")
        async with asyncio.timeout(5):
            assert await closed(reading)
        await hang_up(writing)
        reading, writing = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(5):
            assert await closed(reading)
        await hang_up(writing)


async def test_a_head_that_is_too_long_is_refused() -> None:
    """Before it is all there."""
    async with served(Bounds()) as port:
        answer = await ask(port, GET.replace(b"\r\n\r\n", b"\r\nX: " + b"x" * 70_000))
    assert b"200" not in answer.split(b"\r\n")[0]


async def test_one_address_holds_so_many_connections_and_no_more() -> None:
    """And gets another once it has given one up."""
    async with served(Bounds(peer_connections=1)) as port:
        _, writing = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.sleep(0.05)
        assert await ask(port) == b""
        await hang_up(writing)
        await asyncio.sleep(0.05)
        assert (await ask(port)).startswith(b"HTTP/1.1 200")


async def test_it_speaks_tls(tmp_path: Path) -> None:
    """With a certificate of one's own."""
    make_certificates(tmp_path)
    tls = {"certificate": tmp_path / "server.pem", "private_key": tmp_path / "server.key"}
    async with served(Bounds(), **tls) as port:
        trusts = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        assert (await ask(port, tls=trusts)).startswith(b"HTTP/1.1 200")


async def test_it_speaks_no_old_tls(tmp_path: Path) -> None:
    """Of 1.2, what is sealed and forward secret; of 1.1, nothing."""
    make_certificates(tmp_path)
    tls = {"certificate": tmp_path / "server.pem", "private_key": tmp_path / "server.key"}
    async with served(Bounds(), **tls) as port:
        for offered, is_spoken in (("ECDHE+AESGCM", True), ("ECDHE+AES+SHA1:AES+SHA1", False)):
            trusts = ssl.create_default_context(cafile=tmp_path / "ca.pem")
            trusts.maximum_version = ssl.TLSVersion.TLSv1_2
            trusts.set_ciphers(offered)
            try:
                assert (await ask(port, tls=trusts)).startswith(b"HTTP/1.1 200")
            except (ssl.SSLError, ConnectionError):
                assert not is_spoken
            else:
                assert is_spoken


def test_the_doorkeeper_counts() -> None:
    """Over all, and of each address; a proxy stands for many."""
    keeper = Doorkeeper(Bounds(3, 1, (ip_network("10.0.0.0/8"),)))
    assert keeper.enter("192.0.2.1")
    assert not keeper.enter("192.0.2.1")
    assert keeper.enter("10.0.0.1")
    assert keeper.enter("10.0.0.1")
    assert not keeper.enter("192.0.2.2")
    keeper.leave("10.0.0.1")
    assert keeper.enter("192.0.2.2")
    keeper.leave("192.0.2.1")
    assert "192.0.2.1" not in keeper.of_peers


def test_where_a_proxy_encrypts_nobody_goes_around_it() -> None:
    """But for this machine itself."""
    keeper = Doorkeeper(Bounds(proxies=(ip_network("10.0.0.1/32"),), proxies_only=True))
    assert keeper.enter("10.0.0.1")
    assert keeper.enter("127.0.0.1")
    assert keeper.enter("::1")
    assert not keeper.enter("10.0.0.2")
    assert not keeper.enter("fe80::1%eth0")


async def hang_up(writing: asyncio.StreamWriter) -> None:
    """Close a connection, whatever is left of it."""
    writing.close()
    with contextlib.suppress(ConnectionError):
        await writing.wait_closed()


async def closed(reading: asyncio.StreamReader) -> bool:
    """Tell that the connection was closed; waits for it."""
    try:
        return await reading.read(1) == b""
    except ConnectionError:
        return True
